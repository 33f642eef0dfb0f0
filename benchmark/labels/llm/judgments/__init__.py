"""Judgments as they are shipped: rows of ids and numbers, and where they come from. Never a text of the collection."""

from benchmark.labels.llm.judgments.file import mend_sidecar, read_judgments, read_metadata, write_judgments
from benchmark.labels.llm.judgments.judgments import Judgments
from benchmark.labels.llm.judgments.metadata import Chooser, Metadata, PromptUsed, Purpose

__all__ = [
    "Chooser",
    "Judgments",
    "Metadata",
    "PromptUsed",
    "Purpose",
    "mend_sidecar",
    "read_judgments",
    "read_metadata",
    "write_judgments",
]
