"""What a cell's identity depends on: the code that it can reach, and the data that its family may see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import SystemFault
from benchmark.families import FAMILIES
from benchmark.running import cell
from benchmark.running.closure import closure
from benchmark.running.fit import training_view
from benchmark.running.plan import make_plan
from benchmark.running.registry import load_systems
from benchmark.tasks.task import Grades, Task

ROOT = Path(__file__).resolve().parents[2]
STARTS = [ROOT / "benchmark" / name for name in cell._CODE]
JUDGMENTS = ROOT / "benchmark" / cell._CODE_OF_JUDGMENTS


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for folder in {path.parent for path in root.rglob("*.py")} - {root}:
        (folder / "__init__.py").touch()


def reached(root: Path, start: str) -> set[str]:
    return {path.relative_to(root).as_posix() for path in closure([root / start], root)} - {start}


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("import a.one", {"a/__init__.py", "a/one.py"}),
        ("from a import one", {"a/__init__.py", "a/one.py"}),
        ("from a.one import name", {"a/__init__.py", "a/one.py"}),
        ("def late():\n    from a import two", {"a/__init__.py", "a/two.py", "a/one.py"}),
        ("from importlib import import_module\nimport_module('a.one')", {"a/__init__.py", "a/one.py"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a.one", set()),
        ("import numpy", set()),
        ("this is no Python", set()),
    ],
)
def test_every_import_counts_that_can_run(tmp_path: Path, text: str, files: set[str]) -> None:
    write(tmp_path, start=text, a__one="x = 1", a__two="from . import one", a__three="import a.two")
    assert reached(tmp_path, "start.py") == files


def test_imports_by_a_name_made_at_run_time_reach_the_package(tmp_path: Path) -> None:
    text = "from importlib import import_module\ndef of(name): return import_module(f'a.{name}')"
    write(tmp_path, start="import a.registry", a__registry=text, a__one="", a__b__two="")
    assert {"a/one.py", "a/b/two.py"} <= reached(tmp_path, "start.py")


def test_a_name_of_the_benchmark_is_one_module() -> None:
    ips = {path.relative_to(ROOT).as_posix() for path in closure([ROOT / "baselines/clicks_ips_listwise.py"], ROOT)}
    assert "benchmark/training/clicks/ips.py" in ips
    assert "benchmark/training/clicks/two_tower.py" not in ips
    assert "benchmark/__init__.py" not in ips
    assert not any(name.startswith("baselines/llm") for name in ips)


@pytest.mark.parametrize(
    "text",
    [
        "import benchmark\n",
        "import benchmark as b\n",
        "import benchmark.errors\n",
        "from benchmark import *\n",
        "from importlib import import_module\nb = import_module('benchmark')\n",
    ],
)
def test_the_benchmark_as_a_whole_is_all_that_it_offers(tmp_path: Path, text: str) -> None:
    (tmp_path / "system.py").write_text(text)
    names = ("labels/clicks/labels.py", "labels/llm/labeller.py", "training/losses.py", "training/view.py")
    assert {ROOT / "benchmark" / name for name in names} <= closure([tmp_path / "system.py"], ROOT)


@pytest.mark.parametrize("system", ["clicks-lightgbm", "fusion-rrf"])
def test_everything_that_a_cell_really_imports_is_in_its_closure(system: str, tmp_path: Path) -> None:
    """A fiftieth of the task, in a process that declares no other system: every module imported is counted."""
    module = system.replace("-", "_")
    program = f"""
import importlib, json, sys, types
alone = types.ModuleType("baselines")
alone.__path__ = ["baselines"]
sys.modules["baselines"] = alone
importlib.import_module("baselines.{module}")
from benchmark.families import SEES_JUDGMENTS
from benchmark.running.fit import fit_and_rank, training_view
from dataclasses import replace
from benchmark.tasks.insuranceqa.load import load
from benchmark.training.system import SYSTEMS
cls = SYSTEMS[{system!r}]
task, grades = load()
if cls.family in SEES_JUDGMENTS:
    from benchmark.tasks.insuranceqa.shipped import judgments
    task = replace(task, judgments=judgments())
task = task.taking(0.02)
taught = task.questions.where(task.questions.split != "test")
view = training_view(task, grades.only(taught.qids), cls.family, 0)
fit_and_rank(cls, view, task.test(), dict(task.question_text))
files = [getattr(module, "__file__", None) for name, module in sys.modules.items()
         if name.split(".")[0] in ("benchmark", "baselines")]
print(json.dumps([file for file in files if file]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {Path(file) for file in json.loads(done.stdout.splitlines()[-1])}
    starts = [*STARTS, JUDGMENTS] if system.startswith("fusion") else STARTS
    counted = closure([ROOT / f"baselines/{module}.py", *starts], ROOT)
    assert len(loaded) > 30
    missed = loaded - counted - {ROOT / "benchmark/__init__.py"}
    assert not missed, sorted(path.as_posix() for path in missed)


def test_the_identity_changes_with_what_the_system_can_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systems = load_systems()

    def identities() -> dict[str, str]:
        return {
            name: cell.make_cell(systems[name], "task", ("data",), 0, 1.0).identity
            for name in ("clicks-two-tower", "clicks-ips-listwise", "llm-pointwise")
        }

    before = identities()
    real = cell._file_hash
    edited = ROOT / "benchmark/training/clicks/two_tower.py"
    monkeypatch.setattr(cell, "_file_hash", lambda path: "edited" if path == edited else real(path))
    cell._code_hash.cache_clear()
    after = identities()
    cell._code_hash.cache_clear()
    assert before["clicks-two-tower"] != after["clicks-two-tower"]
    assert before["clicks-ips-listwise"] == after["clicks-ips-listwise"]
    assert before["llm-pointwise"] == after["llm-pointwise"]


def test_a_share_is_the_same_as_a_whole_number() -> None:
    """`robustness` and `run` give the whole task as 1 and 1.0; either has to know the records of the other."""
    cls = load_systems()["bm25"]
    assert cell.make_cell(cls, "t", ("d",), 0, 1).identity == cell.make_cell(cls, "t", ("d",), 0, 1.0).identity


def test_what_is_said_of_scores_makes_no_system_run_again() -> None:
    starts = [Path(sys.modules[cls.__module__].__file__ or "") for cls in load_systems().values()]
    folders = {path.relative_to(ROOT).parts[1] for path in closure([*starts, *STARTS, JUDGMENTS], ROOT)}
    assert {"scoring", "training"} <= folders
    assert not folders & {"statistics", "agreement", "commands"}


def test_how_judgments_are_made_makes_no_system_run_again() -> None:
    starts = [Path(sys.modules[cls.__module__].__file__ or "") for cls in load_systems().values()]
    llm = ROOT / "benchmark/labels/llm"
    reached = closure([*starts, *STARTS, JUDGMENTS], ROOT)
    assert not {path for path in reached if llm / "methods" in path.parents}
    assert {path.name for path in reached if llm / "judges" in path.parents} == {"__init__.py", "model.py"}


def test_new_judgments_run_only_the_systems_again_that_may_see_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def identities() -> dict[str, str]:
        names = ("bm25", "clicks-naive", "llm-pointwise", "fusion-rrf")
        return {one.system: one.identity for one in make_plan(tmp_path, systems=names, seeds=[0]).todo["insuranceqa"]}

    before = identities()
    monkeypatch.setattr("benchmark.tasks.insuranceqa.shipped.judgments_sha256", lambda: "new")
    after = identities()
    assert {name for name in before if before[name] != after[name]} == {"llm-pointwise", "fusion-rrf"}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_sees_what_it_declares(family: str, small: Task, taught: Grades) -> None:
    view = training_view(small, taught, family, 0)
    if family in ("clicks", "fusion", "skyline", "probe"):
        assert len(view.log)
    else:
        with pytest.raises(SystemFault, match="may not learn from clicks; declare family clicks or fusion"):
            _ = view.log
    if family in ("llm", "fusion", "skyline", "probe"):
        assert view.judgments
    else:
        with pytest.raises(SystemFault, match="may not learn from LLM judgments"):
            _ = view.judgments
    assert np.isfinite(view.frequency).all()
