"""A submission's import of a file of its own that lacks the dot."""

from __future__ import annotations

import ast
from pathlib import Path


def with_a_dot(folder: Path, module: str) -> str:
    """The import as it has to be written where `module`, which was not found, is a file or folder of the submission.

    Empty where it is neither.
    """
    top = module.partition(".")[0]
    if not ((folder / f"{top}.py").is_file() or (folder / top).is_dir()):
        return ""
    for path in sorted(folder.rglob("*.py")):
        try:
            nodes = list(ast.walk(ast.parse(path.read_bytes())))
        except SyntaxError:
            continue  # another file than the one that was running
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and not node.level and f"{node.module}.".startswith(f"{top}."):
                return f"from .{node.module} import {', '.join(map(ast.unparse, node.names))}"
    return f"from . import {top}"
