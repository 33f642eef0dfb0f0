"""Where a page finds what it points to: the records, and pages that not every folder has."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from leaderboard.standings import RESULTS

# A page or file, and what it is made from: the one is there as soon as the other is.
_BESIDE = {"robustness.html": "robustness.parquet", "references.bib": "references.bib"}


@dataclass(frozen=True)
class Links:
    """`results` is the folder of the records as seen from the page; `beside` names the files that lie next to it."""

    results: str
    beside: frozenset[str]

    def record(self, path: str) -> str:
        """The address of a record, which leaderboard.json tells relative to the folder that holds the results."""
        return quote(f"{self.results}/{PurePosixPath(path).relative_to(RESULTS)}")


def links(out: Path, results: Path) -> Links:
    """From pages in `out` to records in `results`."""
    there = [name for name, source in _BESIDE.items() if (out / name).is_file() or (out / source).is_file()]
    return Links(Path(os.path.relpath(results.resolve(), out.resolve())).as_posix(), frozenset(there))
