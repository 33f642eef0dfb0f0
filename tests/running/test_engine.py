"""Workers that die: whose cell it was is found out, and every other cell is run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import dying
import pytest
from dying import Some

from benchmark.running import engine


class Engine:
    """Runs cells in two workers that only import `dying`; `events` are what began and ended, in turn."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Some]] = []
        self.pools: list[engine.Workers] = []

    def pool(self, *_: object) -> engine.Workers:
        self.pools.append(engine.Workers(2))
        return self.pools[-1]

    def run(self, *systems: str, workers: int = 2) -> Iterator[tuple[Some, object]]:
        cells = [Some(system, seed) for seed, system in enumerate(systems)]
        for cell, given in engine._made(cells, workers, lambda cell: self.events.append(("begun", cell))):
            self.events.append(("ended", cell))
            yield cell, given


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(engine, "_pool", made.pool)
    monkeypatch.setattr(engine, "_work", dying.work)
    return made


def died(given: dict[Some, object]) -> set[str]:
    return {cell.system for cell, told in given.items() if "its process died" in str(told)}


def test_cells_that_may_have_died_are_run_again_by_themselves(made: Engine) -> None:
    given = dict(made.run("slow-one", "dies-one", "slow-two", "dies-two", "slow-three", "slow-four"))
    assert len(given) == 6 and died(given) == {"dies-one", "dies-two"}
    begun: Counter[Some] = Counter()
    for (event, cell), following in zip(made.events, made.events[1:], strict=False):
        begun[cell] += event == "begun"
        if event == "begun" and begun[cell] > 1:
            assert following == ("ended", cell)
    assert max(begun.values()) == 2


@pytest.mark.parametrize(("systems", "others"), [(("quick", "dies", "slow"), {"dies"}), (("quick", "quick"), set())])
def test_a_worker_may_die_while_a_result_is_written(made: Engine, systems: tuple[str, ...], others: set[str]) -> None:
    """One that fits takes the pool with it, and so does one that had nothing more to do, which is nobody's fault."""
    running = made.run(*systems, workers=len(systems) - 1)
    given = dict([next(running)])
    for process in list((made.pools[0]._processes or {}).values()) if not others else ():
        process.kill()
    until = time.monotonic() + 20
    while not made.pools[0]._broken and time.monotonic() < until:
        time.sleep(0.01)
    given |= dict(running)
    assert [cell.system for cell in given] == list(systems) and died(given) == others
