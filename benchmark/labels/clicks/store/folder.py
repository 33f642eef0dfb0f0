"""A folder that is there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.errors import DataError
from benchmark.files import SUFFIX

_OPEN: set[Path] = set()


@contextmanager
def whole_folder(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """A new folder beside `target` that takes its name when the block ends well, and is removed otherwise.

    Raises `DataError` when `target` exists (unless `overwrite`, which replaces a store and nothing else) or when this
    process is writing it already. What a killed process had begun is removed.
    """
    target = target.absolute()
    _check_target(target, overwrite)
    partial = target.with_name(f".{target.name}.{os.getpid()}{SUFFIX}")
    if partial in _OPEN:
        raise DataError(f"{target}: is being written already; wait for the other writer or choose another folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror}); choose another folder") from error
    _OPEN.add(partial)
    try:
        yield partial
        _check_target(target, overwrite)  # somebody may have made it since
        if target.exists():
            old = target.with_name(f".{target.name}.old.{os.getpid()}{SUFFIX}")
            target.rename(old)
            partial.rename(target)
            shutil.rmtree(old)
        else:
            partial.rename(target)
    finally:
        _OPEN.discard(partial)
        shutil.rmtree(partial, ignore_errors=True)


def _check_target(target: Path, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not overwrite:
        raise DataError(f"{target}: exists already; choose another folder or remove it first")
    if not (target / "log.json").is_file():
        raise DataError(f"{target}: is not a click log store and is not overwritten; choose another folder")


def _remove_abandoned(target: Path) -> None:
    """Remove partial folders of processes that no longer live."""
    for folder in target.parent.glob(f".{target.name}.*{SUFFIX}"):
        owner = folder.name.removesuffix(SUFFIX).rpartition(".")[2]
        if owner.isdecimal() and not _lives(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is not a question
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
