from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synthetic import CARDS, write_results

from leaderboard import Standings, build


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results that no test changes."""
    return write_results(tmp_path_factory.mktemp("stored") / "results")


@pytest.fixture
def results(stored: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(stored, tmp_path / "results"))


@pytest.fixture(scope="session")
def built(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Standings]:
    out = tmp_path_factory.mktemp("out")
    return out, build(stored, out, CARDS)
