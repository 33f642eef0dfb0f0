"""The leaderboard: from stored records to pages and tables. The generated files lie beside this code.

cards         what a task says about itself in words
read          collect records and refuse those that may not stand side by side
policy        what every stored record must satisfy, one line for each problem
standings     intervals, comparisons, tiers, detectable effects: the model that everything below renders
alike         rows that are one system under several names
render_json   leaderboard.json
render_text   LEADERBOARD.md, leaderboard.csv, leaderboard.tex, leaderboard.bib
page, plot    index.html, with the libraries of vendor/ inside it
links         where it finds the records
readme_table  the table in the README
build         all of it

    standings = build(Path("leaderboard/results"), Path("leaderboard"), {"insuranceqa": TaskCard(...)})
    update_readme(Path("README.md"), standings)
"""

from __future__ import annotations

from leaderboard.build import build, read_standings, stale_files
from leaderboard.cards import TaskCard
from leaderboard.model import VERSION, Standings
from leaderboard.policy import check, moved
from leaderboard.readme_table import check_readme, update_readme

__all__ = [
    "VERSION",
    "Standings",
    "TaskCard",
    "build",
    "check",
    "check_readme",
    "moved",
    "read_standings",
    "stale_files",
    "update_readme",
]
