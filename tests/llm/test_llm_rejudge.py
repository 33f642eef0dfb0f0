"""Judgments that are judged again: what counts as the same, and what a user is told where they are not."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from command_line import CommandLine
from made import write
from serving.tiny_model import write_tiny_model

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.local import LocalJudge
from benchmark.labels.llm.judgments import Judgments, PromptUsed, read_judgments
from benchmark.labels.llm.judgments.judgment import Judgment
from benchmark.labels.llm.methods.pool import pool_named
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.prompts import load
from benchmark.labels.llm.replies.store import ReplyStore
from benchmark.labels.llm.runner.ranked_lists import ranked_lists
from benchmark.labels.llm.runner.rejudge import judge_again, method_of
from benchmark.labels.llm.runner.run import annotate
from benchmark.tasks.registry import task_entry
from benchmark.tasks.task import Grades, Task


@pytest.fixture(scope="module")
def task(loaded: tuple[Task, Grades]) -> Task:
    """Real lists of short texts: the tiny model reads a letter at a time."""
    whole = loaded[0]
    return replace(whole, document_text={docno: text[:40] for docno, text in whole.document_text.items()})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="module")
def judge(model: Path) -> LocalJudge:
    return LocalJudge(model, dtype="float32")


def judged(task: Task, judge: LocalJudge, path: Path, name: str, *, count: int = 2, **settings: object) -> Judgments:
    """A file of the judge's judgments of `count` lists."""
    method = method_named(name, **settings)
    lists = list(ranked_lists(task, task.training()))[:count]
    said = annotate(lists, method, judge, ReplyStore(path.parent / "replies")).judgments
    prompts = {prompt.name: PromptUsed(sha256=prompt.sha256, language="en") for prompt in method.prompts}
    told = {"method": method.name, "prompts": prompts, "settings": method.settings, "model": judge.model}
    return write(path, said, method.scale, **told)


SETTINGS = [
    ("graded-3", {}),
    ("graded-3", {"prompt": "graded-3-v1"}),
    ("query-likelihood", {}),
    ("graded-4", {}),
    ("listwise-graded-3", {"window": 5}),
    ("pairwise", {"opponents": 1}),
    ("utility", {"permutations": 2}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=[f"{name}-{len(told)}" for name, told in SETTINGS])
def test_judgments_come_again_by_the_settings_in_their_file(
    task: Task, judge: LocalJudge, tmp_path: Path, name: str, settings: dict[str, object]
) -> None:
    shipped = judged(task, judge, tmp_path / "x.parquet", name, **settings)
    again = judge_again(shipped, task, judge, ReplyStore(tmp_path / "again"), lists=5)
    assert (again.lists, len(again.difference)) == (2, len(shipped))
    assert again.largest < 1e-5  # they are kept with five digits


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a newer version of every prompt were added."""
    for file in files("benchmark.labels.llm.prompts").iterdir():
        if file.name.endswith(".toml"):
            text = file.read_text(encoding="utf-8")
            (tmp_path / file.name).write_text(text)
            name = re.sub(r"-v[0-9]+", "-v99", file.name)
            text = re.sub(r"^version = .*$", "version = 99", text, flags=re.MULTILINE)
            (tmp_path / name).write_text(re.sub("^name = .*$", f'name = "{name[:-5]}"', text, flags=re.MULTILINE))
    monkeypatch.setattr(load, "files", lambda package: tmp_path)


@pytest.mark.usefixtures("newer")
@pytest.mark.parametrize("name", sorted(task_entry("insuranceqa").all_judgments()))
def test_shipped_judgments_are_asked_for_by_their_own_prompts_when_there_are_newer_ones(
    loaded: tuple[Task, Grades], name: str
) -> None:
    made = task_entry("insuranceqa").all_judgments()[name].metadata
    settings = {}
    if "human" in made.supervision:
        settings["pool"] = pool_named("training:100", *loaded, 0)
    assert made.unlike(method_of(made, settings)) == ""
    assert "prompts: are " in made.unlike(method_named(made.method, **settings))


def test_a_number_that_moved_is_found(task: Task, judge: LocalJudge, tmp_path: Path) -> None:
    shipped = judged(task, judge, tmp_path / "x.parquet", "graded-3")
    moved = shipped.log_probabilities.copy()
    moved[3, 0] = math.log(math.exp(moved[3, 0]) + 0.01)
    other = replace(shipped, log_probabilities=moved)
    assert judge_again(other, task, judge, ReplyStore(tmp_path / "a"), lists=2).largest == pytest.approx(0.01, abs=1e-4)

    table = shipped.table.copy()
    table.loc[5, ["status", "value"]] = ["unparsable", math.nan]
    lost = replace(shipped, table=table)
    assert math.isinf(judge_again(lost, task, judge, ReplyStore(tmp_path / "b"), lists=2).largest)


def test_a_judge_that_tells_probabilities_of_some_is_compared_by_value_in_the_others(
    task: Task, judge: LocalJudge, tmp_path: Path
) -> None:
    shipped = judged(task, judge, tmp_path / "x.parquet", "graded-3")
    some = shipped.log_probabilities.copy()
    some[::2] = math.nan
    again = judge_again(replace(shipped, log_probabilities=some), task, judge, ReplyStore(tmp_path / "a"), lists=2)
    assert again.largest < 1e-5


def test_other_settings_than_the_files_are_told(task: Task, judge: LocalJudge, tmp_path: Path) -> None:
    shipped = judged(task, judge, tmp_path / "x.parquet", "pairwise", opponents=1)
    with pytest.raises(ConfigurationError, match="setting opponents: is 2, it was 1; judge again with that"):
        judge_again(shipped, task, judge, ReplyStore(tmp_path / "a"), settings={"opponents": 2})


def test_lists_and_prompts_that_are_no_longer_these_are_told(task: Task, judge: LocalJudge, tmp_path: Path) -> None:
    shipped = judged(task, judge, tmp_path / "x.parquet", "graded-3")
    with pytest.raises(DataError, match="of other lists than the task has; name the task"):
        rows = [Judgment(shipped.table.qid[0], "no-such", "ok", 0.0, log_probabilities=(-2.0, -2.5, -3.0, -3.0))]
        judge_again(write(tmp_path / "y.parquet", rows, "grade", method="graded-3",
                          prompts=shipped.metadata.prompts, settings={}), task, judge,
                    ReplyStore(tmp_path / "a"))  # fmt: skip
    edited = {name: used.model_copy(update={"sha256": "0" * 64}) for name, used in shipped.metadata.prompts.items()}
    metadata = shipped.metadata.model_copy(update={"prompts": edited})
    with pytest.raises(ConfigurationError, match="prompts: are graded-3-v1, they were graded-3-v1, in another wording"):
        judge_again(replace(shipped, metadata=metadata), task, judge, ReplyStore(tmp_path / "b"))


def test_the_command_says_ok_or_why_not(
    cli: CommandLine, loaded: tuple[Task, Grades], judge: LocalJudge, model: Path, tmp_path: Path
) -> None:
    file = tmp_path / "tiny-graded-3.parquet"
    shipped = judged(loaded[0], judge, file, "graded-3", count=1)
    ended = cli("rejudge", file, "--judge", model)
    assert ended.code == 0
    assert re.fullmatch(r"\[OK\] tiny-graded-3: 20 judgments of 1 lists: largest difference \S+", ended.words)

    rows = [
        Judgment(*row[:5], log_probabilities=tuple(log_p))
        for row, log_p in zip(
            shipped.table[["qid", "docno", "status", "value", "other"]].itertuples(index=False),
            shipped.log_probabilities - 2,
            strict=True,
        )
    ]
    rows = [replace(row, value=float(row.value)) for row in rows]
    elsewhere = shipped.metadata.model.model_copy(update={"dtype": "bfloat16", "processor": "another kind"})
    for made, why in (
        (shipped.metadata.model, "same arithmetic, same libraries: the file or the judge has changed"),
        (
            shipped.metadata.model.model_copy(update={"processor": "another kind"}),
            "made in float32 on another kind, this is .*: in float32 such were not seen to differ so much",
        ),
        (elsewhere, "made in bfloat16 on another kind, this is .*: only float32 is the same on both"),
    ):
        write(file, rows, "grade", method="graded-3", prompts=shipped.metadata.prompts, settings={}, model=made)
        ended = cli("rejudge", file, "--judge", model)
        assert ended.code == 1
        assert re.search(rf"\[FAIL\] tiny-graded-3: .* largest difference 0\.\d+; {why}", ended.words)

    another = shipped.metadata.model.model_copy(update={"file_sha256": "0" * 64})
    write(file, rows, "grade", method="graded-3", prompts=shipped.metadata.prompts, settings={}, model=another)
    ended = cli("rejudge", file, "--judge", model)
    assert ended.code == 2
    assert f"judge {model}: is not what made tiny-graded-3" in ended.words
    for judge_, why in (  # none is loaded, or asked
        ("no-such.gguf", "judge no-such.gguf: no such model file"),
        ("http://localhost:1/v1", "judge http://localhost:1/v1: is not what made tiny-graded-3: tiny, sha256 0000"),
        ("http://me:hunter2@localhost:1/v1", "base URL: holds a user or a password"),
    ):
        ended = cli("rejudge", file, "--judge", judge_)
        assert ended.code == 2
        assert why in ended.words and "hunter2" not in ended.words
    served = shipped.metadata.model.model_copy(update={"file_sha256": None, "served_by": "http://host/v1"})
    write(file, rows, "grade", method="graded-3", prompts=shipped.metadata.prompts, settings={}, model=served)
    ended = cli("rejudge", file, "--judge", model)
    assert ended.code == 2
    assert "is not what made tiny-graded-3: tiny, at http://host/v1; name that" in ended.words
    ended = cli("rejudge", file, "--judge", "http://another/v1")
    assert ended.code == 2
    assert "judge http://another/v1: is not what made" in ended.words


_ASK = """
import json, sys
from pathlib import Path
from benchmark.labels.llm.judges.judge import Request
from benchmark.labels.llm.judges.local import LocalJudge
judge = LocalJudge(Path(sys.argv[1]), dtype="float32")
asked = [Request("choose", f"A text about number {n}, said twice.", "Yes?", ("Y", "N")) for n in range(8)]
print(json.dumps([judge.model.processor, [reply.log_probabilities for _, reply in sorted(judge.answer(asked))]]))
"""


def test_float32_is_the_same_under_other_instructions(model: Path) -> None:
    """The same model with products of matrices by AVX2 at most: as on an older processor."""
    import os

    older = {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
    told = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", _ASK, str(model)],
                env={**os.environ, **more},
                check=True,
                capture_output=True,
                text=True,
            ).stdout.splitlines()[-1]
        )
        for more in ({}, older)
    ]
    assert told[0][0]
    assert np.abs(np.exp(told[0][1]) - np.exp(told[1][1])).max() < 1e-5


def test_a_processor_is_told_and_is_no_part_of_what_was_asked(judge: LocalJudge, tmp_path: Path, task: Task) -> None:
    assert re.fullmatch(r"\w+( \w+)?", judge.model.processor)
    assert judge.model.model_copy(update={"processor": "another"}).identity == judge.model.identity
    written = judged(task, judge, tmp_path / "x.parquet", "graded-3")
    assert written.metadata.model.processor == judge.model.processor
    assert read_judgments(tmp_path / "x.parquet").metadata.model == judge.model
