"""The generated files: equal bytes from equal records, and text that breaks out of nothing."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from synthetic import CARDS, edit

from benchmark.errors import ConfigurationError, RecordError
from leaderboard import VERSION, Standings, build, check_readme, stale_files, update_readme
from leaderboard.build import FILES
from leaderboard.page import HERE, libraries, matrix
from leaderboard.readme_table import render_readme
from leaderboard.render_text import escape_latex, escape_markdown


def text(built: tuple[Path, Standings], name: str) -> str:
    return (built[0] / name).read_text(encoding="utf-8")


def test_twice_the_same_bytes(stored: Path, built: tuple[Path, Standings], tmp_path: Path) -> None:
    build(stored, tmp_path, CARDS)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (built[0] / name).read_bytes(), name
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_time_and_machine_change_environments_alone(
    results: Path, built: tuple[Path, Standings], tmp_path: Path
) -> None:
    path = results / "made-up/famol/0.json"
    environment = json.loads(path.read_text())["environment"]
    edit(path, environment=environment | {"created": "2001-01-01T00:00:00Z", "processor": "another"})
    build(results, tmp_path / "out", CARDS)
    for name in set(FILES) - {"leaderboard.json", "index.html"}:
        assert (tmp_path / "out" / name).read_text() == text(built, name), name
    before, after = (
        json.loads(text(built, "leaderboard.json")),
        json.loads((tmp_path / "out/leaderboard.json").read_text()),
    )
    assert before.pop("environments") != after.pop("environments")
    assert before == after


def test_json_is_the_model_and_nothing_else(built: tuple[Path, Standings]) -> None:
    raw = text(built, "leaderboard.json")
    assert Standings.model_validate_json(raw) == built[1]
    keys = list(json.loads(raw))
    assert keys == sorted(keys)


def test_an_error_leaves_the_old_files_alone(results: Path, tmp_path: Path) -> None:
    build(results, tmp_path / "out", CARDS)
    before = {name: (tmp_path / "out" / name).read_bytes() for name in FILES}
    edit(results / "made-up/famol/0.json", share=0.5)
    with pytest.raises(RecordError):
        build(results, tmp_path / "out", CARDS)
    assert {name: (tmp_path / "out" / name).read_bytes() for name in FILES} == before


def test_stale_files(built: tuple[Path, Standings], stored: Path, tmp_path: Path) -> None:
    out, standings = built
    assert stale_files(out, standings, stored) == []
    assert stale_files(tmp_path, standings, stored) == [tmp_path / name for name in FILES]


def test_csv_holds_every_score(built: tuple[Path, Standings]) -> None:
    rows = list(csv.DictReader(text(built, "leaderboard.csv").splitlines()))
    assert [row["system"] for row in rows] == [row.system for row in built[1].rows]
    famol = next(row for row in built[1].rows if row.system == "famol")
    line = next(row for row in rows if row["system"] == "famol")
    assert float(line["ERR@10 low high"]) == famol.scores["ERR@10"]["low"].high
    assert line["simulated_log"] == "true"
    assert next(row for row in rows if row["system"] == "half-done")["tier"] == ""


def test_markdown_cells_stay_cells(built: tuple[Path, Standings]) -> None:
    table = [line for line in text(built, "LEADERBOARD.md").splitlines() if line.startswith("| ")]
    assert any(r"clicks: pbm \| simulated log" in line for line in table)
    columns = {len(re.split(r"(?<!\\)\|", line)) for line in table if "of 5" in line}
    assert len(columns) == 1
    assert escape_markdown("a|b\nc\\|<i>") == r"a\|b c\\\|&lt;i>"


def test_latex_is_escaped_and_balanced(built: tuple[Path, Standings]) -> None:
    latex = text(built, "leaderboard.tex")
    assert escape_latex("50% & a_b #1 {x}~^\\") == (
        r"50\% \& a\_b \#1 \{x\}\textasciitilde{}\textasciicircum{}\textbackslash{}"
    )
    assert latex.count(r"\begin{") == latex.count(r"\end{")
    rows = [line for line in latex.splitlines() if line.endswith(r"\\")]
    assert {len(re.split(r"(?<!\\)&", row)) for row in rows} == {7}


def test_bibtex_has_the_table_with_its_version_and_the_paper(built: tuple[Path, Standings]) -> None:
    bibtex = text(built, "leaderboard.bib")
    assert bibtex.count("@misc{") == 2
    assert f"version = {{{VERSION}}}" in bibtex
    assert "2511.06635" in bibtex
    assert bibtex.count("{") == bibtex.count("}")


@pytest.mark.parametrize("name", ["index.html", "LEADERBOARD.md", "leaderboard.tex"])
def test_simulated_clicks_are_called_simulated_wherever_their_numbers_stand(
    built: tuple[Path, Standings], name: str
) -> None:
    assert "The clicks on this task are simulated" in text(built, name)


class Page(HTMLParser):
    """All attributes and the elements that were left open."""

    VOID = frozenset({"meta", "input", "link", "img", "br", "hr", "source"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_asks_for_nothing_from_outside(built: tuple[Path, Standings]) -> None:
    html = text(built, "index.html")
    page = Page(html)
    assert page.open == []
    targets = [value for _, name, value in page.attributes if name in ("src", "href", "srcset", "action", "data")]
    assert targets
    assert not [target for target in targets if re.match(r"(https?:)?//", target)]
    assert not re.search(r"""\b(src|href)\s*=\s*["']?(https?:)?//""", html)
    assert not re.search(r"""(url\(|@import)\s*["']?(https?:)?//""", html)
    assert "sourceMappingURL" not in html
    # and the browser is told to refuse what slipped through
    assert ("meta", "http-equiv", "Content-Security-Policy") in page.attributes
    assert len(html.encode()) < 2_000_000


def test_page_shows_for_each_row_what_made_it(built: tuple[Path, Standings]) -> None:
    html = text(built, "index.html")
    for row in built[1].rows:
        detail = html.split(f'<template data-detail="{row.system}">')[1].split("</template>")[0]
        for told in (row.command, row.source, row.runs[0].run):
            assert told in detail
        assert all(label in detail for label in row.labels)
    assert "<famol>" not in html  # descriptions are escaped
    assert "A made-up system &lt;famol&gt; &amp; its numbers." in html


def hrefs(page: Path) -> set[str]:
    """Where the links of a page lead, those in templates included."""
    return {value for _, name, value in Page(page.read_text(encoding="utf-8")).attributes if name == "href"}


def test_every_link_of_the_page_leads_to_a_file(results: Path, tmp_path: Path) -> None:
    """Wherever the records lie, and whether or not there is a robustness page or a bibliography."""
    out = tmp_path / "pages" / "of today"
    build(results, out, CARDS)
    without = hrefs(out / "index.html")
    assert {"robustness.html", "references.bib"}.isdisjoint(without)
    assert "../../results/made-up/famol/0.json" in without
    assert all((out / href).is_file() for href in without)
    edit(results / "made-up/famol/0.json", cite="somebody2025")
    for name in ("robustness.html", "references.bib"):
        (out / name).write_text("")
    for seed in range(1, 5):
        edit(results / f"made-up/famol/{seed}.json", cite="somebody2025")
    build(results, out, CARDS)
    assert hrefs(out / "index.html") == without | {"robustness.html", "references.bib"}


def test_rows_of_a_part_of_the_task_are_said_to_be(results: Path, tmp_path: Path) -> None:
    for path in results.rglob("*.json"):
        edit(path, share=0.02)
    build(results, tmp_path, CARDS)
    assert "**The rows are of only 2 % of the task.**" in (tmp_path / "LEADERBOARD.md").read_text()
    assert "only 2 % of the task" in (tmp_path / "index.html").read_text()
    rows = list(csv.DictReader((tmp_path / "leaderboard.csv").read_text().splitlines()))
    assert {row["share"] for row in rows} == {"0.02"}


def test_matrix_reads_from_the_row(built: tuple[Path, Standings]) -> None:
    names, cells = matrix(built[1].tasks["made-up"].comparisons, "macro")
    for i in range(len(names)):
        assert cells[i][i] is None
        for j in set(range(len(names))) - {i}:
            one, two = cells[i][j], cells[j][i]
            assert one is not None and two is not None
            assert one.p == two.p
            assert one.difference == -two.difference
            assert {one.kind, two.kind} in ({"even"}, {"better", "worse"})
    # the best and the floor were made far apart
    assert cells[0][names.index("bm25")].kind == "better"  # type: ignore[union-attr]


def test_vendored_libraries_are_those_that_are_named() -> None:
    for library in libraries():
        path = HERE / "vendor" / library.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == library.sha256
        assert library.licence in ("MIT", "BSD-3-Clause")
        assert "Copyright" in library.notice_text


README = "# Title\n\n<!-- leaderboard:start -->\nold\n<!-- leaderboard:end -->\n\nThe end.\n"


def test_readme_table_goes_between_the_markers(built: tuple[Path, Standings], tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(README)
    assert not check_readme(readme, built[1])
    assert update_readme(readme, built[1])
    updated = readme.read_text()
    assert updated.startswith("# Title\n\n<!-- leaderboard:start -->\n")
    assert updated.endswith("\n<!-- leaderboard:end -->\n\nThe end.\n")
    assert "| famol" in updated
    assert "oracle-probe" not in updated
    assert "\nold\n" not in updated
    assert check_readme(readme, built[1])
    assert not update_readme(readme, built[1])  # a second time changes nothing


def test_readme_shows_the_first_tier_and_the_best_of_each_family_below(built: tuple[Path, Standings]) -> None:
    rows = built[1].rows_of("made-up")
    model = next(row for row in rows if row.tier is not None)
    ranked = [("clicks", 1), ("clicks", 1), ("skyline", None), ("llm", 2), ("clicks", 2), ("llm", 2), ("llm", 3)]
    made = [
        model.model_copy(update={"system": f"row-{place}", "family": family, "tier": tier})
        for place, (family, tier) in enumerate(ranked)
    ]
    told = render_readme(built[1].model_copy(update={"rows": made}))
    assert re.findall(r"row-\d", told) == [f"row-{place}" for place in (0, 1, 2, 3, 4, 6)]
    assert "6 of 7 rows" in told
    assert "5 of 5 rows" not in render_readme(built[1].model_copy(update={"rows": made[:5]}))


@pytest.mark.parametrize(
    "readme_text",
    [
        "no markers",
        "<!-- leaderboard:start -->",
        "<!-- leaderboard:end --><!-- leaderboard:start -->",
        README + README,
    ],
)
def test_readme_without_its_markers_is_left_alone(
    built: tuple[Path, Standings], tmp_path: Path, readme_text: str
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(readme_text)
    with pytest.raises(ConfigurationError, match="leaderboard:start"):
        update_readme(readme, built[1])
    assert readme.read_text() == readme_text
