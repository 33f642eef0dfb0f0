# Two commands on a fresh machine with Python 3.11: `make bench` and `make test`.
PYTHON ?= python3.11
BIN := .venv/bin
ONE_THREAD := OMP_NUM_THREADS=1 TZ=UTC HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false

.PHONY: bench test slow robustness recovery bench-annotate bench-endpoint bench-clicks bench-log setup clean

bench: .venv/installed ## set up, run everything on the embedded task, write the leaderboard
	$(ONE_THREAD) $(BIN)/click-or-llm run
	$(BIN)/click-or-llm leaderboard --readme README.md

test: .venv/installed-dev ## set up, lint, check types, run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(ONE_THREAD) $(BIN)/pytest -n 2 --dist worksteal

robustness: .venv/installed ## every click system under every simulated user; writes the robustness page
	$(ONE_THREAD) $(BIN)/click-or-llm robustness

recovery: .venv/installed ## how the error of each click model shrinks as its own simulated log grows
	$(BIN)/python tests/speed/recovery.py

bench-annotate: .venv/installed-annotate ## a local judge against the obvious loop, in turn, on this machine
	$(BIN)/python tests/speed/bench_annotate.py

bench-endpoint: .venv/installed-annotate ## a judge behind an endpoint against a plain load script, in turn
	$(BIN)/python tests/speed/bench_endpoint.py

bench-clicks: .venv/installed .venv-clax/installed ## our click models against CLAX, in turn, on this machine
	$(BIN)/python tests/speed/bench_clicks.py

bench-log: .venv/installed ## 1, 10 and 100 million impressions: streamed to disk, counted, fitted
	$(BIN)/python tests/speed/bench_log.py

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

.venv-clax/installed: # an environment of its own: CLAX needs another jax than anything else would choose
	$(PYTHON) -m venv .venv-clax
	.venv-clax/bin/python -m pip install --quiet 'clax-models==0.1.1' 'jax==0.7.2' 'torch==2.13.0' # this torch is a CPU build
	touch $@

clean:
	rm -rf .venv .venv-clax build *.egg-info
