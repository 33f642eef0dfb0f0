"""A cell: one system on one task with one seed, where its files lie, and whether they are there and whole."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import RecordError
from benchmark.families import Family
from benchmark.hashing import sha256_file
from benchmark.running.record import SCHEMA_VERSION, Record, read_record

if TYPE_CHECKING:
    from benchmark.training.system import System

SEEDS = (0, 1, 2, 3, 4)
_ROOT = Path(__file__).parent.parent
# What a number depends on: code that only arranges, shows or checks is left out.
_CODE = ("tasks", "labels", "training", "scoring", "hashing.py", "running/fit.py", "running/score.py")


@dataclass(frozen=True)
class Cell:
    """What is to be run; the same identity means the same numbers on the same machine."""

    system: str
    family: Family
    description: str
    cite: str
    source: str
    task: str
    track: str
    seed: int
    share: float
    identity: str
    submission: str = ""

    def path(self, results: Path) -> Path:
        """Where its record lies; the other files lie beside it."""
        return results / self.task / self.system / f"{self.seed}.json"

    def done(self, results: Path) -> bool:
        """Whether a record of this identity is there with all its files as it describes them."""
        path = self.path(results)
        if not path.is_file():
            return False
        try:
            record = read_record(path)
        except RecordError:
            return False
        return record.identity == self.identity and files_whole(path, record)


def files_whole(path: Path, record: Record) -> bool:
    """Whether every file that a record names lies beside it with the SHA-256 that it gives."""
    return all(
        (path.parent / name).is_file() and sha256_file(path.parent / name) == sha for name, sha in record.files.items()
    )


def make_cell(cls: type[System], task: str, manifest: str, seed: int, share: float, submission: str = "") -> Cell:
    """The cell of a system class; its identity hashes configuration, code, data manifest and seed."""
    source = Path(inspect.getfile(cls))
    told = {
        "schema": SCHEMA_VERSION,
        "system": cls.name,
        "parameters": {name: repr(value) for name, value in asdict(cls()).items()},  # type: ignore[call-overload]
        "system_code": _folder_hash(source.parent),
        "suite_code": _suite_hash(),
        "task": task,
        "manifest": manifest,
        "seed": seed,
        "share": share,
    }
    identity = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return Cell(
        system=cls.name,
        family=cls.family,
        description=cls.describe(),
        cite=cls.cite,
        source=_relative(source),
        task=task,
        track="features",
        seed=seed,
        share=share,
        identity=identity,
        submission=submission,
    )


def _relative(source: Path) -> str:
    """A path inside the repository, or a file name when the system comes from elsewhere."""
    root = _ROOT.parent
    return source.relative_to(root).as_posix() if source.is_relative_to(root) else source.name


@lru_cache(maxsize=1)
def _suite_hash() -> str:
    paths = sorted(path for name in _CODE for path in _sources(_ROOT / name))
    return _hash(paths, _ROOT)


@lru_cache(maxsize=64)
def _folder_hash(folder: Path) -> str:
    """A system may import its neighbours, so the code of its whole folder counts."""
    return _hash(sorted(_sources(folder)), folder)


def _sources(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [found for found in path.rglob("*") if found.suffix in (".py", ".toml") and "__pycache__" not in found.parts]


def _hash(paths: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256_file(path)}\n".encode())
    return digest.hexdigest()
