"""What a system does to the task that it is shown, or leaves behind, reaches no other cell."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import dying
import numpy as np
import pytest
from command_line import CommandLine
from test_commands import submission

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
    small: Task, taught: Grades, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = own_copy(small, taught)
    before = marks(mine[0])
    monkeypatch.setitem(engine._STATE, "task", mine)
    monkeypatch.setattr(engine, "system_named", lambda *_: Vandal)
    engine._work("vandal", 0)
    assert marks(engine._STATE["task"][0]) == before
    opened = replace(open_experiment(share=0.02), task=mine[0], taught=mine[1])
    monkeypatch.setattr("benchmark.running.experiment.system_named", lambda *_: Vandal)
    opened.fitted("vandal")
    assert marks(mine[0]) == before


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

HELD = [qid for one in gc.get_objects() if type(one).__name__ == "Grades" for qid in one.relevant]
Path(f"{folder}/{{os.getpid()}}").write_text("\\n".join(HELD))

@system("mine-witness", family="fusion")
class Witness(System):
    "Tells whose grades a process holds that imports it."

    def fit(self, view):
        return PairScorer(lambda qids, docnos: np.zeros(len(qids)))
"""


def test_code_of_a_submission_is_imported_only_where_no_test_grades_are(
    cli: CommandLine, task: Task, taught: Grades, tmp_path: Path, restored
) -> None:
    """Neither in the process that scores and writes records, nor in another that knows what it scores by."""
    (tmp_path / "seen").mkdir()
    folder = submission(tmp_path, WITNESS.format(folder=tmp_path / "seen"))
    ended = cli("run", "--submission", folder, "--seed", "0", "--share", "0.02", "--results", tmp_path / "results")
    assert ended.code == 0, ended.err
    assert cli("reproduce", "mine-witness", "--results", tmp_path / "results").code == 0
    held = {int(path.name): set(path.read_text().split()) for path in (tmp_path / "seen").iterdir()}
    assert os.getpid() not in held
    assert set().union(*held.values()) == set(task.taking(0.02).dev().qids) | set(task.taking(0.02).training().qids)


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
