"""A judgments file, which grows: what it holds is not asked for again, and never lost."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judgments import (
    Chooser,
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
from benchmark.labels.llm.runner.run import Annotation


@dataclass(frozen=True)
class GrowingFile:
    """The judgments of one method by one model, for one purpose and of one version of a task; rounds add lists."""

    path: Path
    method: Method
    model: Model
    purpose: Purpose
    task_manifest_sha256: str

    def read(self) -> Judgments | None:
        """What is there, if anything is; a side-car that was not written to the end is written again.

        Raises `ConfigurationError` where it was made otherwise, so that one file cannot hold both: by another model,
        method, prompt or setting, of another task or for another purpose; and where something else would be
        overwritten.
        """
        if not self.path.exists():
            _check_beside(self.path)
            return None
        mend_sidecar(self.path)
        there = read_judgments(self.path)
        made = there.metadata
        other = made.unlike(self.method)
        if made.model.identity != self.model.identity:
            other = f"model: is {_told(self.model)}, it was {_told(made.model)}"
        elif made.task_manifest_sha256 != self.task_manifest_sha256:
            other = "task: is another one, or another version of it"
        elif made.purpose != self.purpose:
            other = f"purpose: is {self.purpose}, it was {made.purpose}"
        if other:
            mend = "name another file with --out"
            if self.method.name == made.method and set(made.prompts) != {one.name for one in self.method.prompts}:
                mend += f", or ask as before with --setting prompt={','.join(made.prompts)}"
            raise ConfigurationError(f"{self.path}: holds other judgments ({other}); {mend}")
        return there

    def add(
        self, done: Annotation, ran_on: Model, task: str, questions: str, chosen_by: Collection[Chooser] = ()
    ) -> Judgments:
        """Write the judgments with those of other lists that are there, also those that another process has added.

        One process adds at a time; another one waits.

        `questions` says which they were ("train questions, selected by draw"); with how many lists are new this is what
        the file tells of the round. Seconds, cost and tokens of all rounds are added up; processors and versions
        (`ran_on`) and `chosen_by` are united. See `write_judgments`.
        """
        with _alone(self.path.absolute().parent):
            return self._added(done, ran_on, task, questions, chosen_by)

    def _added(
        self, done: Annotation, ran_on: Model, task: str, questions: str, chosen_by: Collection[Chooser]
    ) -> Judgments:
        earlier = self.read()
        judgments, used, model = done.judgments, done.used, ran_on
        seconds, cost = used.seconds, used.cost
        prompt_tokens: int | None = used.prompt_tokens
        completion_tokens: int | None = used.completion_tokens
        new = {judgment.qid for judgment in judgments}
        candidates, choosers = "", set(chosen_by)
        if earlier is not None:
            before = earlier.metadata
            new -= set(earlier.table["qid"])
            judgments = [*_but(earlier, judgments), *judgments]
            model, candidates = model.after(before.model), before.candidates
            choosers |= set(before.chosen_by)
            seconds, cost = before.seconds + seconds, before.cost + cost
            prompt_tokens = _sum(before.prompt_tokens, prompt_tokens)
            completion_tokens = _sum(before.completion_tokens, completion_tokens)
        if new:
            candidates += f"{'; ' if candidates else ''}{task}: {len(new)} {questions}, whole lists"
        return write_judgments(
            self.path,
            judgments,
            method=self.method.name,
            scale=self.method.scale,
            prompts={
                prompt.name: PromptUsed(sha256=prompt.sha256, language=prompt.language)
                for prompt in self.method.prompts
            },
            settings=self.method.settings,
            model=model,
            purpose=self.purpose,
            candidates=candidates,
            chosen_by=tuple(sorted(choosers)),
            created=datetime.now(UTC).date(),
            seconds=seconds,
            cost=cost,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            task_manifest_sha256=self.task_manifest_sha256,
        )


def unjudged(lists: Sequence[RankedList], earlier: Judgments | None) -> list[RankedList]:
    """The lists that were not judged to the end, without a failure, in earlier rounds."""
    judged = frozenset[str]() if earlier is None else earlier.finished
    return [ranked for ranked in lists if ranked.qid not in judged]


def lists_within_budget(lists: Sequence[RankedList], held: Collection[str], budget: int) -> list[RankedList]:
    """Of the lists those that a file has `held`, and as many others as it has room for, if it is to hold `budget`.

    Some ways to select choose other lists for a larger budget; then there is not room for all.
    """
    again = [ranked for ranked in lists if ranked.qid in held]
    new = [ranked for ranked in lists if ranked.qid not in held]
    return again + new[: max(budget - len(held), 0)]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process adds to a file in the folder."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _check_beside(path: Path) -> None:
    """Raise `ConfigurationError` for something else where the side-car is to be; one of lost judgments may be there."""
    beside = path.with_suffix(".json")
    if beside.exists():
        try:
            read_metadata(path)
        except DataError:
            told = f"{beside}: is in the way of {path.name}'s side-car; name another file with --out"
            raise ConfigurationError(told) from None


def _but(earlier: Judgments, judgments: list[Judgment]) -> list[Judgment]:
    """The earlier judgments, but those of lists that were judged anew."""
    anew = {judgment.qid for judgment in judgments}
    kept = (~earlier.table["qid"].isin(anew)).to_numpy()
    return judgments_of(earlier.table[kept], earlier.log_probabilities[kept])


def _sum(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else before + now


def _told(model: Model) -> str:
    return " ".join(part for part in (model.name, model.dtype, model.served_by, (model.file_sha256 or "")[:8]) if part)
