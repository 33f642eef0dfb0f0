"""An installed package that declares systems and is not this repository's: its files, and what it is called."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path

GROUP = "click_or_llm.systems"
"""The entry points by which a package declares its systems."""


@dataclass(frozen=True)
class PlugIn:
    """The files of a package, or of a module that is in none; `root` is the folder that it lies in.

    `distribution`: name and version of what was installed.
    """

    root: Path
    files: tuple[Path, ...]
    distribution: tuple[str, str] | None


@lru_cache(maxsize=64)
def plug_in_of(module: str, repository: Path) -> PlugIn | None:
    """The package at the top of a module's name; None where the repository holds it, or no file does."""
    top = module.partition(".")[0]
    file = getattr(sys.modules.get(top), "__file__", None)
    if file is None or Path(file).is_relative_to(repository):
        return None
    path = Path(file)
    files = sources(path.parent) if path.name == "__init__.py" else [path]
    root = path.parent.parent if path.name == "__init__.py" else path.parent
    return PlugIn(root, tuple(files), _distribution(top))


def _distribution(top: str) -> tuple[str, str] | None:
    for entry in entry_points(group=GROUP):
        if entry.module.partition(".")[0] == top and entry.dist is not None:
            return entry.dist.name, entry.dist.version
    return None


def sources(folder: Path) -> list[Path]:
    """All files below a folder but compiled ones."""
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
