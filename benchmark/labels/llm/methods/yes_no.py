"""Pointwise: does the document answer the question, yes or no?"""

from __future__ import annotations

import math

from benchmark.labels.llm.judges.judge import Reply
from benchmark.labels.llm.methods.pointwise import Pointwise
from benchmark.labels.llm.methods.read import Read, unclear
from benchmark.labels.llm.prompts.load import prompt_for

_AROUND = " \t\r\n.。!！\"'“”「」*"


class YesNo(Pointwise):
    """P(yes) / (P(yes) + P(no)), from the log-probabilities of the prompt's two answers as the next token.

    Both log-probabilities are kept: their sum shows how much the model wanted to say either. Where a judge gives none,
    the value is 1 or 0, for an answer that is one of the two words and nothing else.
    """

    scale = "yes-no"

    def read(self, reply: Reply) -> Read:
        """P(yes) of a reply that is ok."""
        if reply.log_probabilities is None:
            said = reply.text.strip(_AROUND).casefold()
            words = [answer.casefold() for answer in self.prompt.answers]
            return Read("ok", 1.0 - words.index(said)) if said in words else Read(unclear(reply))
        yes, no = reply.log_probabilities
        return Read("ok", 1 / (1 + math.exp(min(no - yes, 700))), reply.log_probabilities)

    def _problem(self) -> str:
        return "" if len(self.prompt.answers) == 2 else f"has {len(self.prompt.answers)} answers, yes-no needs 2"


def yes_no(*, language: str = "en", prompt: str | None = None) -> YesNo:
    """With the newest prompt in a language, or the prompt of that name."""
    return YesNo(prompt_for("yes-no", language, prompt))
