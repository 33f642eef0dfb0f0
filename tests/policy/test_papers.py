"""The files that speak for the project: how to cite it, and the steps of CONTRIBUTING as they are written."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from benchmark.running.registry import load_systems

ROOT = Path(__file__).parents[2]
Text = Annotated[str, Field(min_length=1)]


class Author(BaseModel):
    """A person or an entity of the Citation File Format 1.2.0."""

    model_config = ConfigDict(extra="forbid")
    name: Text | None = None
    family_names: Annotated[Text | None, Field(alias="family-names")] = None
    given_names: Annotated[Text | None, Field(alias="given-names")] = None


class Reference(BaseModel):
    """The keys of a reference that are used here."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["article", "generic", "dataset", "software"]
    title: Text
    authors: Annotated[list[Author], Field(min_length=1)]
    year: int | None = None
    url: Text | None = None
    identifiers: list[dict[str, str]] | None = None


class Citation(BaseModel):
    """The required keys of the Citation File Format 1.2.0, and the optional ones that are used here."""

    model_config = ConfigDict(extra="forbid")
    cff_version: Literal["1.2.0"] = Field(alias="cff-version")
    message: Text
    title: Text
    authors: Annotated[list[Author], Field(min_length=1)]
    type: Literal["software", "dataset"] = "software"
    version: Text
    license: Literal["Apache-2.0"]
    abstract: Text | None = None
    keywords: list[Text] = []
    references: list[Reference] = []


def test_the_citation_file_is_valid_and_of_this_version() -> None:
    cited = Citation.model_validate(yaml.safe_load((ROOT / "CITATION.cff").read_text()))
    assert cited.version == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_steps_of_contributing_work_as_written(tmp_path) -> None:
    """Its shell lines are run in order on a copy of the submissions folder."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    steps = re.findall(r"<!-- step -->\n```sh\n(.*?)```", text, flags=re.DOTALL)
    assert len(steps) == 3
    script = "set -e\n" + "".join(steps).replace("click-or-llm", f"{sys.executable} -m benchmark")
    script = script.replace("git checkout -b", "true")
    (tmp_path / "submissions").mkdir()
    subprocess.run(["cp", "-r", ROOT / "submissions" / "template", tmp_path / "submissions"], check=True)
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no problem found" in done.stdout


def test_no_text_of_the_collection_is_in_the_repository() -> None:
    """Ten long questions and answers, looked for in every text file that is tracked."""
    from benchmark.tasks.insuranceqa.load import collection

    texts, _ = collection()
    wanted = [
        text for text in list(texts.answers.values())[::3000] + list(texts.questions.values())[::2000] if len(text) > 40
    ]
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".md", ".py", ".json", ".csv", ".toml", ".html", ".yml", ".tex") and path.is_file():
            content = path.read_text(encoding="utf-8")
            assert not any(text in content for text in wanted), name


def test_every_paper_that_a_system_cites_has_an_entry() -> None:
    """leaderboard/references.bib: one entry for each key, with title, authors and year, and none that nobody cites."""
    entries = dict(
        re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", (ROOT / "leaderboard/references.bib").read_text(), re.M | re.S)
    )
    cited = {cls.cite for cls in load_systems().values() if cls.cite}
    assert set(entries) == cited
    for key, fields in entries.items():
        assert all(re.search(rf"^  {name} *= \{{.+\}}", fields, re.M) for name in ("title", "author", "year")), key
