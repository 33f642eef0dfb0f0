"""A production log on two cores, from simulated impressions to a fitted click model: `make bench-log`.

For each size: a simulated log (10,000 queries x 20 candidates, Zipf demand, position-based users, pages of 10) goes
block by block into a store on disk; two processes count half of its row groups each; the counts are added and the
position-based model is fitted to them. Only counting and fitting are held against `LIMIT_SECONDS` and `LIMIT_GIB`;
simulating and writing, in one process, are reported beside them. The store is removed at the end.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmark.labels.clicks.models.counting.statistics import Statistics, rank_statistics
from benchmark.labels.clicks.models.pbm import fit_pbm
from benchmark.labels.clicks.pages import BLOCK
from benchmark.labels.clicks.simulate import BAIDU_EXAMINATION, SimulatedPages, Simulation, Simulator
from benchmark.labels.clicks.store.manifest import IMPRESSIONS
from benchmark.labels.clicks.store.reader import LogStore
from benchmark.labels.clicks.store.writer import LogWriter

LIMIT_SECONDS, LIMIT_GIB = 15 * 60, 8.0
PROCESSES = 2


@dataclass(frozen=True)
class Row:
    """One size: wall seconds of each part, MiB of the file, and GiB of the largest resident sets, added up."""

    impressions: int
    write: float
    reduce: float
    fit: float
    cells: int
    file: float
    writing_memory: float
    memory: float
    error: float

    @property
    def counted(self) -> float:
        """What the limit is for: counting and fitting."""
        return self.reduce + self.fit

    @property
    def within(self) -> bool:
        """Whether both limits are kept."""
        return self.counted <= LIMIT_SECONDS and self.memory <= LIMIT_GIB


@dataclass(frozen=True, eq=False)
class Part(LogStore):
    """The impressions of some row groups of a store."""

    row_groups: tuple[int, ...] = ()

    def batches(self, columns: Collection[str]) -> Iterator[pa.RecordBatch]:
        """The named columns of these row groups."""
        with pq.ParquetFile(self.folder / IMPRESSIONS) as file:
            yield from file.iter_batches(BLOCK, self.row_groups, columns=list(columns), use_threads=False)


def memory() -> float:
    """GiB of the largest resident set of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def started(pool: ProcessPoolExecutor, processes: int) -> None:
    """Wait until every process has imported this module."""
    list(pool.map(_wait, [1.0] * processes))  # long enough that no process takes two


def _wait(seconds: float) -> None:
    time.sleep(seconds)


def simulated(impressions: int, queries: int, candidates: int, seed: int) -> SimulatedPages:
    """Query q is asked with probability proportional to 1 / (q + 1); a fifth of the candidates is relevant."""
    rng = np.random.default_rng(seed)
    demand = 1 / np.arange(1, queries + 1)
    shape = (queries, candidates)
    rank = np.broadcast_to(np.arange(1, candidates + 1), shape).copy()
    simulator = Simulator(rank, rng.random(shape) < 0.2, rng.standard_normal(shape), Simulation())
    return SimulatedPages(simulator, rng.multinomial(impressions, demand / demand.sum()), seed)


def write(folder: Path, arguments: tuple[int, int, int, int]) -> float:
    """Simulate and write a store, a block at a time."""
    _, queries, candidates, _ = arguments
    docnos = [[f"d{q}-{c}" for c in range(candidates)] for q in range(queries)]
    with LogWriter(folder, simulated=True) as writer:
        writer.write_queries([pa.record_batch({"qid": [f"q{q}" for q in range(queries)], "docnos": pa.array(docnos)})])
        for block in simulated(*arguments).blocks():
            writer.write(block.query, block.shown, block.clicked)
    return memory()


def reduce(folder: Path, row_groups: tuple[int, ...]) -> tuple[Statistics, float]:
    """Count some row groups."""
    store = LogStore.open(folder)
    return rank_statistics(Part(store.folder, store.manifest, store.offsets, row_groups)), memory()


def measure(impressions: int, queries: int, candidates: int, seed: int, folder: Path) -> Row:
    """Write, count, fit; the processes are started before their clock."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        started(pool, 1)
        begun = time.perf_counter()
        writing_memory = pool.submit(write, folder, (impressions, queries, candidates, seed)).result()
        write_seconds = time.perf_counter() - begun
    file = folder / IMPRESSIONS
    with pq.ParquetFile(file) as parquet:
        groups = np.array_split(np.arange(parquet.num_row_groups), PROCESSES)
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        started(pool, PROCESSES)
        begun = time.perf_counter()
        parts = [pool.submit(reduce, folder, tuple(map(int, part))) for part in groups if len(part)]
        counted = [part.result() for part in parts]
        statistics = counted[0][0]
        for more, _ in counted[1:]:
            statistics = statistics + more
        reduce_seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    model = fit_pbm(statistics)
    fit_seconds = time.perf_counter() - begun
    return Row(
        impressions=impressions,
        write=write_seconds,
        reduce=reduce_seconds,
        fit=fit_seconds,
        cells=len(statistics),
        file=file.stat().st_size / 2**20,
        writing_memory=writing_memory,
        memory=memory() + sum(used for _, used in counted),
        error=float(np.abs(model.examination - BAIDU_EXAMINATION).max()),
    )


def show(rows: list[Row]) -> None:
    """The table: seconds, and microseconds per impression."""
    table = Table(title="Simulated logs, pages of 10, on two cores")
    for header in (
        *("impressions", "simulate + write", "reduce", "fit", "reduce + fit", "cells"),
        *("file MiB", "writing GiB", "reduce + fit GiB", "worst examination error"),
    ):
        table.add_column(header, justify="right")
    for row in rows:
        told = [f"{s:.1f} s\n{1e6 * s / row.impressions:.3f} µs" for s in (row.write, row.reduce, row.fit, row.counted)]
        sizes = (f"{row.cells:,}", f"{row.file:,.0f}", f"{row.writing_memory:.2f}", f"{row.memory:.2f}")
        table.add_row(f"{row.impressions:,}", *told, *sizes, f"{row.error:.4f}")
    Console(width=150).print(table)


def main() -> None:
    """Measure each size; the exit code is 1 where a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--impressions", type=float, nargs="+", default=[1e6, 1e7, 1e8])
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--candidates", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None, help="where the stores go (default: the temporary folder)")
    arguments = parser.parse_args()
    rows = []
    for impressions in map(int, arguments.impressions):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            needed, free = 20 * impressions, shutil.disk_usage(folder).free
            if free < needed:
                sys.exit(f"{folder}: {free:,} bytes are free, {needed:,} may be needed; choose another with --folder")
            size = (impressions, arguments.queries, arguments.candidates, arguments.seed)
            rows.append(measure(*size, Path(folder, "store")))
        print(f"{impressions:,} impressions: done, load {os.getloadavg()[0]:.1f}", flush=True)
    show(rows)
    broken = [f"{row.impressions:,}" for row in rows if not row.within]
    if broken:
        sys.exit(f"more than {LIMIT_SECONDS} s or {LIMIT_GIB} GiB at {', '.join(broken)} impressions")


if __name__ == "__main__":
    main()
