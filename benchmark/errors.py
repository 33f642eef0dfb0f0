"""Errors a user can act on: the command line prints each as one line and exits with 2."""

from __future__ import annotations


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
