"""Which lists `click-or-llm annotate` asks about, and what it says of those that it does not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from rich.console import Console

from benchmark.commands.say import say
from benchmark.errors import DataError
from benchmark.labels.llm.judges.replay import ReplayJudge
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.runner.drive import answered
from benchmark.labels.llm.runner.growing_file import lists_within_budget, unjudged


def lists_left(console: Console, chosen: Sequence[RankedList], path: Path, there: Judgments | None) -> list[RankedList]:
    """The lists that the judgments in `path`, which are `there`, do not hold to the end."""
    lists = unjudged(chosen, there)
    if len(lists) < len(chosen):
        say(console, f"{len(chosen) - len(lists)} of {len(chosen)} lists are in {path} already")
    return lists


def lists_that_fit(
    console: Console, wanted: Sequence[RankedList], path: Path, held: Collection[str], budget: int
) -> list[RankedList]:
    """The lists that there is room for in `path`, if it is to hold `budget` of the split and has `held` these."""
    lists = lists_within_budget(wanted, held, budget)
    if len(lists) < len(wanted):
        fit, others = (sum(ranked.qid not in held for ranked in some) for some in (lists, wanted))
        told = f"{path} holds {len(held)} lists of the split: {fit} of {others} others fit the budget of {budget}"
        say(console, told)
    return lists


def lists_replied(
    console: Console, lists: Sequence[RankedList], method: Method, judge: ReplayJudge, *, grows: bool
) -> list[RankedList]:
    """The lists of which the judge holds all replies.

    `grows`: whether there is a file of judgments already. Raises `DataError` where there is none, nor will be.
    """
    held = [ranked for ranked in lists if answered(method, ranked, judge.reply)]
    others = " that are not in it" if grows else ""
    told = f"{judge.where}: holds all replies about {len(held)} of {len(lists)} lists{others}"
    if lists and not held and not grows:
        raise DataError(f"{told}; name the model itself as the judge, or ask as it was asked")
    if len(held) < len(lists):
        say(console, f"{told}; for the others name the model itself as the judge")
    return held
