"""A cell: one system on one task with one seed, where its files lie, and whether they are there and whole."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import ConfigurationError, RecordError
from benchmark.families import SEES_JUDGMENTS, Family
from benchmark.hashing import sha256_file
from benchmark.running.closure import closure
from benchmark.running.plain_text import plain_texts
from benchmark.running.plug_in import plug_in_of, sources
from benchmark.running.record import SCHEMA_VERSION, read_record

if TYPE_CHECKING:
    from benchmark.training.system import System

SEEDS = (0, 1, 2, 3, 4)
_ROOT = Path(__file__).parent.parent
# What fits and scores every cell; a system adds what it imports.
_CODE = ("running/fit.py", "running/score.py", "tasks/insuranceqa/load.py")
_CODE_OF_JUDGMENTS = "tasks/insuranceqa/shipped.py"


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
    package: tuple[str, str] | None = None
    """Name and version of the distribution that the system comes from; of the benchmark's own, None."""

    def path(self, results: Path) -> Path:
        """Where its record lies; the other files lie beside it."""
        return results / self.task / self.system / f"{self.seed}.json"

    def lack(self, results: Path) -> str:
        """Why it is to be run; empty if a record of this identity is there with all its files as it describes them.

        Raises `ConfigurationError` for a part of the task that would replace the whole, and for a record of another
        submission, or of none, that has the same name.
        """
        path = self.path(results)
        if not path.is_file():
            return "no record"
        try:
            record = read_record(path)
        except RecordError:
            return "a record that cannot be read"
        if self.share < 1 == record.share:
            raise ConfigurationError(
                f"share {self.share:g}: {path} is of the whole task; name another folder: --results tried"
            )
        if Path(record.submission).name != Path(self.submission).name:
            whose = f"the submission {record.submission}" if record.submission else f"{record.source}, no submission"
            raise ConfigurationError(
                f"system {self.system}: {path} is of {whose}; name the system, or the folder (--results), otherwise"
            )
        if record.identity != self.identity:
            return "a record of other code or data"
        for name, sha in record.files.items():
            beside = path.parent / name
            if not beside.is_file():
                return f"a record without its {name.partition('.')[2]}"
            if sha256_file(beside) != sha:
                return f"a record whose {name.partition('.')[2]} is damaged"
        if not path.with_suffix(".ir-metadata.yml").is_file():
            return "a record without its ir-metadata.yml"
        return ""


def data_seen(cls: type[System], manifest: str, judgments: str) -> tuple[str, ...]:
    """Hashes of the data of a task that a system's family can see."""
    return (manifest, judgments) if cls.family in SEES_JUDGMENTS else (manifest,)


def make_cell(
    cls: type[System], task: str, data: tuple[str, ...], seed: int, share: float, submission: str = ""
) -> Cell:
    """The cell of a system class; its identity hashes configuration, code, data and seed.

    `data`: hashes of all data that the system can see (see `data_seen`). Code is what the system and the fitting and
    scoring of it can reach by import (see `closure`); of a submission, its whole folder too, and of another package
    that is installed, all its files.
    """
    source = Path(inspect.getfile(cls))
    plug_in = None if submission else plug_in_of(cls.__module__, _ROOT.parent)
    if plug_in:
        own_code = _hash(sorted(plug_in.files), plug_in.root)
    else:
        own_code = _folder_hash(source.parent) if submission else ""
    told = {
        "schema": SCHEMA_VERSION,
        "system": cls.name,
        "parameters": {name: repr(value) for name, value in asdict(cls()).items()},  # type: ignore[call-overload]
        "system_code": own_code,
        "code": _code_hash(source, cls.family in SEES_JUDGMENTS),
        "task": task,
        "data": data,
        "seed": seed,
        "share": float(share),
    }
    identity = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    name, description, cite = plain_texts([cls.name, cls.describe(), cls.cite], f"system {cls.name}")
    return Cell(
        system=name,
        family=cls.family,
        description=description,
        cite=cite,
        source=_relative(source),
        task=task,
        track="features",
        seed=seed,
        share=share,
        identity=identity,
        submission=submission,
        package=plug_in.distribution if plug_in else None,
    )


def _relative(source: Path) -> str:
    """A path inside the repository, or a file name when the system comes from elsewhere."""
    root = _ROOT.parent
    return source.relative_to(root).as_posix() if source.is_relative_to(root) else source.name


@lru_cache(maxsize=256)
def _code_hash(source: Path, sees_judgments: bool) -> str:
    """Of every module of this repository that the system at `source`, the fitting and the scoring can reach."""
    names = (*_CODE, _CODE_OF_JUDGMENTS) if sees_judgments else _CODE
    return _hash(sorted(closure([source, *(_ROOT / name for name in names)], _ROOT.parent)), _ROOT.parent)


@lru_cache(maxsize=64)
def _folder_hash(folder: Path) -> str:
    """A submission's files are its own: any of them may be read."""
    return _hash(sorted(sources(folder)), folder)


def _hash(paths: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        digest.update(f"{name}\0{_file_hash(path)}\n".encode())
    return digest.hexdigest()


_file_hash = lru_cache(maxsize=4096)(sha256_file)
