"""What a submission's code may not reach for, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.running.closed import leaks

ROOT = Path(__file__).resolve().parents[2]


def found(folder: Path, code: str) -> list[str]:
    (folder / "system.py").write_text(code)
    return list(leaks(folder))


@pytest.mark.parametrize(
    ("code", "closed"),
    [
        ("import insuranceqa_data", "insuranceqa_data"),
        ("import benchmark\nbenchmark.tasks.registry.TASKS", "benchmark.tasks.registry.TASKS"),
        ("import benchmark as b\nb.tasks", "benchmark.tasks"),
        ("import benchmark.training\nbenchmark.tasks.registry", "benchmark.tasks.registry"),
        ("import benchmark\nb = benchmark\nb.scoring", "benchmark.scoring"),
        ("import benchmark\ngetattr(benchmark, 'running')", "benchmark.running"),
        ("import importlib\nimportlib.import_module('benchmark').tasks", "benchmark.tasks"),
        ("from importlib import import_module as load\nload('leaderboard')", "leaderboard"),
        ("from importlib import import_module\nimport_module('.tasks', 'benchmark')", "benchmark.tasks"),
        ("from importlib import import_module\nimport_module('.tasks', package='benchmark')", "benchmark.tasks"),
        ("from importlib.util import find_spec\nfind_spec('ir_datasets')", "ir_datasets"),
        ("__import__('ir_datasets')", "ir_datasets"),
        ("import sys\nsys.modules['benchmark.tasks.registry']", "benchmark.tasks.registry"),
        ("from benchmark.agreement import build", "benchmark.agreement.build"),
        ("from benchmark import commands", "benchmark.commands"),
        ("import benchmark.cli", "benchmark.cli"),
        ("from benchmark import HumanLabels", "HumanLabels"),
        ("def fit(view): return view.human_grades()", "human_grades"),
        ("def fit(view): return view._human()", "_human"),
        ("def fit(view): return view.dev.ndcg.__closure__", "__closure__"),
        ("def fit(view): return getattr(view.dev.ndcg, '__closure__')", "__closure__"),
        ("from operator import attrgetter\nattrgetter('dev.ndcg.__closure__')", "__closure__"),
        ("import inspect\ndef fit(view): return inspect.getclosurevars(view.dev.ndcg)", "getclosurevars"),
        ("import sys\ndef fit(view): return sys._getframe(3)", "_getframe"),
        ("def fit(view): return getattr(view, 'human_grades')()", "human_grades"),
        ("from benchmark.labels.llm.judgments import read_judgments", "read_judgments"),
        ("from benchmark.labels.clicks.simulate import Attraction", "benchmark.labels.clicks.simulate.Attraction"),
        ("from benchmark.labels.clicks import simulate", "benchmark.labels.clicks.simulate"),
        (
            "import benchmark.labels\nbenchmark.labels.clicks.simulate.noise",
            "benchmark.labels.clicks.simulate.noise",
        ),
    ],
)
def test_what_holds_grades_is_found_once(tmp_path: Path, code: str, closed: str) -> None:
    (told,) = found(tmp_path, code)
    line = len(code.splitlines())
    assert told.startswith(f"{tmp_path / 'system.py'}, line {line}: label leakage: {closed} is closed to systems; ")


@pytest.mark.parametrize(
    "code",
    [
        "places = {'leaderboard': 1, 'benchmark': 2}",
        "'''Nothing of benchmark.tasks. is used.'''",
        "from .leaderboard import top",
        "from . import ir_datasets",
        "from benchmark import ClickLabels, FeatureStore, softmax_loss",
        "import benchmark\nbenchmark.FeatureStore",
        "from benchmark.labels.clicks.propensities import all_pairs",
        "from benchmark.labels.clicks.models import dbn",
        "from benchmark.training.losses import softmax_loss\nfrom benchmark.errors import SystemFault",
        "tasks = [1]\nfor task in tasks: task.scoring = 1",
    ],
)
def test_what_only_looks_like_it_is_not(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code) == []


def test_no_baseline_but_those_that_say_so_reaches_for_grades() -> None:
    reaching = {told.split(",")[0] for told in leaks(ROOT / "baselines")}
    assert {Path(path).name for path in reaching} <= {"skyline_human.py", "probe_document_only.py", "probe_reversed.py"}
    assert list(leaks(ROOT / "submissions")) == []
