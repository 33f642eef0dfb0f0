"""Processes that work for this one, and can be ended at any moment."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any


class Workers(ProcessPoolExecutor):
    """Processes of which none is started once they are stopped: a thread replaces those that are done, and may be late.

    They are spawned, not forked: they never inherit this process's grades. They end when it
    is gone, killed perhaps.
    """

    def __init__(self, workers: int, *, initializer: Callable[..., None] | None = None, **more: Any) -> None:
        context = multiprocessing.get_context("spawn")
        super().__init__(workers, context, initializer=partial(_begin, initializer), **more)

    def _adjust_process_count(self) -> None:
        if not self._shutdown_thread:
            super()._adjust_process_count()

    def stop(self) -> None:
        """End them all, whatever they are at."""
        processes = self._processes or {}
        self.shutdown(wait=False, cancel_futures=True)
        for process in list(processes.values()):
            process.terminate()


def _begin(then: Callable[..., None] | None, *arguments: Any) -> None:
    """What each process does first: watch for the end of the one that started it, then what it is told."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if then is not None:
        then(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
