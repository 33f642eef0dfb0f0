"""`click-or-llm rejudge`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from benchmark.commands.say import say
from benchmark.commands.stored import settings_of, stored_judgments
from benchmark.errors import ConfigurationError

if TYPE_CHECKING:
    from benchmark.labels.llm.judges.model import Model

TOLERANCE = 1e-3
"""How far a probability may be from the stored one (of a likelihood, its logarithm for each token)."""


def rejudge(
    judgments: Annotated[str, typer.Argument(help="A judgments file (.parquet), or the name of shipped ones.")],
    judge: Annotated[
        str, typer.Option(help="smollm2; the GGUF file or the folder that they were made with; or an endpoint's URL.")
    ] = "smollm2",
    task: Annotated[str, typer.Option(help="The task that they are of.")] = "insuranceqa",
    lists: Annotated[int, typer.Option(min=1, help="How many of the lists to judge again.")] = 3,
    setting: Annotated[list[str], typer.Option(help="What the file cannot hold: pool=training:100.")] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(min=0, help="Draws the lists.")] = 0,
    key_variable: Annotated[str, typer.Option(help="Environment variable with an endpoint's key.")] = "OPENAI_API_KEY",
    device: Annotated[str, typer.Option(help="cpu, or a GPU that torch knows.")] = "cpu",
) -> None:
    """Judge a sample of stored judgments again and compare: OK to 0.001, else FAIL and why that may be."""
    from benchmark.labels.llm.judges.open import Service, open_judge
    from benchmark.labels.llm.replies.store import ReplyStore
    from benchmark.labels.llm.runner.rejudge import judge_again
    from benchmark.tasks.registry import task_entry

    entry = task_entry(task)
    name, stored = stored_judgments(judgments, entry)
    made = stored.metadata.model
    asking = open_judge(
        judge,
        name=made.name,
        dtype=made.dtype or "float32",
        device=device,
        service=Service(key_variable=key_variable, extra=made.extra, served_as=_name_of(made)),
    )
    _check_judge(judge, asking.model, name, made)
    loaded, grades = entry.load()
    settings = settings_of(setting, stored.metadata, loaded, grades)
    with tempfile.TemporaryDirectory() as scratch:
        again = judge_again(
            stored, loaded, asking, ReplyStore(Path(scratch)), lists=lists, seed=seed, settings=settings
        )
    verdict = "OK" if again.largest <= TOLERANCE else "FAIL"
    why = "" if verdict == "OK" else _why(made, asking.model)
    say(
        Console(),
        f"[{verdict}] {name}: {len(again.difference)} judgments of {again.lists} lists: "
        f"largest difference {again.largest:.2g}{why}",
    )
    if verdict != "OK":
        raise typer.Exit(1)


def _check_judge(judge: str, now: Model, name: str, made: Model) -> None:
    """Raise `ConfigurationError` where another file, or something behind an endpoint, made the judgments `name`."""
    if (now.served_by, now.file_sha256) != (made.served_by, made.file_sha256):
        which = f"sha256 {made.file_sha256}; name that file" if made.file_sha256 else f"at {made.served_by}; name that"
        told = now.served_by or judge  # an address could hold a secret
        raise ConfigurationError(f"judge {told}: is not what made {name}: {made.name}, {which}")


def _name_of(made: Model) -> str | None:
    """The name that a service was given, where it is not called by its address."""
    from benchmark.labels.llm.judges.open import is_endpoint

    return None if not made.served_by or is_endpoint(made.served_by) else made.served_by


def _why(made: Model, now: Model) -> str:
    """What differs between then and now."""
    from benchmark.labels.llm.judges.model import UNKNOWN

    if made.served_by:
        return "; a service need not say the same twice"
    before = made.processor or UNKNOWN
    if before != now.processor:
        only = made.dtype == "bfloat16"
        then = "only float32 is the same on both" if only else "in float32 such were not seen to differ so much"
        return f"; made in {now.dtype} on {before}, this is {now.processor}: {then}"
    if made.versions != now.versions:
        return f"; made with {_told(made.versions)}, this is {_told(now.versions)}"
    return "; same arithmetic, same libraries: the file or the judge has changed"


def _told(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) or "unknown libraries"
