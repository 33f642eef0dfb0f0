"""Pointwise, without the question: how good is the document in itself?"""

from __future__ import annotations

from benchmark.labels.llm.methods.graded import Graded
from benchmark.labels.llm.methods.method import RankedList
from benchmark.labels.llm.prompts.load import prompt_for


class DocumentQuality(Graded):
    """A grade of the document alone, the same in every list that it stands in, so it is asked about once.

    A language model as grader of documents by a prompt, without a query, is how Kong et al. (arXiv 2406.04638) select
    documents for pretraining; the criterion here is ours. It is the counterpart of what clicks say of a document
    whatever the question is.
    """

    def texts(self, ranked: RankedList) -> dict[str, str]:
        """Nothing: the question has no part in it."""
        return {}

    def _problem(self) -> str:
        return super()._problem() or (
            "" if self.prompt.slots == {"document"} else "it must have the slot {document} only"
        )


def document_quality(*, language: str = "en", prompt: str | None = None) -> DocumentQuality:
    """With the newest prompt in a language, or the prompt of that name."""
    return DocumentQuality(prompt_for("document-quality", language, prompt))
