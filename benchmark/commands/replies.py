"""`click-or-llm replies`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console

from benchmark.commands.say import say
from benchmark.commands.stored import settings_of, stored_judgments
from benchmark.errors import ConfigurationError, DataError

if TYPE_CHECKING:
    from benchmark.labels.llm.judges.judge import Request


def replies(
    judgments: Annotated[str, typer.Argument(help="A judgments file (.parquet), or the name of shipped ones.")],
    store: Annotated[Path, typer.Option(help="Folder of all replies, as annotate keeps it.")] = Path("replies"),
    status: Annotated[
        str | None,
        typer.Option(
            help="Only behind judgments that ended so: ok, refused, unparsable, truncated, failed. Where "
            "several documents are shown at a time: all replies about their question."
        ),
    ] = None,
    qid: Annotated[list[str], typer.Option(help="Only about these questions; repeat for more.")] = [],  # noqa: B006
    prompts: Annotated[bool, typer.Option("--prompts", help="Also what was asked, with the texts.")] = False,
    task: Annotated[str, typer.Option(help="The task that they are of.")] = "insuranceqa",
    setting: Annotated[list[str], typer.Option(help="What the file cannot hold: pool=training:100.")] = [],  # noqa: B006
) -> None:
    """Show what the judge said behind judgments, raw: a JSON object a line, with tokens, seconds and cost of each."""
    from benchmark.labels.llm.judgments.judgment import Status
    from benchmark.labels.llm.replies.store import ReplyStore
    from benchmark.labels.llm.runner.ranked_lists import lists_of
    from benchmark.labels.llm.runner.raw_replies import raw_replies
    from benchmark.labels.llm.runner.rejudge import method_of
    from benchmark.tasks.registry import task_entry

    if status is not None and status not in get_args(Status):
        raise ConfigurationError(f"status {status}: give one of {', '.join(get_args(Status))}")
    entry = task_entry(task)
    name, stored = stored_judgments(judgments, entry)
    table = stored.table
    if unknown := sorted(set(qid) - set(table["qid"])):
        raise ConfigurationError(f"qid {unknown[0]}: {name} holds no judgment of it")
    wanted = table[table["status"].eq(status) if status else table["status"].notna()]
    wanted = wanted[wanted["qid"].isin(qid)] if qid else wanted
    if wanted.empty:
        raise ConfigurationError(
            f"status {status}: {name} holds no such judgment{' of these questions' if qid else ''}"
        )
    pairs = set(zip(wanted["qid"], wanted["docno"], strict=True))
    kept = ReplyStore(store)
    loaded, grades = entry.load()
    settings = settings_of(setting, stored.metadata, loaded, grades)
    lists = lists_of(loaded, wanted["qid"].unique())
    count, found = 0, set()
    for one in raw_replies(lists, method_of(stored.metadata, settings), stored.metadata.model, kept):
        found.add(one.qid)
        if one.docno and (one.qid, one.docno) not in pairs:
            continue
        about = {"qid": one.qid, "docno": one.docno} if one.docno else {"qid": one.qid}
        asked = {"prompt": _prompt(one.request)} if prompts else {}
        print(json.dumps(about | {"step": one.step, **asked, **asdict(one.reply), "address": one.address}))
        count += 1
    if not found:
        raise DataError(
            f"{store}: holds no reply behind {name}; name the folder that annotate wrote to: --store FOLDER"
        )
    missing = f"; {store} holds none about {len(lists) - len(found)} others" if len(found) < len(lists) else ""
    sys.stdout.flush()
    say(Console(stderr=True), f"{count} replies about {len(found)} lists{missing}")


def _prompt(request: Request) -> str:
    system = f"{request.system}\n\n" if request.system else ""
    return f"{system}{request.shared}{request.own}"
