"""From an annotation to a judgments file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments import Judgments, PromptUsed, Purpose, write_judgments
from benchmark.labels.llm.methods.method import Judgment, Method
from benchmark.labels.llm.prompts import load_prompt
from benchmark.labels.llm.runner.budget import Spent


def export(
    path: Path,
    judgments: list[Judgment],
    method: Method,
    model: Model,
    used: Spent,
    *,
    purpose: Purpose,
    candidates: str,
    task_manifest_sha256: str | None = None,
) -> Judgments:
    """Write the judgments of one method by one model; see `write_judgments`."""
    return write_judgments(
        path,
        judgments,
        method=method.name,
        scale=method.scale,
        prompts={
            name: PromptUsed(sha256=sha256, language=load_prompt(name).language)
            for name, sha256 in method.prompts.items()
        },
        settings=method.settings,
        model=model,
        purpose=purpose,
        candidates=candidates,
        created=datetime.now(UTC).date(),
        seconds=used.seconds,
        cost=used.cost,
        prompt_tokens=used.prompt_tokens,
        completion_tokens=used.completion_tokens,
        task_manifest_sha256=task_manifest_sha256,
    )
