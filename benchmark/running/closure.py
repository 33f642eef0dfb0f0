"""Which files of the repository a module can reach by import: what its results depend on.

Found by reading, not by running: every `import` in a file counts, also inside functions, with the `__init__` of each
package on the way. Three exceptions, each for a reason:

- Under `if TYPE_CHECKING` nothing is imported at run time.
- `from benchmark import Name` loads one module by a table (`benchmark/__init__.pyi`), not all of them; that module
  counts, so the table itself need not. After `import benchmark`, which `import benchmark.errors` also is, or `from
  benchmark import *` it may be any of them: all count.
- A file that imports modules by a name made at run time (`import_module` of anything but a plain string) can reach its
  whole package. The `__init__` of the baselines does so to declare every system; what a system computes does not
  depend on what else is declared, so there it does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import benchmark

_DECLARES = "baselines"
_TABLE = "benchmark/__init__.py"


def _homes() -> dict[str, str]:
    """The module that each name of `benchmark` is defined in."""
    stub = ast.parse(Path(benchmark.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    found = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: f"benchmark.{node.module}" for node in found for alias in node.names}


HOMES = _homes()
_API = sorted(set(HOMES.values()))


def closure(starts: Sequence[Path], root: Path) -> frozenset[Path]:
    """The files that `starts` can reach, and themselves; `root` is the folder that the packages lie in.

    Of packages elsewhere nothing is followed: their versions are in the record.
    """
    found: set[Path] = set()
    waiting = list(starts)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_reached(path, root))
    return frozenset(found - {root / _TABLE})


@lru_cache(maxsize=4096)
def _reached(path: Path, root: Path) -> tuple[Path, ...]:
    """The files that one file imports."""
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except SyntaxError:
        return ()  # it cannot run, and says so when it is loaded
    package = ".".join(path.relative_to(root).parent.parts) if path.is_relative_to(root) else ""
    files: list[Path] = []
    for name in _names(tree, package):
        files.extend(_files(name, root))
    if _imports_by_name(tree) and path != root / _DECLARES / "__init__.py":
        files.extend(path.parent.rglob("*.py"))
    return tuple(dict.fromkeys(files))


def _names(tree: ast.AST, package: str) -> Iterator[str]:
    """Dotted names that a file imports; of `from a import b` both `a` and `a.b`, which may be a module."""
    for node in _running(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
                if alias.name == "benchmark" or (alias.name.startswith("benchmark.") and alias.asname is None):
                    yield from _API
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module == "benchmark":
                for alias in node.names:
                    yield from _API if alias.name == "*" else [HOMES.get(alias.name, f"benchmark.{alias.name}")]
            else:
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)
        elif _imports_module(node) and isinstance(node, ast.Call):
            told = node.args[0] if node.args else None
            if isinstance(told, ast.Constant) and isinstance(told.value, str):
                yield from [told.value, *(_API if told.value == "benchmark" else [])]


def _files(name: str, root: Path) -> Iterator[Path]:
    """The file of a module and of every package above it, as far as they lie under `root`."""
    parts = name.split(".")
    for size in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:size])
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path


def _imports_by_name(tree: ast.AST) -> bool:
    """Whether a module is imported by a name that is not written out."""
    calls = (node for node in _running(tree) if isinstance(node, ast.Call) and _imports_module(node))
    return any(not (call.args and isinstance(call.args[0], ast.Constant)) for call in calls)


def _imports_module(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    return name in ("import_module", "__import__")


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))
