"""Pointwise: how likely is the question as what comes after the document?"""

from __future__ import annotations

from benchmark.labels.llm.judges.judge import Reply
from benchmark.labels.llm.methods.pointwise import Pointwise
from benchmark.labels.llm.methods.read import Read
from benchmark.labels.llm.prompts.load import prompt_for


class QueryLikelihood(Pointwise):
    """log P(question | document), summed over the question's tokens: the query likelihood of Ponte & Croft (1998).

    The language model reads the document and has no instruction to follow, so a small one can judge too. The sum and
    the number of tokens are kept.
    """

    scale = "likelihood"
    kind = "score"

    def read(self, reply: Reply) -> Read:
        """The sum; a judge that scores without saying the number is not understood."""
        if reply.log_probabilities is None:
            return Read("unparsable")
        total, tokens = reply.log_probabilities
        return Read("ok", total, (total, tokens))

    def _problem(self) -> str:
        fits = self.prompt.own.endswith("{question}") and not self.prompt.answers
        return "" if fits else "`own` must end with {question}, and there are no answers"


def query_likelihood(*, language: str = "en", prompt: str | None = None) -> QueryLikelihood:
    """With the newest prompt in a language, or the prompt of that name."""
    return QueryLikelihood(prompt_for("query-likelihood", language, prompt))
