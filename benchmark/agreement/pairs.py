"""Which labellings are compared, and what a comparison is one of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from benchmark.agreement.labelling import Labelling


def relation(first: Labelling, second: Labelling) -> str:
    """What stands behind a comparison, in a phrase."""
    kinds = (first.kind, second.kind)
    if kinds != ("llm", "llm"):
        return f"{first.kind} - {second.kind}"
    if (first.model, first.weights) != (second.model, second.weights):
        return "two judges"
    if first.method != second.method:
        return "two methods of one judge"
    if (first.prompt, first.wording) == (second.prompt, second.wording):
        return "two settings of one judge"
    return "two prompts of one judge" if first.language == second.language else "two languages of one judge"


def pairs_of(sources: list[Labelling]) -> Iterator[tuple[Labelling, Labelling]]:
    """Which labellings are compared; the second is the reference: humans before clicks before judges."""
    judges = [source for source in sources if source.kind == "llm"]
    by_kind = {source.kind: source for source in sources}
    for reference in ("human", "clicks"):
        yield from ((judge, by_kind[reference]) for judge in judges)
    yield by_kind["clicks"], by_kind["human"]
    yield by_kind["order"], by_kind["human"]
    yield by_kind["order"], by_kind["clicks"]
    yield from combinations(judges, 2)
