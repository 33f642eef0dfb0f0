"""The options of `click-or-llm annotate`: what each takes, and what its help says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmark.labels.llm.methods.registry import METHODS
from benchmark.labels.llm.selection.registry import STRATEGIES

QUESTIONS, LIMITS = "Which questions", "Limits"
LOCAL, ENDPOINT = "A judge on this machine", "A judge behind an endpoint"

Method = Annotated[str, typer.Option(help=f"A way of asking: {', '.join(METHODS)}.")]
Judge = Annotated[
    str,
    typer.Option(
        help="smollm2; a GGUF file; a folder of transformers; an endpoint's URL; or, to ask nobody, a folder of "
        "replies or judgments (a .parquet file, or the name of shipped ones)."
    ),
]
Model = Annotated[str | None, typer.Option(help="The model's name; an endpoint needs it.")]
TaskName = Annotated[str, typer.Option(help="A task's name.")]
Language = Annotated[str, typer.Option(help="Of the prompts: en or zh.")]
Settings = Annotated[list[str], typer.Option(help="A setting of the method, such as permutations=2; repeat.")]
Seed = Annotated[int, typer.Option(min=0, help="Of everything random in the method and the selection.")]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Judgments file; new lists are added to what it holds. (default: MODEL-METHOD.parquet in judgments)"
    ),
]
Store = Annotated[Path, typer.Option(help="Folder of all replies: no answer is asked for again.")]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Say what it would take. A local judge new to the store is timed on two lists (kept)."
    ),
]

Split = Annotated[
    Literal["train", "dev", "test"],
    typer.Option(help="Dev and test: for agreement only, no system trains on them.", rich_help_panel=QUESTIONS),
]
Questions = Annotated[
    int,
    typer.Option(
        min=1,
        help="Questions that --out is to hold, with their whole lists; with --so-far: how many more.",
        rich_help_panel=QUESTIONS,
    ),
]
Select = Annotated[
    str, typer.Option(help=f"Which: draw (strata alike), {', '.join(STRATEGIES)}.", rich_help_panel=QUESTIONS)
]
SoFar = Annotated[
    Path | None,
    typer.Option(
        help="Judgments of earlier rounds: their questions are not chosen again; rankers learn from them.",
        rich_help_panel=QUESTIONS,
    ),
]

MaxTokens = Annotated[float, typer.Option(min=1, help="Stop after so many tokens.", rich_help_panel=LIMITS)]
MaxSeconds = Annotated[
    float, typer.Option(min=1, help="Stop after so many seconds of answering (not waiting).", rich_help_panel=LIMITS)
]
MaxCost = Annotated[
    float, typer.Option(help="Stop after so much, in the currency of the prices.", rich_help_panel=LIMITS)
]

Dtype = Annotated[
    Literal["bfloat16", "float32"],
    typer.Option(
        help="float32 gives the same numbers on every kind of processor; bfloat16 is faster, in half the memory.",
        rich_help_panel=LOCAL,
    ),
]
Device = Annotated[str, typer.Option(help="cpu, or a GPU that torch knows.", rich_help_panel=LOCAL)]

PriceIn = Annotated[float, typer.Option(min=0, help="Price of 10^6 tokens of prompts.", rich_help_panel=ENDPOINT)]
PriceOut = Annotated[float, typer.Option(min=0, help="Price of 10^6 tokens of answers.", rich_help_panel=ENDPOINT)]
Concurrency = Annotated[int, typer.Option(min=1, help="Requests at a time.", rich_help_panel=ENDPOINT)]
Timeout = Annotated[float, typer.Option(min=1, help="Seconds that an answer may take.", rich_help_panel=ENDPOINT)]
PerMinute = Annotated[float | None, typer.Option(min=1, help="Requests a minute, at most.", rich_help_panel=ENDPOINT)]
TokensPerMinute = Annotated[
    float | None, typer.Option(min=1, help="Tokens a minute, at most.", rich_help_panel=ENDPOINT)
]
ExtraBody = Annotated[
    str,
    typer.Option(
        help="JSON that is sent with each request besides, and recorded; null leaves a field out. For models that "
        'think first: {"chat_template_kwargs": {"enable_thinking": false}} or {"max_completion_tokens": 2000}.',
        rich_help_panel=ENDPOINT,
    ),
]
ServedAs = Annotated[
    str | None,
    typer.Option(
        help="A name for a service whose address changes: what was asked at another is not asked again.",
        rich_help_panel=ENDPOINT,
    ),
]
KeyVariable = Annotated[str, typer.Option(help="Environment variable with the key.", rich_help_panel=ENDPOINT)]
