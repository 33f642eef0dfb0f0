"""Processes that work for this one, and can be ended at any moment."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import Any


class Workers(ProcessPoolExecutor):
    """Processes of which none is started once they are stopped: a thread replaces those that are done, and may be late.

    They are spawned, not forked: they never inherit this process's grades.
    """

    def __init__(self, workers: int, **more: Any) -> None:
        super().__init__(workers, multiprocessing.get_context("spawn"), **more)

    def _adjust_process_count(self) -> None:
        if not self._shutdown_thread:
            super()._adjust_process_count()

    def stop(self) -> None:
        """End them all, whatever they are at."""
        processes = self._processes or {}
        self.shutdown(wait=False, cancel_futures=True)
        for process in list(processes.values()):
            process.terminate()


def end_with_parent() -> None:
    """End the process that calls this as soon as the one that started it is gone, killed perhaps."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
