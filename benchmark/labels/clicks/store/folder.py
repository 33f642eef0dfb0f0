"""A folder that is there whole or not at all."""

from __future__ import annotations

import glob
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
    process is writing it already. What a killed process had begun is removed, and the store that it was about to
    replace is put back.
    """
    target = target.absolute()
    partial = target.with_name(f".{target.name}.{os.getpid()}{SUFFIX}")
    if partial in _OPEN:
        raise DataError(f"{target}: is being written already; wait for the other writer or choose another folder")
    try:
        _settle_abandoned(target)
        _check_target(target, overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror}); choose another folder") from error
    _OPEN.add(partial)
    try:
        yield partial
        _check_target(target, overwrite)  # somebody may have made it since
        if target.exists():
            _replace(target, partial)
        else:
            partial.rename(target)
    finally:
        _OPEN.discard(partial)
        shutil.rmtree(partial, ignore_errors=True)


def _replace(target: Path, partial: Path) -> None:
    """Put `partial` where `target` is; whatever stops it, one of the two is there."""
    old = target.with_name(f".{target.name}.old.{os.getpid()}{SUFFIX}")
    try:
        target.rename(old)
        partial.rename(target)
    finally:
        if os.path.lexists(target):
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)


def _check_target(target: Path, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not overwrite:
        raise DataError(f"{target}: exists already; choose another folder or remove it first")
    if not (target / "log.json").is_file():
        raise DataError(f"{target}: is not a click log store and is not overwritten; choose another folder")


def _settle_abandoned(target: Path) -> None:
    """Remove what processes that no longer live left beside `target`; a store that they had moved aside comes back."""
    for folder in target.parent.glob(f".{glob.escape(target.name)}.*{SUFFIX}"):
        owner = folder.name.removeprefix(f".{target.name}.").removesuffix(SUFFIX)
        replaced, owner = owner.startswith("old."), owner.removeprefix("old.")
        ours = str(os.getpid())  # that number, here, is of an earlier process: this one has not begun
        if not owner.isdecimal() or (owner != ours and _lives(int(owner))):
            continue
        if replaced and (folder / "log.json").is_file() and not os.path.lexists(target):
            folder.rename(target)
        else:
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
