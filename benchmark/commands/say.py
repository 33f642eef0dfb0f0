"""One line for people on a console."""

from __future__ import annotations

from rich.console import Console


def say(console: Console, told: str) -> None:
    """The line as it stands: a path or the name of a model may hold brackets, and it may be longer than the console."""
    console.print(told, highlight=False, markup=False, soft_wrap=True)
