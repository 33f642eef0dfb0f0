"""What a submission's code may not reach for, found by reading it; reviewers read what a program cannot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import benchmark

_ELSEWHERE = {
    "insuranceqa_data": "the collection's own files hold test grades",
    "ir_datasets": "its qrels hold test grades",
    "leaderboard": "results are read by nobody who trains",
}
# Parts of `benchmark` that the public API is made of, or that hold no data; all others are closed.
_OPEN = frozenset({"__init__", "errors", "families", "files", "hashing", "labels", "names", "training"})
_REASONS = {
    "agreement": "it reads human grades",
    "running": "the scorer holds test grades",
    "scoring": "scoring is the benchmark's part",
    "statistics": "statistics are the benchmark's part",
    "tasks": "tasks hold test grades",
}
_WITHIN = {"benchmark.labels.clicks.simulate": "nobody who learns from clicks knows how they were made"}
_PARTS = frozenset(path.stem for path in Path(benchmark.__file__).parent.iterdir() if path.suffix in (".py", ""))
_NAMES = {
    **dict.fromkeys(("human_grades", "HumanLabels", "_human"), "human grades are for scoring"),
    "noting": "what a system reads is noted for it",
    **dict.fromkeys(("read_judgments", "judgments_named"), "judgments reach a system through its view"),
    **dict.fromkeys(
        ("__closure__", "__globals__", "cell_contents", "getclosurevars"),
        "what a function of the benchmark holds is its own",
    ),
    **dict.fromkeys(
        ("_getframe", "currentframe", "f_back", "f_locals", "get_objects", "get_referents", "get_referrers"),
        "what the process holds is the benchmark's",
    ),
}
_BY_TEXT = ("getattr", "attrgetter", "methodcaller")
_BY_NAME = ("import_module", "__import__", "find_spec")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def leaks(folder: Path) -> Iterator[str]:
    """One line for each place where a submission's code reaches for grades, or is not Python."""
    for path in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        except (SyntaxError, ValueError) as error:
            yield f"{path}: is not Python: {error}"
            continue
        for (line, reason), name in _reached(tree).items():
            yield f"{path}, line {line}: label leakage: {name} is closed to systems; {reason}"


def _reason(module: str) -> str:
    """Why a dotted name is closed to systems; empty where it is not."""
    top, _, rest = module.partition(".")
    part = rest.partition(".")[0]
    if top == "benchmark" and part in _PARTS - _OPEN:
        return _REASONS.get(part, "it is no part of what a system may use")
    within = (reason for closed, reason in _WITHIN.items() if f"{module}.".startswith(f"{closed}."))
    return next(within, _ELSEWHERE.get(top, ""))


def _reached(tree: ast.AST) -> dict[tuple[int, str], str]:
    """What is closed by line and reason, so that `benchmark.tasks.registry.TASKS` counts once."""
    modules = _imported(tree)
    found: dict[tuple[int, str], str] = {}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for name in _modules(node, modules):
            if reason := _reason(name):
                found.setdefault((line, reason), name)
        for name in _plain_names(node):
            if name in _NAMES:
                found.setdefault((line, _NAMES[name]), name)
    return found


def _modules(node: ast.AST, modules: dict[str, str]) -> Iterator[str]:
    """Dotted names of what a node imports or stands for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Attribute | ast.Call):
        yield _dotted(node, modules)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _DOTTED.fullmatch(node.value):
        yield node.value  # sys.modules["benchmark.tasks"]


def _plain_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.Call) and _last_name(node.func) in _BY_TEXT:
        return [name for text in map(_text, node.args) for name in text.split(".")]
    return [node.attr] if isinstance(node, ast.Attribute) else []


def _dotted(node: ast.AST, modules: dict[str, str]) -> str:
    """The dotted name that an expression stands for, where it begins at a module that the file imports; else empty."""
    if isinstance(node, ast.Name):
        return modules.get(node.id, "")
    if isinstance(node, ast.Attribute):
        above = _dotted(node.value, modules)
        return f"{above}.{node.attr}" if above else ""
    if not isinstance(node, ast.Call) or not node.args:
        return ""
    called = _dotted(node.func, modules) or _last_name(node.func)
    if called.rpartition(".")[2] in _BY_NAME:
        return _by_name(node)
    if called == "getattr" and len(node.args) > 1 and (name := _text(node.args[1])):
        above = _dotted(node.args[0], modules)
        return f"{above}.{name}" if above else ""
    return ""


def _by_name(call: ast.Call) -> str:
    """The module that a call imports by its name; empty where that is not written out."""
    name = _text(call.args[0])
    package = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "package")]
    return f"{_text(package[0])}.{name.lstrip('.')}" if name.startswith(".") and package else name


def _last_name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _imported(tree: ast.AST) -> dict[str, str]:
    """The names by which a file knows modules, and what is assigned from them, with what they stand for."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                modules |= {alias.asname: alias.name} if alias.asname else {top: top}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (told := _dotted(node.value, modules)):
            modules |= {target.id: told for target in node.targets if isinstance(target, ast.Name)}
    return modules
