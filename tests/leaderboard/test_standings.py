"""The numbers: what is averaged, ranked, compared and left out."""

from __future__ import annotations

import csv
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import CARDS, Fake, edit, edit_scores, write_results

from leaderboard import Standings, build, read_standings
from leaderboard.model import Effect, Interaction
from leaderboard.readme_table import render_readme
from leaderboard.words import alike_text, groups_text, interaction_text, score_text


@pytest.fixture
def standings(built: tuple[Path, Standings]) -> Standings:
    return built[1]


def row(standings: Standings, system: str):  # type: ignore[no-untyped-def]
    return next(row for row in standings.rows if row.system == system)


def test_mean_is_over_seeds_and_macro_over_strata(standings: Standings, stored: Path) -> None:
    frames = [pd.read_parquet(stored / f"made-up/famol/{seed}.scores.parquet") for seed in range(5)]
    by_stratum = pd.concat(frames).groupby("stratum")["nDCG@10"].mean()
    scores = row(standings, "famol").scores["nDCG@10"]
    for stratum, mean in by_stratum.items():
        assert scores[stratum].mean == pytest.approx(mean, abs=5e-7)
    assert scores["macro"].mean == pytest.approx(by_stratum.mean(), abs=5e-7)


def test_every_interval_holds_its_mean(standings: Standings) -> None:
    scores = [score for row in standings.rows for groups in row.scores.values() for score in groups.values()]
    assert len(scores) == 7 * 7 * 6
    assert all(score.low <= score.mean <= score.high for score in scores)


def test_order_and_tiers(standings: Standings) -> None:
    tiers = [row.tier for row in standings.rows]
    assert [row.system for row in standings.rows[-2:]] == ["half-done", "oracle-probe"]
    assert tiers[-2:] == [None, None]
    assert tiers[0] == 1
    assert tiers[:-2] == sorted(tiers[:-2])
    means = [row.scores["nDCG@10"]["macro"].mean for row in standings.rows[:-2]]
    assert means == sorted(means, reverse=True)


def test_incomplete_is_shown_with_its_own_numbers_and_compared_with_nothing(standings: Standings, stored: Path) -> None:
    half = row(standings, "half-done")
    assert (half.complete, half.seeds, half.tier) == (False, [0, 1], None)
    frames = [pd.read_parquet(stored / f"made-up/half-done/{seed}.scores.parquet") for seed in (0, 1)]
    mean = pd.concat(frames).groupby("stratum")["RR"].mean()["low"]
    assert half.scores["RR"]["low"].mean == pytest.approx(mean, abs=5e-7)
    compared = {name for pair in standings.tasks["made-up"].comparisons for name in (pair.first, pair.second)}
    assert compared == {"bm25", "clicks-pbm", "clicks-naive", "llm-pointwise", "famol"}


def test_all_pairs_once_with_the_difference_of_the_means(standings: Standings) -> None:
    pairs = standings.tasks["made-up"].comparisons
    assert len({frozenset((pair.first, pair.second)) for pair in pairs}) == len(pairs) == 5 * 4 / 2
    for pair in pairs:
        assert set(pair.p) == set(pair.difference) == {"macro", "high", "medium", "low"}
        first, second = (row(standings, name).scores["nDCG@10"]["macro"].mean for name in (pair.first, pair.second))
        assert pair.difference["macro"] == pytest.approx(first - second, abs=2e-6)


def test_first_clicks_system_against_first_llm_system(standings: Standings) -> None:
    found = standings.tasks["made-up"].interaction
    assert found is not None
    clicks = next(row.system for row in standings.rows if row.family == "clicks")
    assert (found.clicks, found.llm) == (clicks, "llm-pointwise")
    assert found.estimate.mean == pytest.approx(found.high.mean - found.low.mean, abs=2e-6)
    # these two were made so that the gap closes with frequency
    assert found.estimate.low > 0
    assert "depends on frequency (at level 0.05)" in interaction_text(found)


def test_no_gap_is_worded_as_not_shown(tmp_path: Path) -> None:
    skill = (1.0, 1.0, 1.0)
    fakes = (Fake("clicks-a", "clicks", skill), Fake("llm-a", "llm", skill))
    found = read_standings(write_results(tmp_path, fakes), CARDS).tasks["made-up"].interaction
    assert found is not None
    assert found.p > 0.05
    text = interaction_text(found)
    assert "no dependence of the gap on frequency was shown" in text
    assert "is ahead" not in text


def made_up(**changes: object) -> Interaction:
    clear = Effect(mean=0.02, low=0.01, high=0.03)
    made = Interaction(
        clicks="clicks-a",
        llm="llm-a",
        high=clear,
        medium=clear,
        low=clear,
        p_gap={"high": 0.2, "medium": 0.2, "low": 0.2},
        estimate=clear,
        estimate_medium=clear,
        p=0.2,
        p_medium=0.2,
    )
    return made.model_copy(update=changes)


def test_the_gap_is_judged_by_the_tests_and_not_by_the_interval() -> None:
    """The interval resamples a few trainings and is too narrow; only p counts the noise of training as it is."""
    assert "no dependence of the gap on frequency was shown" in interaction_text(made_up())
    for shown in ({"p": 0.01}, {"p_medium": 0.01}):
        assert "the gap between the two depends on frequency" in interaction_text(made_up(**shown))


def test_ahead_is_who_is_shown_to_be_after_adjustment() -> None:
    text = interaction_text(made_up())
    assert "is ahead" not in text and text.count("no difference was shown after adjustment (p = 0.200)") == 3
    text = interaction_text(made_up(p_gap={"high": 0.2, "medium": 0.0002, "low": 0.2}))
    assert "On medium-frequency queries, clicks-a minus llm-a is +0.020 [+0.010, +0.030]: clicks-a is ahead" in text
    assert text.count("is ahead (p < 0.001)") == 1


def test_medium_is_tested_too(standings: Standings) -> None:
    """The p of the gaps are those of the matrix, and the two differences are corrected for each other."""
    task = standings.tasks["made-up"]
    found = task.interaction
    assert found is not None and found.medium is not None and found.estimate_medium is not None
    assert found.estimate_medium.mean == pytest.approx(found.high.mean - found.medium.mean, abs=2e-6)
    (pair,) = (each for each in task.comparisons if {each.first, each.second} == {found.clicks, found.llm})
    assert found.p_gap == {name: pair.p[name] for name in ("high", "medium", "low")}
    text = interaction_text(found)
    assert "minus that on medium ones is" in text and "minus that on low ones is" in text


def test_the_columns_are_explained(built: tuple[Path, Standings]) -> None:
    told = groups_text(built[1].tasks["made-up"])
    assert "no system sees a click on any of them" in told and "Seen are the test questions" in told
    for name in ("index.html", "LEADERBOARD.md"):
        assert told in (built[0] / name).read_text()


def test_a_difference_that_training_again_may_turn_is_none(tmp_path: Path) -> None:
    """Seeds far apart: queries alone would tell the two systems apart, and the effect that can be found is large."""
    steady = Fake("steady", "clicks", (1.2, 1.2, 1.2))
    task = read_standings(write_results(tmp_path / "steady", (steady, Fake("worse", "llm", (0.0,) * 3))), CARDS)
    (pair,) = task.tasks["made-up"].comparisons
    assert pair.p["macro"] < 0.05
    runs = (Fake("wild", "llm", (skill,) * 3, (seed,)) for seed, skill in enumerate((2.4, 0.0, -1.0, -1.0, 0.0)))
    write_results(tmp_path / "wild", (steady, *runs))
    wild = read_standings(tmp_path / "wild", CARDS).tasks["made-up"]
    (pair,) = wild.comparisons
    assert pair.p["macro"] > 0.05
    assert wild.mde["macro"] > 2 * task.tasks["made-up"].mde["macro"]


def test_detectable_effect_shrinks_with_queries(tmp_path: Path) -> None:
    small, large = (
        read_standings(write_results(tmp_path / str(n), queries=n), CARDS).tasks["made-up"].mde for n in (20, 320)
    )
    assert set(small) == {"macro", "high", "medium", "low"}
    # standard errors fall with the root of the number of queries: 16 times the queries, a quarter of the effect
    assert large["macro"] / small["macro"] == pytest.approx(1 / 4, rel=0.25)


def test_one_system_stands_alone_without_tier(tmp_path: Path) -> None:
    standings = read_standings(write_results(tmp_path, (Fake("bm25", "floor", (1, 1, 1)),)), CARDS)
    task = standings.tasks["made-up"]
    assert standings.rows[0].tier is None
    assert (task.comparisons, task.mde, task.told_apart, task.interaction) == ([], {}, {}, None)


def test_a_group_of_few_queries_has_a_mean_and_no_interval(tmp_path: Path) -> None:
    results = write_results(tmp_path / "results", queries=9)
    standings = build(results, tmp_path, CARDS)
    scores = row(standings, "famol").scores["nDCG@10"]
    assert {name for name, score in scores.items() if score.low is None} == {"macro", "high", "medium", "low", "unseen"}
    assert all((score.low is None) == (score.high is None) for score in scores.values())
    mean, seen = scores["macro"].mean, scores["seen"]
    assert score_text(scores["macro"]) == f"{mean:.3f} –"
    assert f"| {mean:.3f} – " in (tmp_path / "LEADERBOARD.md").read_text()
    assert rf"& {mean:.3f} {{\scriptsize --}} &" in (tmp_path / "leaderboard.tex").read_text()
    line = next(each for each in csv.DictReader((tmp_path / "leaderboard.csv").open()) if each["system"] == "famol")
    assert line["nDCG@10 macro mean"] == f"{mean:.6f}" and line["nDCG@10 macro low"] == ""
    assert line["nDCG@10 seen low"] == f"{seen.low:.6f}"
    html = (tmp_path / "index.html").read_text()
    assert f"<b>{mean:.3f}</b><small>–</small>" in html
    assert f"<small>{seen.low:.3f}–{seen.high:.3f}</small>" in html


def test_a_row_that_is_another_under_a_second_name_is_said_to_be(results: Path, tmp_path: Path) -> None:
    """A fusion of which no stage on clicks was kept is its LLM labels alone, and would pass for more."""
    twin = results / "made-up" / "twin"
    shutil.copytree(results / "made-up" / "llm-pointwise", twin)
    for path in twin.glob("*.json"):
        edit(path, system="twin", family="fusion", identity=hashlib.sha256(path.name.encode()).hexdigest())
    standings = build(results, tmp_path, CARDS)
    task = standings.tasks["made-up"]
    assert task.alike == [["llm-pointwise", "twin"]]
    told = alike_text(task, standings.rows)
    assert told.startswith("The same on every question, under every seed and by every measure: llm-pointwise and twin.")
    for name in ("index.html", "LEADERBOARD.md"):
        assert told in (tmp_path / name).read_text()
    assert told in render_readme(standings)
    assert not alike_text(task, [each for each in standings.rows if each.system != "twin"])


def test_a_row_that_differs_anywhere_is_like_no_other(results: Path, standings: Standings) -> None:
    assert standings.tasks["made-up"].alike == []
    twin = results / "made-up" / "twin"
    shutil.copytree(results / "made-up" / "llm-pointwise", twin)
    for path in twin.glob("*.json"):
        edit(path, system="twin", identity=hashlib.sha256(path.name.encode()).hexdigest())
    path = twin / "4.json"
    frame = pd.read_parquet(path.with_suffix(".scores.parquet"))
    at = int(np.flatnonzero(frame["AP"] > 0.01)[0])
    edit_scores(path, "AP", at, float(frame["AP"][at]) - 1e-8)
    edit(path, files={})
    assert read_standings(results, CARDS).tasks["made-up"].alike == []


def test_numbers_have_six_decimals(standings: Standings) -> None:
    values = np.array([s.low for r in standings.rows for g in r.scores.values() for s in g.values()])
    np.testing.assert_array_equal(values, np.round(values, 6))


def test_content_is_that_of_the_scores_alone(stored: Path, tmp_path: Path, standings: Standings) -> None:
    again = read_standings(write_results(tmp_path), CARDS)
    assert again.content == standings.content
    other = read_standings(write_results(tmp_path / "other", (Fake("bm25", "floor", (1, 1, 1)),)), CARDS)
    assert other.content != standings.content
