"""Judgments as a judge: what was said of each document of a list, given again to whoever asks the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.replay import ReplayJudge
from benchmark.labels.llm.judgments import Judgments
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.judgments.rows import judgments_of
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.methods.pointwise import Pointwise
from benchmark.labels.llm.replies.address import address


def shipped_judge(name: str, judgments: Judgments, method: Method, lists: Iterable[RankedList]) -> ReplayJudge:
    """The model that gave the judgments called `name`, asked by `method` about these lists; the others are left out.

    Of a judgment with log-probabilities the reply is exact to the five digits that are kept, of one without the word
    that its value stands for; an answer that was not understood is empty, and what each took is not known. Raises
    `ConfigurationError` for a method that asks otherwise than these were asked for, and for one that is not pointwise:
    of what shows several documents at a time a judgments file does not hold the answer.
    """
    if told := judgments.metadata.unlike(method):
        raise ConfigurationError(f"judge {name}: {told}; ask as it was asked")
    if not isinstance(method, Pointwise):
        raise ConfigurationError(
            f"judge {name}: only judgments of one document at a time can be given again, {method.name} asks about "
            "several; name a folder of replies, or the model"
        )
    said = {(each.qid, each.docno): each for each in judgments_of(judgments.table, judgments.log_probabilities)}
    model = judgments.metadata.model
    replies = {
        address(model.identity, request): _reply(said[ranked.qid, docno], request)
        for ranked in lists
        for docno, request in _asked(method, ranked)
        if (ranked.qid, docno) in said and said[ranked.qid, docno].status != "failed"
    }
    return ReplayJudge(model, name, replies)


def _asked(method: Pointwise, ranked: RankedList) -> Iterator[tuple[str, Request]]:
    return zip(ranked.docnos, next(method.steps(ranked)), strict=True)


def _reply(judgment: Judgment, request: Request) -> Reply:
    if judgment.status == "unparsable":
        return Reply("ok")
    if judgment.status != "ok":
        return Reply(judgment.status)
    told = judgment.log_probabilities
    if request.kind == "score":
        return Reply("ok", log_probabilities=told)
    if told:
        return Reply("ok", request.answers[told.index(max(told))], told)
    # yes-no has the answers yes and no, and 1 for the first; grades stand for themselves
    place = int(judgment.value) if request.answers[0] == "0" else int(1 - judgment.value)
    return Reply("ok", request.answers[place])
