"""From an annotation to a judgments file, which grows: what it holds is not asked for again, and never lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments import (
    Judgments,
    PromptUsed,
    Purpose,
    mend_sidecar,
    read_judgments,
    read_metadata,
    write_judgments,
)
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.judgments.rows import judgments_of
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.methods.registry import settings_of
from benchmark.labels.llm.prompts import load_prompt
from benchmark.labels.llm.runner.budget import Spent


def earlier_rounds(
    path: Path, method: Method, model: Model | None, *, purpose: Purpose, task_manifest_sha256: str
) -> Judgments | None:
    """What `path` holds, if it is there; a side-car that was not written to the end is written again.

    Without `model`, which may take minutes to load, any will do.

    Raises `ConfigurationError` where it was made otherwise, so that one file cannot hold both: by another model,
    method, prompt or setting, of another task or for another purpose; and where something else would be overwritten.
    """
    if not path.exists():
        _check_beside(path)
        return None
    mend_sidecar(path)
    there = read_judgments(path)
    made = there.metadata
    other = made.unlike(method)
    if model is not None and made.model.identity != model.identity:
        other = f"model: is {_told(model)}, it was {_told(made.model)}"
    elif made.task_manifest_sha256 != task_manifest_sha256:
        other = "task: is another one, or another version of it"
    elif made.purpose != purpose:
        other = f"purpose: is {purpose}, it was {made.purpose}"
    if other:
        mend = "name another file with --out"
        others = set(made.prompts) - set(method.prompts)
        if (
            method.name == made.method
            and len(made.prompts) == len(others) == 1
            and "prompt" in settings_of(method.name)
        ):
            mend += f", or ask as before with --setting prompt={others.pop()}"
        raise ConfigurationError(f"{path}: holds other judgments ({other}); {mend}")
    return there


def _check_beside(path: Path) -> None:
    """Raise `ConfigurationError` for something else where the side-car is to be; one of lost judgments may be there."""
    beside = path.with_suffix(".json")
    if beside.exists():
        try:
            read_metadata(path)
        except DataError:
            told = f"{beside}: is in the way of {path.name}'s side-car; name another file with --out"
            raise ConfigurationError(told) from None


def unjudged(lists: Sequence[RankedList], earlier: Judgments | None) -> list[RankedList]:
    """The lists that were not judged to the end, without a failure, in earlier rounds."""
    judged = frozenset[str]() if earlier is None else earlier.finished
    return [ranked for ranked in lists if ranked.qid not in judged]


def export(
    path: Path,
    judgments: list[Judgment],
    method: Method,
    model: Model,
    used: Spent,
    *,
    purpose: Purpose,
    candidates: str,
    task_manifest_sha256: str,
    earlier: Judgments | None = None,
) -> Judgments:
    """Write the judgments of one method by one model, with those of `earlier` rounds of other lists.

    What the rounds took is added up, how their lists were chosen and what they ran on is told in turn; see
    `write_judgments`.
    """
    seconds, cost = used.seconds, used.cost
    prompt_tokens: int | None = used.prompt_tokens
    completion_tokens: int | None = used.completion_tokens
    if earlier is not None:
        before = earlier.metadata
        judgments = [*_but(earlier, judgments), *judgments]
        model, candidates = model.after(before.model), f"{before.candidates}; {candidates}"
        seconds, cost = before.seconds + seconds, before.cost + cost
        prompt_tokens = _sum(before.prompt_tokens, prompt_tokens)
        completion_tokens = _sum(before.completion_tokens, completion_tokens)
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
        seconds=seconds,
        cost=cost,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        task_manifest_sha256=task_manifest_sha256,
    )


def _but(earlier: Judgments, judgments: list[Judgment]) -> list[Judgment]:
    """The earlier judgments, but those of lists that were judged anew."""
    anew = {judgment.qid for judgment in judgments}
    kept = (~earlier.table["qid"].isin(anew)).to_numpy()
    return judgments_of(earlier.table[kept], earlier.log_probabilities[kept])


def _sum(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else before + now


def _told(model: Model) -> str:
    return " ".join(part for part in (model.name, model.dtype, model.served_by, (model.file_sha256 or "")[:8]) if part)
