"""`click-or-llm` called in the process of a test, as a shell calls it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmark.cli import main


class Ended(NamedTuple):
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """Everything that was printed, with single spaces, however wide the terminal is."""
        return " ".join((self.out + self.err).split())

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


class CommandLine:
    """Calls a command with its arguments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: str | Path) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["click-or-llm", *map(str, arguments)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as exited:
            main()
        return Ended(int(exited.value.code or 0), *self._capsys.readouterr())
