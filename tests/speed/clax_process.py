"""Calling CLAX in its own environment: arrays out, traces back."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("CLAX_PYTHON", ROOT / ".venv-clax" / "bin" / "python"))
MISSING = f"CLAX is not installed ({PYTHON} is missing): make .venv-clax/installed"

Log = tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class Training:
    """One setting (`rate:batch`): seconds of its first, compiling step; then (seconds, held-out log-likelihood)."""

    setting: str
    compilation: float
    trace: list[tuple[float, float]]

    @property
    def best(self) -> float:
        """The highest held-out log-likelihood."""
        return max(value for _, value in self.trace)

    def reached(self, target: float) -> float | None:
        """Seconds until the held-out log-likelihood first was `target`; None: never."""
        return next((seconds for seconds, value in self.trace if value >= target), None)


def train_clax(
    model: str, log: Log, held: Log, pair_count: int, settings: Sequence[str], **options: int
) -> list[Training]:
    """Train CLAX's `model` once for each setting, in a process of its own; `options` are those of the worker."""
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder, "log.npz"), Path(folder, "traces.json")
        np.savez(data, pair=log[0], clicked=log[1], held_pair=held[0], held_clicked=held[1], pair_count=pair_count)
        more = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        worker = Path(__file__).with_name("clax_worker.py")
        subprocess.run(
            [PYTHON, worker, data, out, "--model", model, *more, "--settings", *settings],
            check=True,
            env={**os.environ, "JAX_PLATFORMS": "cpu"},
        )
        return [Training(**run) for run in json.loads(out.read_text())]
