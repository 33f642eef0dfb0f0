"""The robustness page: what each way to learn from clicks is worth when users are not what it takes them for.

`pack` gathers the records of a sweep into one file that is kept; everything shown is made from that file alone.
"""

from leaderboard.robustness.outdated import is_outdated
from leaderboard.robustness.pack import Sweep, pack, read_pack
from leaderboard.robustness.render import FILES, render_all
from leaderboard.robustness.settings import Setting, sweep_settings

__all__ = ["FILES", "Setting", "Sweep", "is_outdated", "pack", "read_pack", "render_all", "sweep_settings"]
