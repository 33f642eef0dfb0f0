# Two commands on a fresh machine with Python 3.11: `make bench` and `make test`.
PYTHON ?= python3.11
BIN := .venv/bin
ONE_THREAD := OMP_NUM_THREADS=1 TZ=UTC HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false

.PHONY: bench test lint slow setup clean

bench: .venv/installed ## set up, run everything on the embedded task, write the leaderboard
	$(ONE_THREAD) $(BIN)/click-or-llm run
	$(BIN)/click-or-llm leaderboard --readme README.md

test: .venv/installed-dev ## set up, lint, check types, run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(ONE_THREAD) $(BIN)/pytest -n 2

slow: .venv/installed-annotate ## tests with real models
	$(ONE_THREAD) $(BIN)/pytest -m slow

setup: .venv/installed

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[insuranceqa]'
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --editable '.[insuranceqa,dev]'
	touch $@

.venv/installed-annotate: .venv/installed-dev
	$(BIN)/python -m pip install --quiet --editable '.[insuranceqa,dev,annotate]'
	touch $@

clean:
	rm -rf .venv build *.egg-info
