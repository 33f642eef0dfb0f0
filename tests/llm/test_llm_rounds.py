"""A judgments file grows from round to round: nothing in it changes, what the rounds took is added up."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scripted import ScriptedJudge, lists

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.judges.replay import replay_judge
from benchmark.labels.llm.judgments import Chooser, Judgments, PromptUsed, read_judgments
from benchmark.labels.llm.judgments.rows import SCHEMA, judgments_of, rows_sha256, to_rows
from benchmark.labels.llm.methods.method import Method
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.methods.yes_no import YesNo
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner import growing_file
from benchmark.labels.llm.runner.budget import Budget, Spent
from benchmark.labels.llm.runner.drive import answered
from benchmark.labels.llm.runner.growing_file import GrowingFile, unjudged
from benchmark.labels.llm.runner.round import Round
from benchmark.labels.llm.runner.run import annotate
from benchmark.labels.llm.selection.registry import STRATEGIES
from benchmark.running.rounds import DRAW, chosen_by
from benchmark.tasks.registry import task_entry

MANIFEST = "a" * 64
YES_NO = method_named("yes-no")


@dataclass
class Judge:
    """Says yes with a probability that is a hash of the request, writes 1 2 3; fails at what holds `failing`."""

    processor: str = "one"
    failing: str = "no such text"
    served: str = ""
    asked: list[Request] = field(default_factory=list)

    @property
    def model(self) -> Model:
        return Model(name="judge", processor=self.processor, device="cpu", versions={"torch": self.processor})

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        for index, reply in self.said(requests):
            yield index, replace(reply, served=self.served)

    def said(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        for index, request in enumerate(requests):
            self.asked.append(request)
            if self.failing in request.shared + request.own:
                yield index, Reply("failed", prompt_tokens=10, seconds=0.5)
                continue
            if request.kind == "write":
                yield index, Reply("ok", "1 2 3", prompt_tokens=10, seconds=0.5, cost=0.25)
                continue
            p = (1 + int(hashlib.sha256((request.shared + request.own).encode()).hexdigest(), 16) % 98) / 100
            told = (float(np.log(p)), float(np.log1p(-p)))
            yield index, Reply("ok", request.answers[p < 0.5], told, prompt_tokens=10, seconds=0.5, cost=0.25)

    def check(self, requests: Iterable[Request]) -> None:
        """All can be answered."""

    def tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def round_of(
    judge: Judge, count: int, folder: Path, path: Path, method: Method = YES_NO, chosen_by: Collection[Chooser] = ()
) -> Judgments:
    """One round over the first `count` lists, with the replies in `folder`."""
    file = GrowingFile(path, method, judge.model, "training", MANIFEST)
    before = file.read()
    judged = set() if before is None else set(before.table["qid"])
    counted = [ranked for ranked in lists(count) if ranked.qid in judged]
    store = ReplyStore(folder)
    done = annotate(unjudged(lists(count), before), method, judge, store, counted=counted)
    return file.add(done, store.ran_on(judge.model), "made", "lists", chosen_by)


def test_a_method_may_ask_by_a_prompt_that_no_file_holds(tmp_path: Path) -> None:
    mine = YES_NO.prompts[0].model_copy(update={"name": "mine-v1", "version": 1, "own": "Does it answer {question}?"})
    made = round_of(Judge(), 2, tmp_path / "a", tmp_path / "x.parquet", YesNo(mine)).metadata
    assert made.prompts == {"mine-v1": PromptUsed(sha256=mine.sha256, language="en")}
    assert round_of(Judge(), 3, tmp_path / "a", tmp_path / "x.parquet", YesNo(mine)).metadata.lists == 3


def test_two_rounds_are_one_of_all_lists(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    first, second = Judge("one"), Judge("two")
    before = round_of(first, 4, tmp_path / "a", path)
    grown = round_of(second, 10, tmp_path / "b", path)
    once = round_of(Judge(), 10, tmp_path / "c", tmp_path / "y.parquet")
    assert {request.own for request in first.asked}.isdisjoint(request.own for request in second.asked)
    assert grown.metadata.rows_sha256 == once.metadata.rows_sha256
    assert (before.metadata.lists, grown.metadata.lists) == (4, 10)
    for name in ("prompt_tokens", "completion_tokens", "seconds", "cost"):
        assert getattr(grown.metadata, name) == getattr(once.metadata, name)
    made = grown.metadata
    assert (made.model.processor, made.model.device, made.model.versions) == ("one; two", "cpu", {"torch": "one; two"})
    assert made.model.identity == before.metadata.model.identity
    assert made.candidates == "made: 4 lists, whole lists; made: 6 lists, whole lists"
    assert read_judgments(path).metadata == made


def test_rounds_that_end_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reads the file before the others could have written it, were they not made to wait."""
    path, judge = tmp_path / "x.parquet", Judge()
    file = GrowingFile(path, YES_NO, judge.model, "training", MANIFEST)
    every = lists(4)
    done = [annotate([one], YES_NO, judge, ReplyStore(tmp_path / one.qid)) for one in every]
    written = growing_file.write_judgments

    def slowly(*arguments: Any, **more: Any) -> Judgments:
        time.sleep(0.1)
        return written(*arguments, **more)

    monkeypatch.setattr(growing_file, "write_judgments", slowly)
    with ThreadPoolExecutor(len(done)) as pool:
        list(pool.map(lambda one: file.add(one, judge.model, "made", "lists"), done))
    assert set(read_judgments(path).table["qid"]) == {one.qid for one in every}


def test_what_chose_the_lists_of_any_round_went_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    assert round_of(Judge(), 2, tmp_path / "a", path).metadata.supervision == frozenset()
    round_of(Judge(), 4, tmp_path / "a", path, chosen_by={"log"})
    grown = round_of(Judge(), 6, tmp_path / "a", path, chosen_by={"dev"})
    assert grown.metadata.chosen_by == ("dev", "log")
    assert chosen_by("random", grown) == chosen_by(DRAW, grown) == chosen_by("dev-error", grown) == {"dev", "log"}


def test_what_a_ranker_learned_from_chooses_the_next_lists(tmp_path: Path) -> None:
    made = round_of(Judge(), 2, tmp_path / "a", tmp_path / "x.parquet")
    metadata = made.metadata.model_copy(update={"settings": {"human_supervision": True}})
    shown = replace(made, metadata=metadata)
    assert chosen_by("ranker-uncertainty", shown) == {"human"}
    assert chosen_by("random", shown) == chosen_by(DRAW, shown) == frozenset()


@pytest.mark.parametrize("strategy", [DRAW, *STRATEGIES])
def test_what_a_strategy_reads_is_told(strategy: str) -> None:
    read = {"click-sparsity": {"log"}, "click-uncertainty": {"log"}, "dev-error": {"dev"}}
    assert chosen_by(strategy) == read.get(strategy, set())


def test_a_file_names_what_gave_the_replies_and_not_what_read_them(tmp_path: Path) -> None:
    round_of(Judge("one"), 4, tmp_path / "a", tmp_path / "x.parquet")
    again = round_of(Judge("two"), 4, tmp_path / "a", tmp_path / "y.parquet").metadata.model
    assert (again.processor, again.versions) == ("one", {"torch": "one"})
    more = round_of(Judge("two"), 6, tmp_path / "a", tmp_path / "z.parquet").metadata.model
    assert (more.processor, more.versions) == ("one; two", {"torch": "one; two"})
    assert ReplyStore(tmp_path / "a").models() == [more]


def test_a_file_names_the_models_that_a_service_said_it_answered_by(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    round_of(Judge(), 2, tmp_path / "a", path)
    assert read_judgments(path).metadata.model.versions == {"torch": "one"}
    for count, month in ((4, "m-2026-10"), (6, "m-2026-11"), (8, "m-2026-10")):
        round_of(Judge(served=month), count, tmp_path / "a", path)
    made = read_judgments(path).metadata.model
    assert made.versions == {"torch": "one", "answered by": "m-2026-10; m-2026-11"}
    assert made.identity == Judge().model.identity


def test_what_is_no_sidecar_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"x\.json: is in the way of x\.parquet's side-car; name another file"):
        round_of(Judge(), 2, tmp_path / "a", tmp_path / "x.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_a_processor_that_was_not_recorded_is_not_the_next_one() -> None:
    now = Judge("two").model
    assert now.after(Judge("").model).processor == "a processor that was not recorded; two"
    assert Judge("").model.after(Judge("").model).processor == ""
    assert Model(name="judge", processor="two").after(Model(name="judge")).processor == "two"


def test_a_list_with_a_failure_is_judged_again_and_only_that(tmp_path: Path) -> None:
    path, judge = tmp_path / "x.parquet", Judge(failing="question 2")
    broken = round_of(judge, 4, tmp_path / "a", path)
    assert broken.metadata.statuses == {"failed": 3, "ok": 9}
    judge.failing = "no such text"
    asked = len(judge.asked)
    mended = round_of(judge, 4, tmp_path / "a", path)
    assert len(judge.asked) == asked + 3
    assert mended.metadata.seconds == (asked + 3) * 0.5  # what failed took its time, what did not is counted once
    assert mended.metadata.cost == 12 * 0.25
    assert mended.metadata.statuses == {"ok": 12}
    whole = round_of(Judge(), 4, tmp_path / "b", tmp_path / "y.parquet")
    assert mended.metadata.rows_sha256 == whole.metadata.rows_sha256


def test_what_rounds_share_is_paid_and_counted_once(tmp_path: Path) -> None:
    """Ten lists of three documents each are of seven documents, and each is asked about once."""
    method, path, judge = method_named("document-quality"), tmp_path / "x.parquet", Judge()
    for count in (2, 5, 10):
        made = round_of(judge, count, tmp_path / "a", path, method).metadata
    assert (len(judge.asked), made.lists, made.rows) == (7, 10, 30)
    assert (made.seconds, made.cost, made.prompt_tokens) == (7 * 0.5, 7 * 0.25, 70)


def test_what_a_method_went_on_to_ask_after_a_failure_is_counted_once(tmp_path: Path) -> None:
    """Of two orders one fails and the other goes on to its next steps."""
    method, path = method_named("utility", permutations=2), tmp_path / "x.parquet"
    judge = Judge(failing="no such text")
    first = next(iter(next(method.steps(lists(1)[0]))))
    judge.failing = first.shared + first.own
    round_of(judge, 1, tmp_path / "a", path, method)
    judge.failing = "no such text"
    mended = round_of(judge, 1, tmp_path / "a", path, method).metadata
    assert mended.seconds == len(judge.asked) * 0.5


def test_replies_that_failed_are_no_replies_to_replay(tmp_path: Path) -> None:
    """The lists that need them are for the model itself; nothing is written for them, however often it is tried."""
    round_of(Judge(failing="question 2"), 4, tmp_path / "a", tmp_path / "x.parquet")
    again = replay_judge(tmp_path / "a")
    assert [ranked.qid for ranked in lists(4) if answered(YES_NO, ranked, again.reply)] == ["q0", "q1", "q3"]
    for _ in range(2):
        with pytest.raises(DataError, match=r"judge never answered this: .*question 2.*; name the model itself"):
            round_of(again, 4, tmp_path / "b", tmp_path / "y.parquet")
    assert (tmp_path / "b" / "replies.jsonl").read_text() == ""


@pytest.mark.parametrize("budget", [Budget(requests=1), Budget(tokens=1), Budget(seconds=0.1), Budget(cost=0.1)])
def test_what_is_replayed_was_paid_for_before(tmp_path: Path, budget: Budget) -> None:
    """It takes nothing of a budget; the judgments took what they took."""
    first = annotate(lists(4), YES_NO, Judge(), ReplyStore(tmp_path / "a"))
    again = replay_judge(tmp_path / "a")
    replayed = annotate(lists(4), YES_NO, again, ReplyStore(tmp_path / "b"), budget=budget)
    assert replayed.complete and replayed.judgments == first.judgments
    assert replayed.used == first.used
    assert replayed.spent == Spent(stored=12, replayed=12)
    assert (replayed.spent.answers, replayed.spent.requests) == (12, 0)  # what a progress bar shows, what was paid
    assert ReplyStore(tmp_path / "b").replies == again.replies


def test_lists_that_are_asked_again_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    round_of(Judge(failing="question 2"), 4, tmp_path / "a", path)
    mended = round_of(Judge(failing="none"), 4, tmp_path / "a", path).metadata
    assert (mended.lists, mended.candidates, mended.statuses) == (4, "made: 4 lists, whole lists", {"ok": 12})


@pytest.mark.parametrize("lost", ["old", "missing"])
def test_a_death_between_rows_and_side_car_loses_nothing(tmp_path: Path, lost: str) -> None:
    path, side = tmp_path / "x.parquet", tmp_path / "x.json"
    round_of(Judge(), 2, tmp_path / "a", path)
    old = side.read_bytes()
    grown = round_of(Judge(), 4, tmp_path / "a", path)
    new = side.read_bytes()
    side.unlink()
    if lost == "old":
        side.write_bytes(old)
    with pytest.raises(DataError, match=r"side-car|cannot be read; it belongs beside"):
        read_judgments(path)
    again = round_of(Judge(), 5, tmp_path / "b", path)
    assert (again.metadata.lists, again.metadata.seconds) == (5, grown.metadata.seconds + 1.5)
    assert new != old


def test_other_damage_is_not_mended(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    round_of(Judge(), 2, tmp_path / "a", path)
    rows = pq.read_table(path)
    pq.write_table(rows.slice(1), path)
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(DataError, match=r"x\.json: "):
        round_of(Judge(), 4, tmp_path / "a", path)


def test_lists_of_another_task_are_not_added(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    round_of(Judge(), 2, tmp_path, path)
    with pytest.raises(ConfigurationError, match="task: is another one, or another version of it"):
        GrowingFile(path, YES_NO, Judge().model, "training", "b" * 64).read()


@pytest.mark.parametrize("name", sorted(task_entry("insuranceqa").all_judgments()))
def test_judgments_come_out_of_a_file_as_they_went_in(name: str) -> None:
    """Of every shipped file: to judgments and back, not a bit changes."""
    shipped = task_entry("insuranceqa").all_judgments()[name]
    rows = to_rows(judgments_of(shipped.table, shipped.log_probabilities))
    assert rows.schema == SCHEMA
    assert rows_sha256(rows) == shipped.metadata.rows_sha256
    pd.testing.assert_frame_equal(rows.drop_columns(["log_probabilities"]).to_pandas(), shipped.table)


def test_what_failed_while_a_judge_was_timed_is_not_estimated_as_to_be_asked(tmp_path: Path) -> None:
    judge = ScriptedJudge(fail=lambda request: "document 0" in request.shared + request.own)
    asked = Round(lists(6), method_named("graded-4"), judge, ReplyStore(tmp_path))
    estimated = asked.estimate()
    timed = len(judge.asked)
    asked.run()
    assert timed > 0
    assert estimated.requests == len(judge.asked) - timed
