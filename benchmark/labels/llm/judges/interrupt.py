"""Ctrl-C while a judge has requests under way that are paid for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmark.labels.llm.judges.judge import Stoppable


@contextmanager
def interruptible(answers: object) -> Iterator[None]:
    """While `answers` are taken: the first Ctrl-C stops them and is raised at the end, the second is raised at once.

    So is the first where they are not `Stoppable`: nothing that would be lost is under way.
    """
    if not isinstance(answers, Stoppable) or not _raises():
        yield
        return
    interrupted = False

    def stop(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        answers.stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if interrupted:
        raise KeyboardInterrupt


def _raises() -> bool:
    """Whether Ctrl-C would raise here: only in the main thread, and where nobody else deals with it."""
    in_main = threading.current_thread() is threading.main_thread()
    return in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
