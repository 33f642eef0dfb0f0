"""leaderboard.json: the standings, sorted by key, so that equal standings are equal bytes."""

from __future__ import annotations

import json

from leaderboard.model import Standings


def render_json(standings: Standings) -> str:
    """The standings as JSON with sorted keys, two spaces and a newline at the end."""
    return json.dumps(standings.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
