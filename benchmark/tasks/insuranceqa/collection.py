"""Reads the installed `insuranceqa_data` 1.0 package: real questions, expert answers and their relevance.

The package is data with a licence of its own (its metadata says GPL-3.0). It is read where it was installed; none of
its text is copied into this repository, and its module is never imported (importing it changes `sys.path`).
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmark.errors import DataError
from benchmark.tasks.manifest import verify

PACKAGE = "insuranceqa_data"
INSTALL = "python -m pip install 'insuranceqa_data==1.0'"
REINSTALL = f"reinstall: {INSTALL} --force-reinstall"
PARTS = ("train", "valid", "test")


@dataclass(frozen=True)
class Collection:
    """Text by qid and docno, and the docnos that an expert gave as answers to each question."""

    questions: Mapping[str, str]
    answers: Mapping[str, str]
    relevant: Mapping[str, tuple[str, ...]]


def package_folder() -> Path:
    """Where `insuranceqa_data` is installed; raises `DataError` when it is not."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"task insuranceqa: package {PACKAGE} is not installed; run: {INSTALL}")
    return Path(next(iter(spec.submodule_search_locations)))


def read_collection(folder: Path, sha256: Mapping[str, str]) -> Collection:
    """Read the package's files under `folder` after comparing each with its SHA-256 (`DataError` if one differs).

    A qid is `<part>-<number>` (the package numbers each part from 0), a docno is the package's own number. Runs of
    spaces are collapsed: the package doubles them inside questions.
    """
    verify(folder, sha256, REINSTALL)
    return _parse(folder)


def _parse(folder: Path) -> Collection:
    answers = {docno: _clean(row["en"]) for docno, row in _load(folder / "answers.json.gz").items()}
    questions: dict[str, str] = {}
    relevant: dict[str, tuple[str, ...]] = {}
    for part in PARTS:
        for number, row in _load(folder / f"{part}.json.gz").items():
            qid = f"{part}-{number}"
            questions[qid] = _clean(row["en"])
            relevant[qid] = tuple(row["answers"])
    return Collection(questions, answers, relevant)


def _load(path: Path) -> dict[str, dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            loaded: dict[str, dict[str, Any]] = json.load(handle)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error}); {REINSTALL}") from error
    return loaded


def _clean(text: str) -> str:
    return " ".join(text.split())
