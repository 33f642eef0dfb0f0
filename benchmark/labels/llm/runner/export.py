"""From an annotation to a judgments file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments import Judgments, PromptUsed, Purpose, read_judgments, write_judgments
from benchmark.labels.llm.methods.method import Judgment, Method, RankedList
from benchmark.labels.llm.prompts import load_prompt
from benchmark.labels.llm.runner.budget import Spent


def check_room(path: Path, lists: Sequence[RankedList], method: Method, model: Model) -> None:
    """Whether judgments of the lists may be written to `path`: nothing is there, or an earlier run of the same.

    Raises `ConfigurationError` where judgments would be lost: of other lists, by another model or in another way.
    """
    if not path.exists():
        return
    there = read_judgments(path)
    made = there.metadata
    same = made.model.identity == model.identity and dict(made.settings) == dict(method.settings)
    same = same and {name: used.sha256 for name, used in made.prompts.items()} == dict(method.prompts)
    if not same or set(there.table["qid"]) - {ranked.qid for ranked in lists}:
        raise ConfigurationError(f"{path}: holds other judgments, which would be lost; name another file with --out")


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
