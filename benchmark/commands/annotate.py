"""`click-or-llm annotate`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmark.commands.say import say
from benchmark.errors import BenchmarkError, ConfigurationError, DataError, Interrupted

if TYPE_CHECKING:
    from benchmark.labels.llm.judges.judge import Judge
    from benchmark.labels.llm.judges.replay import ReplayJudge
    from benchmark.labels.llm.judgments import Judgments, Purpose
    from benchmark.labels.llm.methods.method import Method, RankedList
    from benchmark.labels.llm.replies.store import ReplyStore
    from benchmark.labels.llm.runner.budget import Budget, Spent
    from benchmark.labels.llm.runner.estimate import Estimate
    from benchmark.labels.llm.runner.run import Annotation
    from benchmark.tasks.task import Questions

WAYS = (
    "yes-no, query-likelihood, graded-3, graded-4, graded-demonstrations, document-quality, listwise-graded-3, "
    "listwise-selection, direct-ranking, pairwise, utility"
)
STRATEGIES = (
    "random, tail-first, head-first, click-sparsity, click-uncertainty, ranker-uncertainty, dev-error, diversity"
)
MEASURED = 2
"""Lists that a judge on this machine is timed on, where the store knows nothing of it."""


def annotate(
    method: Annotated[str, typer.Option(help=f"A way of asking: {WAYS}.")],
    judge: Annotated[
        str,
        typer.Option(help="smollm2; a GGUF file; a folder of transformers; an endpoint's URL; or a folder of replies."),
    ] = "smollm2",
    model: Annotated[str | None, typer.Option(help="The model's name; an endpoint needs it.")] = None,
    task: Annotated[str, typer.Option(help="A task's name.")] = "insuranceqa",
    split: Annotated[
        Literal["train", "dev", "test"],
        typer.Option(help="Dev and test: for agreement only, no system trains on them."),
    ] = "train",
    budget: Annotated[
        int,
        typer.Option(min=1, help="Questions that --out is to hold, with their whole lists; with --so-far: more."),
    ] = 300,
    select: Annotated[str, typer.Option(help=f"Which questions: draw (strata alike), {STRATEGIES}.")] = "draw",
    so_far: Annotated[
        Path | None,
        typer.Option(
            help="Judgments of earlier rounds: their questions are not chosen again; rankers learn from them."
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="Of the prompts: en or zh.")] = "en",
    setting: Annotated[list[str], typer.Option(help="A setting of the method, such as permutations=2; repeat.")] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(min=0, help="Of everything random in the method and the selection.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Judgments file; it grows. (default: MODEL-METHOD.parquet in judgments)")
    ] = None,
    store: Annotated[Path, typer.Option(help="Folder of all replies: nothing in it is asked again.")] = Path("replies"),
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what it would take. A local judge new to the store is timed on two lists (kept)."
        ),
    ] = False,
    max_tokens: Annotated[float, typer.Option(min=1, help="Stop after so many tokens.")] = math.inf,
    max_seconds: Annotated[float, typer.Option(min=1, help="Stop after so many seconds of the judge.")] = math.inf,
    max_cost: Annotated[float, typer.Option(help="Stop after so much, in the currency of the prices.")] = math.inf,
    price_in: Annotated[float, typer.Option(min=0, help="Price of 10^6 tokens of prompts.")] = 0.0,
    price_out: Annotated[float, typer.Option(min=0, help="Price of 10^6 tokens of answers.")] = 0.0,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at a time to an endpoint.")] = 16,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that an endpoint may take for an answer.")] = 60.0,
    per_minute: Annotated[float | None, typer.Option(min=1, help="Requests a minute to an endpoint, at most.")] = None,
    key_variable: Annotated[str, typer.Option(help="Environment variable with the key.")] = "OPENAI_API_KEY",
    dtype: Annotated[
        Literal["bfloat16", "float32"],
        typer.Option(help="float32 comes again on every kind of processor; bfloat16 is faster, in half the memory."),
    ] = "float32",
    device: Annotated[str, typer.Option(help="cpu, or a GPU that torch knows.")] = "cpu",
) -> None:
    """Let a language model judge a task's candidate lists; interrupt and resume at will, nothing is asked twice."""
    from benchmark.files import check_writable
    from benchmark.labels.llm.judges.open import Service, is_endpoint, open_judge
    from benchmark.labels.llm.judges.replay import ReplayJudge
    from benchmark.labels.llm.judgments import mend_sidecar, read_judgments
    from benchmark.labels.llm.methods.pool import with_pool
    from benchmark.labels.llm.methods.registry import method_named
    from benchmark.labels.llm.replies.store import ReplyStore
    from benchmark.labels.llm.runner.budget import Budget, Spent
    from benchmark.labels.llm.runner.export import earlier_rounds, export, unjudged
    from benchmark.labels.llm.runner.lists import lists_of, ranked_lists
    from benchmark.running.rounds import questions_to_annotate
    from benchmark.tasks.registry import task_entry

    if out is not None and out.suffix != ".parquet":
        raise ConfigurationError(f"out {out}: must end in .parquet")
    limits = Budget(tokens=max_tokens, seconds=max_seconds, cost=max_cost)
    if max_cost < math.inf and not price_in and not price_out:
        raise ConfigurationError("max-cost: nothing costs anything without prices; give --price-in or --price-out")
    settings = settings_told(setting)
    if "pool" not in settings:
        method_named(method, language=language, seed=seed, **settings)  # a mistake is told before the task is read
    loaded, grades = task_entry(task).load()
    asking = method_named(method, language=language, seed=seed, **with_pool(settings, loaded, grades, seed))
    purpose: Purpose = "training" if split == "train" else "agreement"
    manifest = loaded.manifest_sha256
    if out is not None:  # what is wrong there is told before a model is loaded
        check_writable(out)
        earlier_rounds(out, asking, None, purpose=purpose, task_manifest_sha256=manifest)
    questions = loaded.questions.where(loaded.questions.split == split)
    if so_far is not None:
        mend_sidecar(so_far)
    earlier = None if so_far is None else read_judgments(so_far)
    chosen = questions_to_annotate(loaded, grades, questions, budget, select, earlier, seed)
    lists = list(ranked_lists(loaded, chosen))
    service = Service(
        concurrency, per_minute, timeout=timeout, price_in=price_in, price_out=price_out, key_variable=key_variable
    )
    replies = ReplyStore(store)
    answering = open_judge(judge, name=model, dtype=dtype, device=device, service=service)
    console = Console(stderr=True)
    path = out or _default_path(answering.model.name, method, split)
    check_writable(path)
    there = earlier_rounds(path, asking, answering.model, purpose=purpose, task_manifest_sha256=manifest)
    wanted, lists = len(lists), unjudged(lists, there)
    if len(lists) < wanted:
        say(console, f"{wanted - len(lists)} of {wanted} lists are in {path} already")
    if so_far is None:
        lists = _within(console, lists, there, questions, budget, path)
    if isinstance(answering, ReplayJudge):
        lists = _replied(console, lists, asking, answering)
    if not lists:
        return
    before = [] if there is None else lists_of(loaded, there.table["qid"].unique())
    asked = _Round(lists, asking, answering, replies, before, limits, Spent())
    estimated = _estimate(asked, local=not is_endpoint(judge))
    _tell(console, estimated, answering, price_in, price_out)
    if dry_run:
        return
    done = _annotate(console, asked, estimated)
    if not done.judgments:
        raise ConfigurationError("the budget ended before a list was finished: no judgments; give more")
    # Another process may have made the file grow meanwhile.
    there = earlier_rounds(path, asking, answering.model, purpose=purpose, task_manifest_sha256=manifest)
    written = export(
        path,
        done.judgments,
        asking,
        replies.ran_on(answering.model),
        done.used,
        purpose=purpose,
        candidates=f"{task} {loaded.version}: {done.lists} {split} questions, selected by {select}, whole lists",
        task_manifest_sha256=manifest,
        earlier=there,
    ).metadata
    statuses = ", ".join(f"{count} {status}" for status, count in written.statuses.items())
    limits_reached = " and ".join(f"--max-{name}" for name in done.spent.reached(limits))
    ended = "" if done.complete else f", ended by {limits_reached}: the same command goes on"
    told = f"{done.lists} of {len(lists)} lists judged{ended}; {path} holds {written.lists} lists: {statuses}"
    say(console, told)


def _replied(console: Console, lists: list[RankedList], method: Method, judge: ReplayJudge) -> list[RankedList]:
    """The lists of which the judge, a folder, holds all replies; what is left out is told."""
    from benchmark.labels.llm.runner.driven import answered

    held = [ranked for ranked in lists if answered(method, ranked, judge.reply)]
    told = f"{judge.store.folder}: holds all replies about {len(held)} of {len(lists)} lists"
    if lists and not held:
        raise DataError(f"{told}; name the model itself as the judge, or ask as it was asked")
    if len(held) < len(lists):
        say(console, f"{told}; for the others name the model itself as the judge")
    return held


def _within(
    console: Console, lists: list[RankedList], there: Judgments | None, questions: Questions, budget: int, path: Path
) -> list[RankedList]:
    """Of the lists those that are asked again, and as many new ones as `there` may still take.

    Some strategies choose other lists for a larger budget; then there is not room for all.
    """
    held = set() if there is None else set(there.table["qid"]) & set(questions.qids.tolist())
    again = [ranked for ranked in lists if ranked.qid in held]
    new = [ranked for ranked in lists if ranked.qid not in held]
    room = max(budget - len(held), 0)
    if room < len(new):
        told = f"{path} holds {len(held)} lists of the split: {room} of {len(new)} others fit the budget of {budget}"
        say(console, told)
    return again + new[:room]


def settings_told(told: list[str]) -> dict[str, Any]:
    """`name=value`; whole numbers, numbers, true and false are read as such."""
    import json

    settings: dict[str, Any] = {}
    for one in told:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise ConfigurationError(f"setting {one!r}: write NAME=VALUE")
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        settings[name.replace("-", "_")] = read if isinstance(read, str | int | float | bool) else value
    return settings


@dataclass(frozen=True)
class _Round:
    """Which lists are asked about, how, and of whom; `before` are those of earlier rounds, `spent` is of the budget."""

    lists: list[RankedList]
    method: Method
    judge: Judge
    store: ReplyStore
    before: list[RankedList]
    budget: Budget
    spent: Spent


def _estimate(asked: _Round, *, local: bool) -> Estimate:
    """The estimate; a judge on this machine that the store knows nothing of is timed on the first lists."""
    from benchmark.labels.llm.runner.estimate import estimate
    from benchmark.labels.llm.runner.run import annotate

    asking = asked.method, asked.judge, asked.store
    first = estimate(asked.lists, *asking, asked.before)
    if first.seconds is None and local and first.requests:
        with _kept(asked.store):
            annotate(asked.lists[:MEASURED], *asking, budget=asked.budget, spent=asked.spent)
        return estimate(asked.lists, *asking, asked.before)
    return first


@contextmanager
def _kept(store: ReplyStore) -> Iterator[None]:
    """While a judge is asked: whatever ends it, what was answered is in the store, and the message says so."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"replies so far are in {store.folder}; the same command goes on") from None
    except BenchmarkError as error:
        raise type(error)(f"{error}; replies so far are in {store.folder}, the same command goes on") from error


def _tell(console: Console, estimated: Estimate, judge: Judge, price_in: float, price_out: float) -> None:
    from datetime import timedelta

    time = "unknown before something was asked"
    if estimated.seconds is not None:
        time = f"{timedelta(seconds=round(estimated.seconds))} of the judge's time"
    bound = "at most" if estimated.exact else "about"
    prompts, answers = f"{estimated.prompt_tokens:,}", f"{estimated.completion_tokens:,}"
    told = (
        f"{estimated.lists:,} lists of {estimated.documents:,} documents",
        f"{estimated.requests:,} requests to ask, {estimated.stored:,} in the store",
        f"{'' if estimated.exact else 'about '}{prompts} tokens of prompts, {bound} {answers} of answers",
        f"time {time}",
        f"cost {bound} {estimated.cost(price_in, price_out):.2f}",
    )
    say(console, f"{judge.model.name}: {'; '.join(told)}")


def _annotate(console: Console, asked: _Round, estimated: Estimate) -> Annotation:
    from benchmark.labels.llm.runner.run import annotate

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=600) as progress, _kept(asked.store):
        timed = asked.spent.requests
        bar = progress.add_task(f"{asked.judge.model.name}, {asked.method.name}", total=estimated.requests)
        return annotate(
            asked.lists,
            asked.method,
            asked.judge,
            asked.store,
            budget=asked.budget,
            spent=asked.spent,
            counted=asked.before,
            told=lambda now: progress.update(
                bar,
                completed=now.requests - timed,
                total=max(estimated.requests, now.requests - timed),
            ),
        )


def _default_path(model: str, method: str, split: str) -> Path:
    plain = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in model.lower())
    return Path("judgments") / f"{plain}-{method}{'' if split == 'train' else f'-{split}'}.parquet"
