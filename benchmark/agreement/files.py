"""Judgment files as labels: the only place here that knows how they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmark.agreement.judged import judged
from benchmark.agreement.source import Source
from benchmark.errors import ConfigurationError, nearest
from benchmark.labels.llm.judgments import Judgments, read_judgments
from benchmark.labels.llm.methods.listwise_graded import ListwiseGraded
from benchmark.labels.llm.prompts import load_prompt, prompt_names
from benchmark.tasks.task import Questions


def named(names: Sequence[str], shipped: Mapping[str, Judgments]) -> dict[str, Judgments]:
    """The judgments called `names`: a shipped name, or a path that ends in .parquet; all shipped ones if none is named.

    Raises `ConfigurationError` for another name or a name given twice, `DataError` for a damaged file.
    """
    if not names:
        return dict(shipped)
    found: dict[str, Judgments] = {}
    for name in names:
        key = Path(name).stem if name.endswith(".parquet") else name
        if key in found:
            raise ConfigurationError(
                f"judgments {name}: there is a {key} before it; name each once, and give two files two names"
            )
        if name.endswith(".parquet"):
            found[key] = read_judgments(Path(name))
        elif name in shipped:
            found[key] = shipped[name]
        else:
            hint = nearest(name, shipped, otherwise=f"shipped: {', '.join(shipped) or 'none'}")
            raise ConfigurationError(f"judgments {name}: neither a .parquet file nor shipped; {hint}")
    return found


def source_of(name: str, judgments: Judgments, questions: Questions) -> Source:
    """The judgments as labels of the candidate lists of `questions`; with what else went into them."""
    return judged(f"{name}{judgments.metadata.told}", judgments, questions.qids, questions.docnos, top=_top(judgments))


def _top(judgments: Judgments) -> int | None:
    """The best grade of a scale 0 ... top; None where nothing tells it.

    As the method told (`Metadata.top`); else one less than the answers of the prompt, than those that have a
    probability, or than those of the prompts made for the method. `listwise-graded-3` may be answered by a line of
    text, and then knows its best grade itself.
    """
    made = judgments.metadata
    if judgments.scale != "grade":
        return None
    width = judgments.log_probabilities.shape[1]
    if made.top is not None:
        return made.top
    known = prompt_names()
    answers = _answers(name for name in made.prompts if name in known)
    answers = answers or (width if width > 1 else _answers(prompt_names(made.method)))
    if answers:
        return answers - 1
    return ListwiseGraded.top if made.method == "listwise-graded-3" else None


def _answers(prompts: Iterable[str]) -> int:
    """The most answers that one of these prompts lets a judge choose from."""
    return max((len(load_prompt(name).answers) for name in prompts), default=0)
