"""Judgments made by hand, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments import Judgments, Metadata, PromptUsed, write_judgments
from benchmark.labels.llm.judgments.judgment import Judgment, Scale
from benchmark.labels.llm.judgments.rows import rows_sha256, split, to_rows

MODEL = Model(name="fake", file_sha256="0" * 64, dtype="float32")
PROMPTS = {"fake-v1": PromptUsed(sha256="1" * 64, language="en")}


def made(judgments: Iterable[Judgment], scale: Scale, method: str = "fake") -> Judgments:
    rows = to_rows(judgments)
    metadata = Metadata(
        method=method,
        scale=scale,
        prompts=PROMPTS,
        settings={},
        model=MODEL,
        purpose="training",
        candidates="-",
        created=date(2026, 1, 2),
        lists=1,
        rows=max(len(rows), 1),
        statuses={},
        seconds=0,
        rows_sha256=rows_sha256(rows),
    )
    return Judgments(*split(rows), metadata)


def write(path: Path, judgments: Iterable[Judgment], scale: Scale, **more: Any) -> Judgments:
    told: dict[str, Any] = {
        "method": "fake",
        "prompts": PROMPTS,
        "settings": {"seed": 3},
        "model": MODEL,
        "purpose": "training",
        "candidates": "all pairs",
        "created": date(2026, 1, 2),
        "seconds": 1.5,
    }
    return write_judgments(path, judgments, scale=scale, **(told | more))
