"""The names that the submissions beside one have given to their systems."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def taken(folder: Path) -> Iterator[str]:
    """One line for each system whose name a folder beside this one declares, too; found by reading, none is run."""
    own = folder.resolve()
    named = _named(folder)
    for other in sorted(own.parent.glob("*/system.py")) if named else ():
        if other.parent != own:
            for name in sorted(named.keys() & _named(other.parent).keys()):
                beside = folder.parent / other.parent.name
                yield f"{named[name]}: system {name}: the name is taken by {beside}; choose another"


def _named(folder: Path) -> dict[str, str]:
    """The name of each system that a folder declares, and where: file and line."""
    return {
        name: f"{path}, line {line}" for path in sorted(folder.rglob("*.py")) for name, line in _named_in(path).items()
    }


def _named_in(path: Path) -> dict[str, int]:
    """The first argument of each `@system(...)` in a file, and its line."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return {}  # which is told where the file is loaded
    calls = (
        call
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for call in node.decorator_list
        if isinstance(call, ast.Call) and call.args
    )
    return {
        call.args[0].value: call.lineno
        for call in calls
        if (getattr(call.func, "id", "") or getattr(call.func, "attr", "")) == "system"
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }
