"""Writes the files of a finished cell, the record last: a cell without a record was never run."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shlex
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from benchmark.files import write_atomically
from benchmark.running.cell import Cell
from benchmark.running.record import Environment, Record
from benchmark.running.run_file import run_bytes
from benchmark.scoring.groups import group_means, masks
from benchmark.scoring.ties import tie_rate
from benchmark.tasks.task import Questions, Task

_PACKAGES = ("click-or-llm", "numpy", "pandas", "pyterrier", "ir-measures", "scipy", "torch", "lightgbm")


def write_cell(
    results: Path,
    cell: Cell,
    task: Task,
    questions: Questions,
    scores: npt.NDArray[np.float64],
    values: dict[str, npt.NDArray[np.float64]],
    labels: list[str],
    dev_choices: list[str],
    seconds: float,
) -> Record:
    """Write run, per-query scores, ir-metadata and, last, the record of a cell; returns the record."""
    path = cell.path(results)
    stem = str(cell.seed)
    files = {
        f"{stem}.run.gz": run_bytes(questions, scores, cell.system),
        f"{stem}.scores.parquet": _per_query(questions, values),
    }
    groups = {}
    for measure, per_query in values.items():
        means = group_means(per_query, questions.stratum, questions.seen)
        groups[measure] = {group: min(1.0, max(0.0, float(mean))) for group, mean in means.items()}
    counts = {group: int(mask.sum()) for group, mask in masks(questions.stratum, questions.seen).items()}
    command = f"click-or-llm run --system {cell.system} --task {cell.task} --seed {cell.seed}"
    if cell.submission:
        command += f" --submission {shlex.quote(cell.submission)}"
    record = Record(
        system=cell.system,
        family=cell.family,
        description=cell.description,
        cite=cell.cite,
        source=cell.source,
        task=cell.task,
        task_version=task.version,
        track="features",
        seed=cell.seed,
        identity=cell.identity,
        manifest=task.manifest_sha256,
        share=cell.share,
        labels=labels,
        dev_choices=dev_choices,
        command=command + (f" --share {cell.share:g}" if cell.share < 1 else ""),
        queries=counts,
        scores=groups,
        tie_rate=tie_rate(scores),
        files={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        environment=_environment(seconds, cell.package),
    )
    for name, data in files.items():
        write_atomically(path.parent / name, data)
    write_atomically(path.parent / f"{stem}.ir-metadata.yml", _ir_metadata(record))
    write_atomically(path, record.model_dump_json(indent=2) + "\n")
    return record


def _per_query(questions: Questions, values: dict[str, npt.NDArray[np.float64]]) -> bytes:
    frame = pd.DataFrame({"qid": questions.qids, "stratum": questions.stratum, "seen": questions.seen, **values})
    buffer = io.BytesIO()
    frame.sort_values("qid", ignore_index=True).to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def _environment(seconds: float, package: tuple[str, str] | None) -> Environment:
    packages = dict([package]) if package else {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "not installed"
    return Environment(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        platform=platform.platform(),
        processor=f"{platform.machine()}, {os.cpu_count()} cores",
        python=platform.python_version(),
        packages=packages,
    )


def _ir_metadata(record: Record) -> str:
    """The run's side-car in the ir_metadata format (Breuer et al., SIGIR 2022)."""
    told = {
        "schema_version": "0.1",
        "platform": {"hardware": record.environment.processor, "operating system": record.environment.platform},
        "software": {"packages": [f"{name}=={number}" for name, number in record.environment.packages.items()]},
        "implementation": {"source": record.source, "command": record.command},
        "resources": {"runtime": f"{record.environment.seconds} s"},
        "research goal": {"venue": {"name": "click-or-llm", "task": record.task, "version": record.task_version}},
        "method": {
            "automatic": True,
            "description": record.description,
            "supervision": record.labels,
            "choices on dev": record.dev_choices,
            "seed": record.seed,
            "score_ties": "broken by the seeded hash of (qid, docno); scores in the run strictly decrease",
        },
        "tag": record.system,
    }
    text: str = yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
    return text
