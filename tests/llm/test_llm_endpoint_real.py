"""Against a real server of the OpenAI protocol with a real, if tiny, model: also when it is killed in the middle."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="openai is not installed")
pytest.importorskip("uvicorn", reason="transformers serve needs uvicorn and fastapi")

from scripted import OneStep, lists
from serving.real_server import RealServer, serving
from serving.tiny_model import write_tiny_model

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judges.endpoint import EndpointError, EndpointJudge
from benchmark.labels.llm.judges.judge import Request
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.run import annotate

pytestmark = pytest.mark.xdist_group("real server")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    folder = tmp_path_factory.mktemp("served")
    with serving(write_tiny_model(folder / "model"), folder / "log") as running:
        yield running


def judge(server: RealServer, **more: object) -> EndpointJudge:
    return EndpointJudge(server.base_url, server.model, **({"concurrency": 4, "timeout": 30.0} | more))  # type: ignore[arg-type]


def written(count: int) -> list[Request]:
    return [Request("write", f"Passage {number}.", "\nWhat is it?", max_tokens=6) for number in range(count)]


def test_everything_asked_is_answered_once_and_the_same_again(server: RealServer) -> None:
    requests = written(12)
    first = dict(judge(server).answer(requests))
    assert sorted(first) == list(range(12))
    assert {reply.status for reply in first.values()} <= {"ok", "truncated"}
    assert all(reply.prompt_tokens > 10 and 0 < reply.completion_tokens <= 6 for reply in first.values())
    again = dict(judge(server, concurrency=1).answer(requests[:3]))
    assert [again[index].text for index in range(3)] == [first[index].text for index in range(3)]


def test_a_choice_has_at_least_its_word(server: RealServer) -> None:
    """This server tells no log-probabilities: the text is what is left."""
    ((_, reply),) = judge(server).answer([Request("choose", "Passage.", "\nYes or no?", ("Yes", "No"))])
    assert reply.status in ("ok", "truncated")
    assert reply.log_probabilities is None


def test_a_score_needs_another_server_and_this_is_said_in_one_line(server: RealServer) -> None:
    request = Request("score", "Passage.", "\nQuestion: what?", lead=10, chat=False)
    with pytest.raises((ConfigurationError, EndpointError)) as caught:
        list(judge(server).answer([request]))
    assert "\n" not in str(caught.value)


def test_a_model_that_is_not_served_is_one_line(server: RealServer, tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=r"^endpoint http://127\.0\.0\.1:\d+/v1: ") as caught:
        list(EndpointJudge(server.base_url, str(tmp_path / "none"), retries=1, first_wait=0.01).answer(written(1)))
    assert "\n" not in str(caught.value)


def test_killed_in_mid_run_and_started_again_nothing_is_lost_or_asked_twice(server: RealServer, tmp_path: Path) -> None:
    """Every request is in the store once; beyond that the server completed what the kill cut off, one a place."""
    told: list[str] = []
    before = server.completed()
    asked = judge(server, say=told.append, away=60.0, first_wait=0.05)
    store = ReplyStore(tmp_path)
    many = lists(60, size=2, documents=200)

    def kill_and_restart() -> None:
        while len(store) < 20:
            time.sleep(0.01)
        server.kill()
        time.sleep(0.5)
        server.start(wait=False)

    helper = threading.Thread(target=kill_and_restart)
    helper.start()
    done = annotate(many, Written(), asked, store)
    helper.join()
    assert done.complete
    assert done.lists == 60
    lines = (tmp_path / "replies.jsonl").read_text().splitlines()
    assert len(lines) == len(store) == done.spent.requests
    assert done.spent.statuses.total() == done.spent.requests
    assert "failed" not in done.spent.statuses
    # An answer of each of the four places may have been on its way when the server died, or its line of the log.
    assert abs(server.completed() - before - done.spent.requests) <= 4
    assert any("nobody there" in line for line in told)
    again = annotate(many, Written(), asked, ReplyStore(tmp_path))
    assert again.spent.requests == 0
    assert [one.docno for one in again.judgments] == [one.docno for one in done.judgments]


class Written(OneStep):
    """Each document and question once."""

    def steps(self, ranked):  # type: ignore[no-untyped-def]
        from benchmark.labels.llm.judgments.judgment import Judgment

        replies = yield [
            Request("write", text, f"\n{ranked.qid} {ranked.question}", max_tokens=3) for text in ranked.texts
        ]
        return [
            Judgment(ranked.qid, docno, "ok", float(len(reply.text)))
            for docno, reply in zip(ranked.docnos, replies, strict=True)
        ]
