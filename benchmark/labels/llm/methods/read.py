"""What a reply says of one document, or why it says nothing."""

from __future__ import annotations

import math
from typing import NamedTuple

from benchmark.labels.llm.judges.judge import Reply
from benchmark.labels.llm.judgments.judgment import Judgment, Status
from benchmark.labels.llm.parsing import refused


class Read(NamedTuple):
    """What a reply says of one document; `value` is NaN unless `status` is ok."""

    status: Status
    value: float = math.nan
    log_probabilities: tuple[float, ...] = ()

    def of(self, qid: str, docno: str, position: int = 1, order: int = 0) -> Judgment:
        """The judgment of that document."""
        return Judgment(qid, docno, self.status, self.value, "", position, order, self.log_probabilities)


def unclear(reply: Reply) -> Status:
    """Why a reply gives no judgment: its own status or, of one that is ok, `refused` or `unparsable`, by its text."""
    if reply.status != "ok":
        return reply.status
    return "refused" if refused(reply.text) else "unparsable"
