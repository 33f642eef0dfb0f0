"""Whether a service's model comes to its answers at all: one that thinks first may never, and is paid all the same."""

from __future__ import annotations

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.judge import Reply

FIRST = 20
"""Replies that are looked at."""
_THINKS = (
    "a model that thinks first is told not to, such as by --extra-body "
    """'{"chat_template_kwargs": {"enable_thinking": false}}', or given room: '{"max_completion_tokens": 2000}'"""
)


class FirstReplies:
    """Of a run's first replies by a service one at least must come to an answer.

    One that is empty, or nothing but thinking, does not. Refusals and failures say nothing of it. It is not `asked` of
    a model on this machine, which its template tells not to think, nor of what is replayed.
    """

    def __init__(self, *, asked: bool) -> None:
        self._left = FIRST if asked else 0
        self._last: Reply | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the last of the first replies was in vain, as all before it."""
        return self._last is not None

    def check(self) -> None:
        """Raises `ConfigurationError` where it is lost: to be called when all that was paid for is kept."""
        if self._last is not None:
            last = f"the last: {self._last.text!r:.40}, {self._last.status}"
            raise ConfigurationError(f"none of the first {FIRST} replies comes to an answer ({last}); {_THINKS}")

    def look_at(self, reply: Reply) -> None:
        """Count a reply, as long as it is one of the first."""
        if not self._left or reply.status in ("failed", "refused"):
            return
        if not _in_vain(reply):
            self._left = 0
            return
        self._left -= 1
        if not self._left:
            self._last = reply


def _in_vain(reply: Reply) -> bool:
    text = reply.text.strip().casefold()
    return reply.log_probabilities is None and (not text or (text.startswith("<think") and "</think" not in text))
