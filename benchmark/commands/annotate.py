"""`click-or-llm annotate`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmark.commands import annotate_options as option
from benchmark.commands.say import say
from benchmark.commands.settings import json_object, parse_settings
from benchmark.commands.termination import termination_interrupts
from benchmark.errors import ConfigurationError
from benchmark.labels.llm.selection.registry import entry

if TYPE_CHECKING:
    from benchmark.labels.llm.judges.judge import Judge
    from benchmark.labels.llm.judgments import Judgments, Purpose
    from benchmark.labels.llm.runner.budget import Budget, Spent
    from benchmark.labels.llm.runner.estimate import Estimate
    from benchmark.labels.llm.runner.round import Round
    from benchmark.labels.llm.runner.run import Annotation
    from benchmark.tasks.registry import TaskEntry


def annotate(
    method: option.Method,
    judge: option.Judge = "smollm2",
    model: option.Model = None,
    task: option.TaskName = "insuranceqa",
    language: option.Language = "en",
    setting: option.Settings = [],  # noqa: B006 - typer reads the default
    seed: option.Seed = 0,
    out: option.Out = None,
    store: option.Store = Path("replies"),
    dry_run: option.DryRun = False,
    split: option.Split = "train",
    budget: option.Questions = 300,
    select: option.Select = "draw",
    so_far: option.SoFar = None,
    max_tokens: option.MaxTokens = math.inf,
    max_seconds: option.MaxSeconds = math.inf,
    max_cost: option.MaxCost = math.inf,
    dtype: option.Dtype = "float32",
    device: option.Device = "cpu",
    price_in: option.PriceIn = 0.0,
    price_out: option.PriceOut = 0.0,
    concurrency: option.Concurrency = 16,
    timeout: option.Timeout = 60.0,
    per_minute: option.PerMinute = None,
    tokens_per_minute: option.TokensPerMinute = None,
    extra_body: option.ExtraBody = "{}",
    served_as: option.ServedAs = None,
    key_variable: option.KeyVariable = "OPENAI_API_KEY",
) -> None:
    """Let a language model judge a task's candidate lists; interrupt and resume at will, no answer is lost."""
    from benchmark.commands.asked_lists import lists_left, lists_replied, lists_that_fit
    from benchmark.commands.estimate_line import estimate_line
    from benchmark.files import check_writable
    from benchmark.labels.llm.judges.open import Service, open_judge
    from benchmark.labels.llm.judges.replay import ReplayJudge
    from benchmark.labels.llm.judges.shipped import shipped_judge
    from benchmark.labels.llm.judgments import mend_sidecar, read_judgments
    from benchmark.labels.llm.methods.pool import with_pool
    from benchmark.labels.llm.methods.registry import method_named
    from benchmark.labels.llm.replies.store import ReplyStore
    from benchmark.labels.llm.runner.budget import Budget
    from benchmark.labels.llm.runner.growing_file import GrowingFile
    from benchmark.labels.llm.runner.ranked_lists import lists_of, ranked_lists
    from benchmark.labels.llm.runner.round import Round
    from benchmark.running.rounds import DRAW, chosen_by, questions_to_annotate
    from benchmark.tasks.registry import task_entry

    if out is not None and out.suffix != ".parquet":
        raise ConfigurationError(f"out {out}: must end in .parquet")
    limits = Budget(tokens=max_tokens, seconds=max_seconds, cost=max_cost)
    _check_prices(price_in, price_out, max_cost)
    settings = parse_settings(setting)
    service = Service(
        concurrency,
        per_minute,
        tokens_per_minute,
        timeout=timeout,
        price_in=price_in,
        price_out=price_out,
        key_variable=key_variable,
        extra=json_object("extra-body", extra_body),
        served_as=served_as,
    )
    if "pool" not in settings:
        method_named(method, language=language, seed=seed, **settings)  # mistakes are told before the task is read
    if select != DRAW:
        entry(select)
    if so_far is not None:
        mend_sidecar(so_far)
    earlier = None if so_far is None else read_judgments(so_far)
    loaded, grades = task_entry(task).load()
    asking = method_named(method, language=language, seed=seed, **with_pool(settings, loaded, grades, seed))
    given = _judgments_as_judge(judge, task_entry(task))
    answering: Judge
    if given is None:
        answering = open_judge(judge, name=model, dtype=dtype, device=device, service=service)
    else:
        answering = shipped_judge(judge, given, asking, lists_of(loaded, given.table["qid"].unique()))
    path = out or _default_path(answering.model.name, method, split)
    check_writable(path)
    purpose: Purpose = "training" if split == "train" else "agreement"
    file = GrowingFile(path, asking, answering.model, purpose, loaded.manifest_sha256)
    there = file.read()
    with _folder(store, given) as folder:
        replies = ReplyStore(folder)
        console = Console(stderr=True)

        questions = loaded.questions.where(loaded.questions.split == split)
        chosen = questions_to_annotate(loaded, grades, questions, budget, select, earlier, seed)
        lists = lists_left(console, list(ranked_lists(loaded, chosen)), path, there)
        if so_far is None:
            held = set() if there is None else set(there.table["qid"]) & set(questions.qids.tolist())
            lists = lists_that_fit(console, lists, path, held, budget)
        if isinstance(answering, ReplayJudge):
            lists = lists_replied(console, lists, asking, answering, grows=there is not None)
        if not lists:
            return
        before = [] if there is None else lists_of(loaded, there.table["qid"].unique())
        asked = Round(lists, asking, answering, replies, before, limits)
        estimated = asked.estimate()
        say(console, estimate_line(estimated, answering, service))
        if dry_run:
            return
        with termination_interrupts():
            done = _run(console, asked, estimated)
        if not done.judgments:
            raise ConfigurationError("the budget ended before a list was finished: no judgments; give more")
        choosers = chosen_by(select, earlier).union(() if given is None else given.metadata.chosen_by)
        which = f"{split} questions, selected by {select}"
        written = file.add(done, replies.ran_on(answering.model), f"{task} {loaded.version}", which, choosers).metadata
        grows = so_far is not None and so_far.resolve() == path.resolve()
        again = f"--budget {len(lists) - done.lists} goes on" if grows else "the same command goes on"
        ended = "" if done.complete else f", ended by {_reached(done.spent, limits)}: {again}"
        statuses = ", ".join(f"{count} {status}" for status, count in written.statuses.items())
        say(
            console,
            f"{done.lists} of {len(lists)} lists judged{ended}; {path} holds {written.lists} lists: {statuses}",
        )


def _check_prices(price_in: float, price_out: float, max_cost: float) -> None:
    if max_cost < math.inf and not price_in and not price_out:
        raise ConfigurationError("max-cost: nothing costs anything without prices; give --price-in or --price-out")
    for name, price in (("price-in", price_in), ("price-out", price_out)):
        if not math.isfinite(price):
            raise ConfigurationError(f"{name} {price}: must be a finite number")


def _reached(spent: Spent, limits: Budget) -> str:
    return " and ".join(f"--max-{name}" for name in spent.reached(limits))


@contextmanager
def _folder(store: Path, given: Judgments | None) -> Iterator[Path]:
    """The folder of replies; of judgments, which are no replies as they came, one that is gone afterwards."""
    if given is None:
        yield store
        return
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)


def _judgments_as_judge(judge: str, entry: TaskEntry) -> Judgments | None:
    """The judgments that a judge's name stands for, if it stands for any."""
    from benchmark.labels.llm.judges.open import SMALL, is_endpoint
    from benchmark.labels.llm.judgments import read_judgments

    if judge.endswith(".parquet"):
        return read_judgments(Path(judge))
    if judge == SMALL or is_endpoint(judge) or Path(judge).exists():
        return None
    return entry.all_judgments().get(judge)


def _run(console: Console, asked: Round, estimated: Estimate) -> Annotation:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=600) as progress:
        timed = asked.spent.answers
        bar = progress.add_task(f"{asked.judge.model.name}, {asked.method.name}", total=estimated.requests)

        def told(now: Spent) -> None:
            count = now.answers - timed
            progress.update(bar, completed=count, total=max(estimated.requests, count))

        return asked.run(told)


def _default_path(model: str, method: str, split: str) -> Path:
    plain = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in model.lower())
    return Path("judgments") / f"{plain}-{method}{'' if split == 'train' else f'-{split}'}.parquet"
