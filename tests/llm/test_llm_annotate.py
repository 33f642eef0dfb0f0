"""A journal survives its job: run as a script, this file annotates slowly until it is killed."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from benchmark.errors import DataError
from benchmark.hashing import seeded_hash
from benchmark.labels.llm.annotate import TaskPairs, annotate, export
from benchmark.labels.llm.journal import import_journal, read_journal
from benchmark.labels.llm.judge import Item
from benchmark.labels.llm.judgments import read_judgments
from benchmark.labels.llm.prompts import load_prompt
from benchmark.labels.llm.provenance import Provenance

SECRET = "text of the collection"
QIDS = [f"q{number}" for number in range(30)]
# neighbours share documents: d3 is a candidate of q2 and of q3
PAIRS = TaskPairs(
    qids=QIDS,
    docnos={qid: [f"d{number}", f"d{number + 1}"] for number, qid in enumerate(QIDS)},
    question=lambda qid: f"{SECRET} {qid}",
    document={f"d{number}": f"{SECRET} d{number}" for number in range(31)},
)


class FakeJudge:
    """log P(yes) is a hash of both texts; remembers what it was asked."""

    def __init__(self, seconds: float = 0.0, answer: float | None = None, model: str = "fake") -> None:
        prompt = load_prompt("yes-no-v1")
        self.provenance = Provenance(
            model=model,
            model_file_sha256="0" * 64,
            quantisation="none",
            dtype="float32",
            prompt=prompt,
            prompt_sha256=prompt.sha256,
            versions={},
        )
        self.asked: list[tuple[str, str]] = []
        self._seconds, self._answer = seconds, answer

    def judge(self, items: Sequence[Item]) -> list[tuple[float, float]]:
        time.sleep(self._seconds)
        pairs = [(question, item.document) for item in items for question in item.questions]
        self.asked += pairs
        if self._answer is not None:
            return [(self._answer, -1.0)] * len(pairs)
        return [(-1 - seeded_hash(0, *pair) / 2**64, -1.5) for pair in pairs]


def quietly() -> Console:
    return Console(file=io.StringIO())


def run(journal: Path, judge: FakeJudge, pairs: TaskPairs = PAIRS, block: int = 4) -> int:
    return annotate(pairs, judge, journal, block=block, console=quietly())


def table(journal: Path) -> pd.DataFrame:
    return read_journal(journal).table().sort_values(["qid", "docno"], ignore_index=True)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    run(tmp_path / "whole.jsonl", FakeJudge())
    return tmp_path / "whole.jsonl"


def test_a_killed_job_goes_on_where_it_was(tmp_path: Path, whole: Path) -> None:
    journal = tmp_path / "killed.jsonl"
    here = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    job = subprocess.Popen([sys.executable, __file__, str(journal)], env=here)
    deadline = time.monotonic() + 60
    while not journal.exists() or journal.read_bytes().count(b"\n") < 10:
        assert job.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(job.pid, signal.SIGKILL)
    assert job.wait() == -signal.SIGKILL
    with journal.open("ab") as handle:
        handle.write(b'{"qid":"q29","docno":"d3')  # and what a kill in the middle of a write leaves
    kept = set(read_journal(journal).answers)
    assert 9 <= len(kept) < 60

    judge = FakeJudge()
    assert run(journal, judge) == 60 - len(kept)
    now = {(question.split()[-1], document.split()[-1]) for question, document in judge.asked}
    assert len(judge.asked) == len(now)
    assert not now & kept
    pd.testing.assert_frame_equal(table(journal), table(whole))


def test_every_cut_of_the_journal_resumes_to_the_same(tmp_path: Path, whole: Path) -> None:
    raw = whole.read_bytes()
    header = raw.index(b"\n") + 1
    for length in (0, 10, header - 1, header, header + 1, header + 200, len(raw) - 1, len(raw)):
        journal = tmp_path / "cut.jsonl"
        journal.write_bytes(raw[:length])
        run(journal, FakeJudge())
        pd.testing.assert_frame_equal(table(journal), table(whole))


def test_nothing_is_asked_twice(whole: Path) -> None:
    judge = FakeJudge()
    assert run(whole, judge) == 0
    assert judge.asked == []


def test_a_document_is_handed_over_once_with_all_its_questions(tmp_path: Path) -> None:
    seen: list[Item] = []

    class Watching(FakeJudge):
        def judge(self, items: Sequence[Item]) -> list[tuple[float, float]]:
            seen.extend(items)
            return super().judge(items)

    run(tmp_path / "j.jsonl", Watching())
    assert len(seen) == len({item.document for item in seen}) == 31
    assert seen[1] == Item(f"{SECRET} d1", (f"{SECRET} q0", f"{SECRET} q1"))


def test_more_pairs_are_added_to_the_same_journal(tmp_path: Path, whole: Path) -> None:
    journal = tmp_path / "grown.jsonl"
    few = TaskPairs(QIDS[:7], PAIRS.docnos, PAIRS.question, PAIRS.document)
    assert run(journal, FakeJudge(), few) == 14
    assert run(journal, FakeJudge()) == 46
    pd.testing.assert_frame_equal(table(journal), table(whole))


def test_export_keeps_numbers_and_no_text(tmp_path: Path, whole: Path) -> None:
    parquet = tmp_path / "fake-yes-no.parquet"
    export(whole, parquet, candidates="neighbours", created=date(2026, 1, 2), task_manifest_sha256="a" * 64)
    read = read_judgments(parquet)
    assert len(read.table) == 60
    assert read.metadata.task_manifest_sha256 == "a" * 64
    for path in (whole, parquet, parquet.with_suffix(".json")):
        assert SECRET.encode() not in path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fake-yes-no.json",
        "fake-yes-no.parquet",
        "whole.jsonl",
    ]


def test_another_judges_journal_is_refused(whole: Path) -> None:
    before = whole.read_bytes()
    with pytest.raises(DataError, match=r"another judge \(model: fake, not other\); name another journal$"):
        run(whole, FakeJudge(model="other"))
    assert whole.read_bytes() == before


def damage_line(journal: Path, number: int, line: bytes) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[number - 1] = line + b"\n"
    journal.write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    ("number", "line", "reason"),
    [
        (1, b"{}", "line 1: provenance: Field required; start a new journal"),
        (5, b"\0\0\0", "line 5: Invalid JSON"),
        (5, b'{"qid":"q","docno":"d","first":-1,"seconds":0}', "line 5: second: Field required; delete that line"),
        (5, b'{"qid":"q","docno":"d","first":NaN,"second":-1,"seconds":0}', "line 5: .*; delete that line"),
        (5, b'{"qid":"q","docno":"d","first":-1,"second":-1,"seconds":0,"text":"t"}', "line 5: text: Extra inputs"),
    ],
)
def test_damaged_lines_are_named(whole: Path, number: int, line: bytes, reason: str) -> None:
    damage_line(whole, number, line)
    with pytest.raises(DataError, match=reason) as caught:
        read_journal(whole)
    assert "\n" not in str(caught.value)


def test_a_pair_answered_twice_is_named(whole: Path) -> None:
    lines = whole.read_bytes().splitlines(keepends=True)
    whole.write_bytes(b"".join([*lines, lines[1]]))
    with pytest.raises(DataError, match=r"line 62: pair q0 d0 is answered twice; delete one of the lines$"):
        read_journal(whole)


@pytest.mark.parametrize("answer", [float("nan"), float("-inf")])
def test_an_answer_that_is_no_number_is_not_written(tmp_path: Path, answer: float) -> None:
    with pytest.raises(DataError, match=r"^pair q0 d0: the judge answered (nan|-inf), -1.0; nothing was written$"):
        run(tmp_path / "j.jsonl", FakeJudge(answer=answer))
    assert read_journal(tmp_path / "j.jsonl").answers == {}


def test_a_wrong_number_of_answers_is_refused(tmp_path: Path) -> None:
    class Short(FakeJudge):
        def judge(self, items: Sequence[Item]) -> list[tuple[float, float]]:
            return super().judge(items)[1:]

    with pytest.raises(DataError, match=r"^judge fake: gave 3 answers for 4 pairs|gave 4 answers for 5 pairs"):
        run(tmp_path / "j.jsonl", Short())


def test_missing_candidates_and_texts_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^question x: has no candidate documents"):
        run(tmp_path / "j.jsonl", FakeJudge(), TaskPairs(["x"], {}, {}, {}))
    with pytest.raises(DataError, match=r"^the collection has no text of d; "):
        run(tmp_path / "j.jsonl", FakeJudge(), TaskPairs(["x"], {"x": ["d"]}, {"x": "?"}, {}))


def test_another_programs_lines_are_imported(tmp_path: Path, yes_no: Provenance) -> None:
    source, journal = tmp_path / "theirs.jsonl", tmp_path / "ours.jsonl"
    keys = {"qid": "q", "docno": "d", "first": "y", "second": "n", "seconds": "s"}
    source.write_text(
        '{"q":"a","d":"1","y":-0.5,"n":-1.5,"s":0.25}\n{"q":"a","d":"2","y":-0.25,"n":-2,"s":0.5}\n{"q":"a",'
    )
    imported = import_journal(source, journal, yes_no, keys)
    assert imported == read_journal(journal)
    assert imported.seconds == 0.75
    assert imported.table().values.tolist() == [["a", "1", -0.5, -1.5], ["a", "2", -0.25, -2.0]]
    source.write_text('{"q":"a","d":"1","y":-0.5,"s":0.25}\n')
    with pytest.raises(DataError, match=r"theirs\.jsonl: line 1: second: Field required"):
        import_journal(source, journal, yes_no, keys)


def test_progress_shows_the_rate(tmp_path: Path) -> None:
    shown = io.StringIO()
    annotate(PAIRS, FakeJudge(seconds=0.01), tmp_path / "j.jsonl", block=20, console=Console(file=shown, width=120))
    assert "60/60" in shown.getvalue()
    assert "pairs/s" in shown.getvalue()


if __name__ == "__main__":
    run(Path(sys.argv[1]), FakeJudge(seconds=0.1))
