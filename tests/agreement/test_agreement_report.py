"""The report: planted agreement is found, questions are told apart, and every file is made of the same numbers."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import CommandLine
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text
from small_task import HELD_OUT, TRAIN, make_judgments, make_task

from benchmark.agreement.build import build
from benchmark.agreement.page import render_page
from benchmark.agreement.plots import plots
from benchmark.agreement.report import Report, Row
from benchmark.agreement.sections import KEY_MEASURES, sections
from benchmark.agreement.tables import render_csv, render_markdown, render_rich
from benchmark.errors import ConfigurationError
from benchmark.labels.llm.judgments import Judgments, PromptUsed
from benchmark.labels.llm.judgments.named import judgments_named
from benchmark.running.closure import HOMES

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report() -> Report:
    task, grades = make_task()
    judgments = {
        "good": make_judgments(task, grades, scale="yes-no", right=0.95),
        "chance": make_judgments(task, grades, scale="yes-no", right=0.5, seed=2, model="n"),
        "graded": make_judgments(task, grades, scale="grade", right=0.95, seed=3),
        "graded-zh": make_judgments(task, grades, scale="grade", right=0.95, seed=4, language="zh"),
        "likelihood": make_judgments(task, grades, scale="likelihood", right=0.95, seed=5),
    }
    return build(task, grades, judgments, draws=200)


def one(report: Report, measure: str, first: str, second: str = "human grades", **wanted: str):
    (row,) = report.find(measure, first=first, second=second, **({"questions": "train", "stratum": "all"} | wanted))
    return row


def test_a_judge_that_knows_agrees_and_one_that_guesses_does_not(report) -> None:
    good, chance = one(report, "auc", "good"), one(report, "auc", "chance")
    # right with 0.95 on both classes: AUC = 0.95^2 + 0.95 x 0.05
    assert good.value == pytest.approx(0.95, abs=0.03) and good.low < good.value < good.high
    assert chance.low <= 0.5 <= chance.high
    kappa = one(report, "kappa", "chance")
    assert kappa.low <= 0 <= kappa.high and one(report, "kappa", "good").low > 0.6


def test_train_and_held_out_questions_are_told_apart_and_so_are_strata(report) -> None:
    assert one(report, "auc", "good").queries == TRAIN
    assert one(report, "auc", "good", questions="held-out").queries == HELD_OUT
    assert one(report, "auc", "good", stratum="low").queries == TRAIN // 3
    assert not report.find("auc", first="simulated clicks", questions="held-out"), "they are not in the log"


def test_every_row_says_of_how_many_queries_it_is_and_holds_its_value(report) -> None:
    assert all(row.queries > 0 for row in report.rows)
    assert all(row.low <= row.high for row in report.rows if row.low is not None)
    assert all(row.value == round(row.value, 4) for row in report.rows if row.value is not None)


def test_a_number_that_cannot_be_told_is_none_and_an_infinite_one_is_refused() -> None:
    names = {"first": "a", "second": "b", "relation": "r", "questions": "train", "stratum": "all", "measure": "kappa"}
    row = Row(**names, value=math.nan, low=math.nan, high=math.nan, queries=1)
    assert row.value is None and Row.model_validate_json(row.model_dump_json()) == row
    with pytest.raises(ValidationError, match="finite"):
        Row(**names, value=math.inf, low=0.0, high=1.0, queries=1)


def test_relations_name_what_differs(report) -> None:
    relation = {(row.first, row.second): row.relation for row in report.rows}
    assert relation["good", "chance"] == "two judges"
    assert relation["good", "graded"] == "two methods of one judge"
    assert relation["graded", "graded-zh"] == "two languages of one judge"
    assert relation["good", "human grades"] == "llm - human"


def test_settings_and_prompts_of_one_judge_are_told_apart() -> None:
    task, grades = make_task()
    one = make_judgments(task, grades, scale="yes-no", right=0.9)
    other = replace(one, metadata=one.metadata.model_copy(update={"settings": {"window": 10}}))
    asked = replace(
        one,
        metadata=one.metadata.model_copy(
            update={"prompts": {"yes-no-en-v1": PromptUsed(sha256="e" * 64, language="en")}}
        ),
    )
    weights = one.metadata.model.model_copy(update={"file_sha256": "f" * 64})
    heavier = replace(one, metadata=one.metadata.model_copy(update={"model": weights}))
    made = build(task, grades, {"one": one, "other": other, "asked": asked, "heavier": heavier}, draws=100)
    relation = {(row.first, row.second): row.relation for row in made.rows}
    assert relation["one", "other"] == "two settings of one judge"
    assert relation["one", "asked"] == "two prompts of one judge"
    assert relation["one", "heavier"] == "two judges"


def of_queries(judgments: Judgments, qids: set[str]) -> Judgments:
    kept = judgments.table["qid"].isin(qids).to_numpy()
    return replace(
        judgments,
        table=judgments.table[kept].reset_index(drop=True),
        log_probabilities=judgments.log_probabilities[kept],
    )


def test_each_judge_has_the_first_stage_on_its_own_documents_beside_it() -> None:
    """The first judge judged five train queries on which the first stage is right, the second all others."""
    task, grades = make_task()
    questions = task.questions
    ideal = (grades.of(questions)[:, 0] == 1) & (questions.split == "train")
    easy, hard = (set(questions.qids[mask].tolist()) for mask in (ideal, ~ideal & (questions.split == "train")))
    judge = make_judgments(task, grades, scale="yes-no", right=0.9)
    made = build(task, grades, {"easy": of_queries(judge, easy), "hard": of_queries(judge, hard)}, draws=100)
    for measure in ("auc-first-stage", "pairwise-accuracy-first-stage"):
        assert one(made, measure, "easy").value == 1 and one(made, measure, "easy").queries == len(easy)
        assert one(made, measure, "hard").value < 0.5 and one(made, measure, "hard").queries == len(hard)
    gain, auc = one(made, "auc-above-first-stage", "hard"), one(made, "auc", "hard")
    assert gain.value == pytest.approx(auc.value - one(made, "auc-first-stage", "hard").value, abs=2e-4)
    assert gain.low < gain.value < gain.high
    assert one(made, "auc", "first-stage order").queries == len(easy) + len(hard)
    assert not made.find("auc-first-stage", second="hard"), "two judges have no control"
    against_clicks = [row for row in made.rows if "simulated clicks" in (row.first, row.second)]
    controls = [row for row in against_clicks if "first-stage" in row.measure]
    assert against_clicks and not controls, "the first stage chose what was clicked"


def test_the_plots_of_auc_show_each_judge_with_its_own_control(report) -> None:
    drawn = {title: json.dumps(specification) for title, specification in plots(report).items()}
    with_controls = {title for title, text in drawn.items() if '"tick"' in text}
    of_auc = {title for title in drawn if title.startswith("AUC within a query")}
    assert with_controls == {title for title in of_auc if "human" in title} and with_controls < of_auc
    expected = one(report, "auc-first-stage", "good", stratum="low").value
    assert all(f'"control": {expected}' in drawn[title] for title in with_controls)
    assert not any('"labels": "first-stage order"' in text for text in drawn.values())


def test_all_is_the_mean_of_the_strata(report) -> None:
    for measure in ("auc", "kappa", "auc-pooled"):
        strata = [one(report, measure, "good", stratum=stratum).value for stratum in ("high", "medium", "low")]
        assert one(report, measure, "good").value == pytest.approx(np.mean(strata), abs=1e-4)
    assert any(note.startswith("all is the mean of the strata") for note in report.notes)


def test_a_judge_without_an_answer_is_told_of_and_the_others_have_their_numbers() -> None:
    task, grades = make_task()
    good = make_judgments(task, grades, scale="yes-no", right=0.9)
    silent = replace(good, table=good.table.assign(status="unparsable", value=np.nan))
    made = build(task, grades, {"good": good, "silent": silent}, draws=100)
    assert one(made, "auc", "good").queries == TRAIN and not [row for row in made.rows if "silent" in row.first]
    assert "| silent | m | yes-no-en-v1 | 0 | 0 | unparsable 540 |" in render_markdown(made)
    console = Console(width=80, file=io.StringIO(), record=True)
    for table in render_rich(made):
        console.print(table)
    assert "unparsable 540" in console.export_text()
    alone = build(task, grades, {"silent": silent}, draws=100)
    assert not alone.rows and "unparsable 540" in render_page(alone)


def test_a_model_that_would_rather_say_something_else_is_told_of() -> None:
    task, grades = make_task()
    willing = make_judgments(task, grades, scale="yes-no", right=0.9)
    loath = replace(willing, log_probabilities=willing.log_probabilities - 3)
    made = build(task, grades, {"willing": willing, "loath": loath}, draws=100)
    assert {one.name: one.mass for one in made.labels if one.kind == "llm"} == pytest.approx(
        {"willing": 1.0, "loath": 0.0498}
    )
    assert [note for note in made.notes if note.startswith("loath: the model gave 5% of its probability")]
    assert not [note for note in made.notes if note.startswith("willing: ")]
    page = render_page(made)
    told = "ok 540; 5% of its probability on the answers asked for"
    assert render_markdown(made).count(told) == 1
    assert [row for table in render_rich(made) if (row := list(table.columns[0].cells)) == [Text("loath")]]
    assert '<td class="number">0.05</td>' in page and '<td class="number">1.00</td>' in page


def test_a_grade_scale_whose_best_grade_is_not_known_is_told_of_and_has_no_kappa() -> None:
    task, grades = make_task()
    rubric = make_judgments(task, grades, scale="grade", right=0.9)
    rubric = replace(
        rubric,
        log_probabilities=np.empty((len(rubric), 0)),
        metadata=rubric.metadata.model_copy(update={"method": "rubric"}),
    )
    told = replace(rubric, metadata=rubric.metadata.model_copy(update={"settings": {"top": 5}}))
    made = build(task, grades, {"rubric": rubric, "told": told}, draws=100)
    assert [note for note in made.notes if note.startswith("rubric: the best grade")]
    assert not [note for note in made.notes if note.startswith("told: ")]
    assert one(made, "auc", "rubric") and not made.find("kappa", first="rubric")
    assert {row.measure for row in made.rows if row.first == "told"} >= {"kappa", "share-of-grade-5"}


def test_two_languages_of_a_judge_are_compared_on_their_own_scale(report) -> None:
    row = one(report, "kappa-quadratic", "graded", "graded-zh")
    assert 0.4 < row.value < 1
    assert not report.find("kappa", first="likelihood"), "a likelihood has no categories"
    assert one(report, "tau-b", "likelihood").value > 0.3


def test_reliability_and_confusion_count_documents(report) -> None:
    bins = [one for one in report.bins if one.name == "good" and one.questions == "train"]
    assert [(one.start, one.probability) for one in bins] == [(0.3, 0.3), (0.8, 0.8)]
    assert sum(one.documents for one in bins) == TRAIN * 6
    (counts,) = [
        one.counts
        for one in report.confusions
        if (one.first, one.second, one.questions, one.stratum) == ("good", "human grades", "train", "all")
    ]
    assert sum(map(sum, counts)) == TRAIN * 6 and sum(row[1] for row in counts) == TRAIN


def test_simulated_clicks_are_called_simulated_everywhere(report) -> None:
    assert any(note.startswith("Clicks are simulated") for note in report.notes)
    told = render_markdown(report) + render_page(report)
    assert "Every click behind this page is simulated" in told
    assert {row.first for row in report.rows if "clicks" in row.relation} >= {"simulated clicks"}
    task, grades = make_task(simulated=False)
    real = build(task, grades, {"good": make_judgments(task, grades, scale="yes-no", right=0.9)}, draws=100)
    assert "simulated" not in (real.text() + render_markdown(real) + render_csv(real)).replace("simulated_clicks", "")


def test_json_comes_back_as_it_was_and_equal_seeds_give_equal_bytes(report) -> None:
    assert Report.model_validate_json(report.text()) == report
    task, grades = make_task()
    judgments = {"good": make_judgments(task, grades, scale="yes-no", right=0.95)}
    texts = [
        (made.text(), render_csv(made), render_markdown(made), render_page(made))
        for made in (build(task, grades, judgments, draws=100) for _ in range(2))
    ]
    assert texts[0] == texts[1]
    assert build(task, grades, judgments, draws=100, seed=1).text() != texts[0][0]


def test_every_number_is_of_a_measure_that_the_report_and_the_page_describe(report) -> None:
    assert {row.measure for row in report.rows} <= report.measures.keys()
    assert "got grade 3" in report.measures["share-of-grade-3"] and "share-of-grade-4" not in report.measures
    assert 'title=""' not in render_page(report)


def test_csv_and_markdown_hold_every_row(report) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(report))))
    assert len(rows) == len(report.rows) and rows[0]["value"] == str(report.rows[0].value)
    told = render_markdown(report)
    lines = [line for section in sections(report) for line in section.lines]
    assert sum(len([cell for cell in line.cells if cell]) for line in lines) == len(report.rows)
    assert all(f"## {section.title}" in told for section in sections(report))


def test_a_terminal_of_eighty_columns_shows_every_name_and_number_whole(report) -> None:
    """What is compared is the title of a table, so no column of names takes the numbers' room."""
    console = Console(width=80, file=io.StringIO(), record=True)
    for table in render_rich(report):
        console.print(table)
    told = console.export_text()
    assert "…" not in told
    keys = [line for section in sections(report) for line in section.lines if line.measure in KEY_MEASURES]
    for line in keys:
        assert line.measure in told and line.first in told and line.second in told
        assert all(f" {cell.value:.3f} " in told for cell in line.cells if cell and cell.value is not None)


def test_the_page_asks_for_nothing_from_outside(report) -> None:
    page = render_page(report)
    own = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    own = re.sub(r"<details>.*?</details>", "", own, flags=re.DOTALL)
    assert not re.search(r"(src|href)=\"(?!agreement)", own) and "http://" not in own.replace("http-equiv", "")
    data = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert data and all("$schema" not in specification for specification in json.loads(data[1]).values())
    assert len(json.loads(data[1])) == 4


def test_judgments_of_another_task_are_refused() -> None:
    task, grades = make_task()
    judgments = make_judgments(task, grades, scale="yes-no", right=0.9)
    judgments.table["qid"] = "elsewhere"
    with pytest.raises(ConfigurationError, match="other: no label of a document that small lists"):
        build(task, grades, {"other": judgments}, draws=100)


def test_a_name_that_is_not_shipped_and_one_given_twice_are_one_line() -> None:
    shipped = {"qwen-yes-no": make_judgments(*make_task(), scale="yes-no", right=1)}
    assert list(judgments_named([], shipped)) == ["qwen-yes-no"]
    with pytest.raises(ConfigurationError, match=r"judgments qwen-yes: neither .* did you mean qwen-yes-no"):
        judgments_named(["qwen-yes"], shipped)
    with pytest.raises(ConfigurationError, match="there is a qwen-yes-no before it"):
        judgments_named(["qwen-yes-no", "qwen-yes-no"], shipped)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--task", "insurancqa"], "did you mean insuranceqa?"),
        (["--crowd", "none.whl"], "none.whl: file is missing"),
        (["--out", "taken"], "out taken: cannot be a folder"),
        (["--out", "place"], "place/agreement.html: is a folder; name another place"),
    ],
)
def test_a_wrong_call_is_one_line_and_writes_nothing(cli: CommandLine, tmp_path, monkeypatch, arguments, told) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("")
    (tmp_path / "place" / "agreement.html").mkdir(parents=True)
    ended = cli("agreement", *arguments)
    assert ended.code == 2 and len(ended.errors) == 1 and told in ended.err, ended.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["agreement.html", "place", "taken"]


def test_no_system_can_import_the_diagnosis() -> None:
    assert not any(home.startswith("benchmark.agreement") for home in HOMES.values())
    upstream = ["baselines", "submissions", "benchmark/tasks", "benchmark/labels", "benchmark/training"]
    upstream += ["benchmark/running", "benchmark/scoring", "benchmark/statistics", "leaderboard"]
    for folder in upstream:
        for path in (REPOSITORY / folder).rglob("*.py"):
            assert "benchmark.agreement" not in path.read_text(encoding="utf-8"), path


@pytest.mark.slow
def test_the_command_on_the_embedded_task(cli: CommandLine, tmp_path) -> None:
    ended = cli("agreement", "--out", tmp_path / "out", "--draws", "100")
    assert ended.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "agreement.csv", "agreement.html", "agreement.json", "agreement.md"
    ]  # fmt: skip
    made = Report.model_validate_json((tmp_path / "out" / "agreement.json").read_bytes())
    yes_no = [one for one in made.labels if one.scale == "yes-no"]
    assert yes_no and all(any(one.questions.values()) for one in yes_no)
    assert "Judges and human grades" in ended.out
