"""A real server of the OpenAI protocol that tests may kill: `transformers serve` with a model from a folder."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OFFLINE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


@dataclass
class RealServer:
    """One address, any number of lives; `model` is the name under which it serves its folder."""

    launcher: subprocess.Popen[str]
    model: str
    port: int
    log: Path
    pid: int = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self, *, wait: bool = True) -> None:
        assert self.launcher.stdin is not None
        assert self.launcher.stdout is not None
        self.launcher.stdin.write(f"{self.port}\n")
        self.launcher.stdin.flush()
        self.pid = int(self.launcher.stdout.readline())
        until = time.monotonic() + 120
        while wait and not self.healthy():
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """At once, as a machine that loses its power."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            while self.healthy():
                time.sleep(0.01)
        self.pid = 0

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                return True
        except OSError:
            return False

    def completed(self) -> int:
        """Answers that left the server, in all its lives, by its access log."""
        return sum(
            line.endswith(" 200 OK") and '"POST /v1/' in line
            for line in self.log.read_text(errors="replace").splitlines()
        )


@contextlib.contextmanager
def serving(folder: Path, log: Path) -> Iterator[RealServer]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log.touch()
    command = [sys.executable, str(Path(__file__).with_name("launch.py")), str(folder), str(log)]
    with (
        log.with_suffix(".launch").open("w") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | OFFLINE
        ) as launcher,
    ):
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == "ready\n", log.with_suffix(".launch").read_text()
        server = RealServer(launcher, str(folder), port, log)
        try:
            server.start()
            yield server
        finally:
            server.kill()
            launcher.kill()
