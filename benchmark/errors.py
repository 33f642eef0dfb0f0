"""Errors a user can act on: the command line prints each as one line and exits with 2."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BenchmarkError(Exception):
    """What is wrong, where, and what to do, in one line."""


class Interrupted(BenchmarkError):
    """The user stopped long work; what was finished is kept. Exit code 130."""


class DataError(BenchmarkError):
    """A collection, manifest or shipped file is missing, damaged or not the published one."""


class SystemFault(BenchmarkError):
    """A system broke the rules of the benchmark: what it asked for or what it returned."""


class RecordError(BenchmarkError):
    """A record or run file cannot be trusted."""


class ConfigurationError(BenchmarkError):
    """The command was asked for something that does not exist or cannot be done."""


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The end of a message about a name that is not among the known ones: the one that was meant, it seems.

    Where none is near, `otherwise`, or all of them.
    """
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else otherwise or f"known: {', '.join(names) or 'none'}"
