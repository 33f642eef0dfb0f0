"""What a system does to the task that it is shown, or leaves behind, reaches no other cell."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import dying
import numpy as np
import pytest
from command_line import CommandLine
from test_commands import submission

from benchmark.errors import SystemFault
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.running import engine
from benchmark.running.experiment import open_experiment
from benchmark.running.own_copy import own_copy
from benchmark.running.plan import make_plan
from benchmark.running.workers import Workers
from benchmark.tasks.task import Grades, Task
from benchmark.training.system import System


class Vandal(System):
    """Edits all that it is shown."""

    name, family = "vandal", "fusion"

    def fit(self, view):
        from benchmark import PairScorer

        view.features.scalars[:] = 0
        view.document_text.clear()
        for one in view.judgments.values():
            one.table["probability"] = 0.5
        return PairScorer(lambda qids, docnos: np.zeros(len(qids)))


def marks(task: Task) -> tuple[float, int, list[tuple[str, float]]]:
    columns = [(name, float(one.table.iloc[:, -1].notna().sum())) for name, one in sorted(task.judgments.items())]
    return float(np.abs(task.features.scalars).sum()), len(task.document_text), columns


def test_a_system_that_edits_the_task_changes_nothing_for_the_next_cell(
    small: Task, taught: Grades, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = own_copy(small, taught)
    before = marks(mine[0])
    monkeypatch.setitem(engine._STATE, "task", mine)
    monkeypatch.setattr(engine, "system_named", lambda *_: Vandal)
    (bm25,) = make_plan(tmp_path, systems=["bm25"], seeds=[0], share=0.02).todo["insuranceqa"]
    engine._work(replace(bm25, system="vandal", family="fusion"))
    assert marks(engine._STATE["task"][0]) == before
    opened = replace(open_experiment(share=0.02), task=mine[0], taught=mine[1])
    monkeypatch.setattr("benchmark.running.experiment.system_named", lambda *_: Vandal)
    opened.fitted("vandal")
    assert marks(mine[0]) == before


class Choice(StrEnum):
    EPOCHS = "epochs"


class Enumerates(Vandal):
    """Says what it says in texts of its own class."""

    dev_choices = (Choice.EPOCHS,)

    def fit(self, view):
        view.note(Choice.EPOCHS)
        type(self).dev_choices = ()
        return super().fit(view)


class Silent(Vandal):
    """Notes nothing."""

    def fit(self, view):
        view.note(None)
        return super().fit(view)


class Interrupts(Vandal):
    """Ends as a Ctrl-C would."""

    def fit(self, view):
        raise KeyboardInterrupt


@pytest.fixture
def worked(small: Task, taught: Grades, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What comes back from a worker that fits the system of a class."""
    (cell,) = make_plan(tmp_path, systems=["bm25"], seeds=[0], share=0.02).todo["insuranceqa"]
    monkeypatch.setitem(engine._STATE, "task", own_copy(small, taught))

    def work(cls: type[System]) -> engine._Made:
        monkeypatch.setattr(engine, "system_named", lambda *_: cls)
        return engine._work(replace(cell, system="vandal", family="fusion"))

    return work


def test_what_comes_back_from_a_worker_is_of_no_class_of_a_system(worked) -> None:
    made = worked(Enumerates)
    assert made.dev_choices == ["epochs"] and "epochs" in made.fitted.labels
    assert {type(text) for text in [*made.dev_choices, *made.fitted.labels]} == {str}


@pytest.mark.parametrize(
    ("cls", "told"),
    [
        (Silent, "system vandal, seed 0, a note: is None where the record takes text; give a text"),
        (Interrupts, "system vandal, seed 0: raised KeyboardInterrupt"),
    ],
)
def test_whatever_a_system_does_is_told_as_its_fault(worked, cls: type[System], told: str) -> None:
    with pytest.raises(SystemFault, match=f"^{told}$"):
        worked(cls)


TURNS = """
from pathlib import Path
import numpy as np
from benchmark import PairScorer, System, system

@system("mine-turns", family="fusion")
class Turns(System):
    "Is of another family where it is fitted than where it was planned."

    def fit(self, view):
        return PairScorer(lambda qids, docnos: np.zeros(len(qids)))

if Path("{seen}").exists():
    Turns.family = "skyline"
Path("{seen}").touch()
"""


def test_a_submission_that_changes_after_it_was_planned_is_not_run(cli: CommandLine, tmp_path: Path) -> None:
    folder = submission(tmp_path, TURNS.format(seen=tmp_path / "seen"))
    ended = cli("run", "--submission", folder, "--seed", "0", "--share", "0.02", "--results", tmp_path / "results")
    assert ended.code == 1 and "system mine-turns, seed 0: has changed since the run began; run it again" in ended.err
    assert not list((tmp_path / "results").rglob("*.json"))


def test_logs_are_shared_and_cannot_be_written(small: Task, taught: Grades) -> None:
    """Click models are kept by the identity of the log: a copy would be fitted anew."""
    task = replace(small)
    copies = [own_copy(task, taught)[0] for _ in range(2)]
    logs: list[ImpressionLog] = [one.training_log for one in copies]
    assert logs[0] is logs[1] is task.training_log
    with pytest.raises(ValueError, match="read-only"):
        logs[0].clicked[0] = True


def test_each_cell_of_a_submission_has_a_process_to_itself(tmp_path: Path, restored) -> None:
    folder = submission(tmp_path)
    plan = make_plan(tmp_path, systems=["bm25", "mine-famol"], seeds=[0, 1], share=0.02, submissions=(folder,))
    together = engine._by_submission(plan.todo["insuranceqa"])
    assert {name: len(cells) for name, cells in together.items()} == {"": 2, folder.as_posix(): 2}
    pools = {name: engine._pool(cells[0], 1) for name, cells in together.items()}
    assert {name: pool._max_tasks_per_child for name, pool in pools.items()} == {"": None, folder.as_posix(): 1}
    assert {name: pool._initargs[2] for name, pool in pools.items()} == {"": (), folder.as_posix(): (folder,)}


WITNESS = """
import gc, os
from pathlib import Path
import numpy as np
from benchmark import PairScorer, System, system

ALL = vars(gc)["get_objects"]()  # by its name, it is closed
HELD = [qid for one in ALL if type(one).__name__ == "Grades" for qid in one.relevant]
Path(f"{folder}/{{os.getpid()}}").write_text("\\n".join(HELD))

@system("mine-witness", family="fusion")
class Witness(System):
    "Tells whose grades a process holds that imports it."

    def fit(self, view):
        return PairScorer(lambda qids, docnos: np.zeros(len(qids)))
"""


def test_code_of_a_submission_is_imported_only_where_no_test_grades_are(
    cli: CommandLine, small: Task, tmp_path: Path, restored
) -> None:
    """Nor those of training questions, and never in the process that scores and writes records."""
    (tmp_path / "seen").mkdir()
    folder = submission(tmp_path, WITNESS.format(folder=tmp_path / "seen"))
    ended = cli("run", "--submission", folder, "--seed", "0", "--share", "0.02", "--results", tmp_path / "results")
    assert ended.code == 0, ended.err
    assert cli("reproduce", "mine-witness", "--results", tmp_path / "results").code == 0
    held = {int(path.name): set(path.read_text().split()) for path in (tmp_path / "seen").iterdir()}
    assert os.getpid() not in held
    assert set().union(*held.values()) == set(small.dev().qids.tolist())


def test_processes_for_one_cell_each_end_with_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the thread that would start the next is just waiting for the last one to end."""
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    workers = Workers(2, max_tasks_per_child=1)
    futures = [workers.submit(dying.process_id) for _ in range(5)]
    assert len({future.result() for future in futures}) == 5
    manager = workers._executor_manager_thread
    workers.stop()
    manager.join(timeout=60)
    assert not manager.is_alive() and raised == []
