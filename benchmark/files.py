"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmark.errors import ConfigurationError

SUFFIX = ".partial"


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write a file through a temporary one beside it: whoever reads sees the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=SUFFIX, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data.encode("utf-8") if isinstance(data, str) else data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_writable(path: Path) -> None:
    """Raise `ConfigurationError` where `path` could not be written: before long work, not after it."""
    there = next((folder for folder in path.absolute().parents if folder.exists()), path)
    if path.is_dir() or not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "is a folder" if path.is_dir() else f"{there} is no folder that can be written to"
        raise ConfigurationError(f"{path}: {why}; name another place")


def remove_partial(folder: Path) -> None:
    """Remove what a killed process had begun to write below `folder`."""
    for path in folder.rglob(f".*{SUFFIX}"):
        path.unlink(missing_ok=True)
