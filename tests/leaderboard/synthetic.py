"""Records made up by the tests, with numbers from a random generator: they say nothing about any system."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmark.hashing import sha256_file
from benchmark.scoring import group_means, rank_grades, score
from leaderboard import TaskCard

CARDS = {"made-up": TaskCard("A made-up | task <b>", True, "CC0", ["It shows nothing."])}
MANIFEST = "a" * 64
STRATA = ("high", "medium", "low")


@dataclass(frozen=True)
class Fake:
    """A made-up system: `skill` per stratum is how far a relevant document is lifted above the others."""

    name: str
    family: str
    skill: tuple[float, float, float]
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    labels: tuple[str, ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)


FAKES = (
    Fake("bm25", "floor", (0.6, 0.6, 0.6)),
    Fake("clicks-pbm", "clicks", (1.6, 1.1, 0.6), labels=("clicks: pbm, simulated log",)),
    Fake("clicks-naive", "clicks", (1.2, 0.9, 0.6), labels=("clicks: naive, simulated log",)),
    Fake("llm-pointwise", "llm", (1.1, 1.2, 1.2), labels=("llm: fake-judge, prompt 0f3a",)),
    Fake("famol", "fusion", (1.6, 1.3, 1.2), labels=("clicks: pbm | simulated log", "llm: fake-judge, prompt 0f3a")),
    Fake("half-done", "fusion", (1.5, 1.3, 1.2), seeds=(0, 1)),
    Fake("oracle-probe", "probe", (9.0, 9.0, 9.0)),
)


def write_results(results: Path, fakes: tuple[Fake, ...] = FAKES, task: str = "made-up", queries: int = 30) -> Path:
    """Records of `fakes` below `results`, `queries` of each stratum, grades binary, lists of 20."""
    stratum = np.repeat(STRATA, queries)
    seen = np.arange(len(stratum)) % 3 > 0
    for fake in fakes:
        for seed in fake.seeds:
            values = _values(fake, seed, stratum)
            write_cell(results / task / fake.name / f"{seed}.json", fake, task, seed, values, stratum, seen)
    return results


def _values(fake: Fake, seed: int, stratum: np.ndarray) -> dict[str, np.ndarray]:
    shared = np.random.default_rng(7)
    grades = (shared.random((len(stratum), 20)) < 0.12).astype(np.int64)
    difficulty = shared.normal(size=grades.shape)
    own = np.random.default_rng([seed, *fake.name.encode()]).normal(size=grades.shape)
    skill = np.array([fake.skill[STRATA.index(name)] for name in stratum])
    order = np.argsort(-(skill[:, None] * grades + difficulty + 0.5 * own), axis=1)
    return score(rank_grades(grades, order, -np.sort(-grades, axis=1), max_grade=1))


def write_cell(path: Path, fake: Fake, task: str, seed: int, values: Any, stratum: Any, seen: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    qids = [f"q{number:05d}" for number in range(len(stratum))]
    frame = pd.DataFrame({"qid": qids, "stratum": stratum, "seen": seen, **values})
    parquet = path.with_suffix(".scores.parquet")
    frame.to_parquet(parquet, index=False)
    means = {name: group_means(value, stratum, seen) for name, value in values.items()}
    record = {
        "schema_version": 1,
        "system": fake.name,
        "family": fake.family,
        "description": f"A made-up system <{fake.name}> & its numbers.",
        "cite": "yu2025llm" if fake.family == "fusion" else "",
        "source": f"baselines/{fake.name.replace('-', '_')}.py",
        "task": task,
        "task_version": "1",
        "track": "features",
        "seed": seed,
        "identity": hashlib.sha256(f"{task}/{fake.name}/{seed}".encode()).hexdigest(),
        "manifest": MANIFEST,
        "share": 1.0,
        "labels": list(fake.labels),
        "dev_choices": ["epochs 8"] if fake.family == "llm" else [],
        "command": f"click-or-llm run {fake.name} --task {task} --seed {seed}",
        "queries": {name: int((stratum == name).sum()) for name in STRATA},
        "scores": {name: {group: float(v) for group, v in groups.items()} for name, groups in means.items()},
        "tie_rate": 0.01,
        "files": {parquet.name: sha256_file(parquet), f"{seed}.run.gz": "b" * 64},
        "environment": {
            "created": f"2000-01-0{seed + 1}T00:00:00Z",
            "seconds": 3.5,
            "platform": "Test-OS",
            "processor": "test processor",
            "python": "3.11.0",
            "packages": {"numpy": "0"},
        },
    } | fake.changes
    path.write_text(json.dumps(record), encoding="utf-8")


def edit(path: Path, **changes: Any) -> None:
    """Change fields of a stored record in place."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


def edit_scores(path: Path, column: str, row: int, value: Any) -> None:
    """Change one per-query score beside a record in place."""
    parquet = path.with_suffix(".scores.parquet")
    frame = pd.read_parquet(parquet)
    frame.loc[row, column] = value
    frame.to_parquet(parquet, index=False)
