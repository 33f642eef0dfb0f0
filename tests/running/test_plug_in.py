"""Systems of another installed package: their identity, and what their records say of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from benchmark.running import cell, plug_in
from benchmark.running.registry import load_systems
from benchmark.running.store import _environment
from benchmark.training.system import SYSTEMS, System

SYSTEM = """
from benchmark import System, system
from theirs.helper import K

@system("theirs-one", family="floor")
class One(System):
    "One of theirs."
"""


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package = tmp_path / "theirs"
    package.mkdir()
    (package / "__init__.py").write_text(SYSTEM)
    (package / "helper.py").write_text("K = 1\n")
    told = tmp_path / "their_package-1.5.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Name: their-package\nVersion: 1.5\n")
    (told / "entry_points.txt").write_text("[click_or_llm.systems]\nmine = theirs\n")
    (entry,) = PathDistribution(told).entry_points
    monkeypatch.setattr(plug_in, "entry_points", lambda group: [entry])
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "theirs"]:
        del sys.modules[name]
    SYSTEMS.pop("theirs-one", None)


def identity(cls: type[System]) -> str:
    cell._code_hash.cache_clear()
    cell._file_hash.cache_clear()
    plug_in.plug_in_of.cache_clear()
    return cell.make_cell(cls, "task", ("data",), 0, 1.0).identity


def test_all_files_of_a_plug_in_are_in_its_identity(theirs: Path) -> None:
    import theirs as package

    before = identity(package.One)
    assert identity(package.One) == before
    (theirs / "helper.py").write_text("K = 2\n")
    assert identity(package.One) != before


def test_a_record_says_which_version_of_a_plug_in_it_is_of(theirs: Path) -> None:
    import theirs as package

    made = cell.make_cell(package.One, "task", ("data",), 0, 1.0)
    assert made.package == ("their-package", "1.5")
    assert _environment(1.0, made.package).packages["their-package"] == "1.5"
    assert cell.make_cell(load_systems()["bm25"], "task", ("data",), 0, 1.0).package is None
