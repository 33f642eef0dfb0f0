"""Annotating through an endpoint, against a plain load script on the same server, in turn: `make bench-endpoint`.

The server is `transformers serve`, in a process of its own, with SmolLM2 and then with a model of some thousand random
weights, which answers as fast as that server can. The load script sends the same chats, equally many at a time, over
connections that stay open, and looks at no answer: what it reaches is the server's throughput. Ours is a whole
annotation: prompts made, replies parsed, in the store and on the disk before anything is made of them. Prints requests
per second of both, in every round, and for each model the ratio of the medians; the last line is the lower of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import httpx2
import numpy as np

from benchmark.labels.llm.judges.endpoint import EndpointJudge
from benchmark.labels.llm.judges.model_file import load_model
from benchmark.labels.llm.judges.open import _small
from benchmark.labels.llm.methods.method import Method, RankedList
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.ranked_lists import ranked_lists
from benchmark.labels.llm.runner.run import annotate
from benchmark.tasks.registry import DEFAULT_TASK, task_entry

sys.path.insert(0, str(Path(__file__).parents[1] / "llm"))

from serving.real_server import RealServer, serving
from serving.tiny_model import write_tiny_model


def training_lists(count: int) -> list[RankedList]:
    """Of the first training questions of every stratum."""
    task, _ = task_entry(DEFAULT_TASK).load()
    train = task.questions.where(task.questions.split == "train")
    return list(ranked_lists(task, train.where(np.lexsort((train.qids, train.draw))[:count])))


def plain(server: RealServer, lists: Sequence[RankedList], method: Method, concurrency: int) -> float:
    """Requests per second of a script that does nothing but send."""
    bodies = [
        {
            "model": server.model,
            "temperature": 0.0,
            "max_tokens": request.max_tokens,
            "messages": [{"role": "user", "content": request.system + request.shared + request.own}],
        }
        for ranked in lists
        for request in next(method.steps(ranked))
    ]

    async def send() -> float:
        pending = iter(bodies)

        async def worker(client: httpx2.AsyncClient) -> None:
            for body in pending:
                (await client.post("/chat/completions", json=body)).raise_for_status()

        async with httpx2.AsyncClient(base_url=server.base_url, timeout=600) as client:
            started = time.perf_counter()
            await asyncio.gather(*(worker(client) for _ in range(concurrency)))
            return len(bodies) / (time.perf_counter() - started)

    return asyncio.run(send())


def ours(server: RealServer, lists: Sequence[RankedList], method: Method, concurrency: int) -> float:
    """Requests per second of an annotation."""
    judge = EndpointJudge(server.base_url, server.model, concurrency=concurrency, timeout=600)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = annotate(lists, method, judge, ReplyStore(Path(folder)))
        seconds = time.perf_counter() - started
    assert done.complete, done.spent
    assert "failed" not in done.spent.statuses, done.spent
    return done.spent.requests / seconds


def compare(name: str, folder: Path, lists: Sequence[RankedList], rounds: int, concurrency: int) -> float:
    """The ratio of the medians, ours over the load script's."""
    method = method_named("yes-no")
    speeds: dict[Callable[..., float], list[float]] = {plain: [], ours: []}
    with serving(folder, folder.with_suffix(".log")) as server:
        plain(server, lists[:1], method, concurrency)  # the model is loaded by the first request
        for contender in islice(cycle((plain, ours, ours, plain)), 2 * rounds):
            speeds[contender].append(contender(server, lists, method, concurrency))
            print(f"{name}: {contender.__name__:5} {speeds[contender][-1]:8.2f} requests/s", flush=True)
    return median(speeds[ours]) / median(speeds[plain])


def main() -> None:
    """Both models, round by round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", type=int, default=5, help="lists of 20 documents that SmolLM2 is asked about")
    parser.add_argument("--tiny-lists", type=int, default=50, help="those that the tiny model is asked about")
    parser.add_argument("--rounds", type=int, default=4, help="of each of the two")
    parser.add_argument("--concurrency", type=int, default=16)
    arguments = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as temporary:
        tiny = write_tiny_model(Path(temporary) / "tiny")
        small = Path(temporary) / "small"
        model, tokenizer = load_model(_small(), "bfloat16", "cpu")
        model.save_pretrained(small)
        tokenizer.save_pretrained(small)
        del model
        for name, folder, count in (("tiny", tiny, arguments.tiny_lists), ("SmolLM2", small, arguments.lists)):
            ratios.append(compare(name, folder, training_lists(count), arguments.rounds, arguments.concurrency))
            print(f"{name}: ratio {ratios[-1]:.3f}", flush=True)
    print(f"ratio endpoint {min(ratios):.3f}")


if __name__ == "__main__":
    main()
