"""Annotation methods: which requests a ranked list becomes, and what the replies say of its documents.

`method_named("pairwise", opponents=3)` makes one; `METHODS` are the names.
"""

from benchmark.labels.llm.methods.registry import METHODS, method_named

__all__ = ["METHODS", "method_named"]
