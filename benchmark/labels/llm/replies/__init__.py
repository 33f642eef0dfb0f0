"""Every reply that was ever paid for: append-only, found again by what was asked of which model."""

from benchmark.labels.llm.replies.store import ReplyStore

__all__ = ["ReplyStore"]
