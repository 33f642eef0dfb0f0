"""A description of a log on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmark.labels.clicks.store.describe import Description


def show(told: Description, console: Console) -> None:
    """Print the description as tables."""
    kind = "simulated clicks" if told.simulated else "clicks"
    documents = f", {told.documents:,} documents" if told.documents is not None else ""
    lines = [
        f"{told.log}: {told.impressions:,} impressions of {told.queries:,} queries, {kind}",
        f"{told.pairs:,} pairs of query and document, {told.pairs_shown:,} of them shown{documents}; "
        f"pages of at most {told.page_size}",
        f"{told.clicks_per_impression:.3f} clicks per impression; {told.share_without_click:.1%} without a click",
    ]
    if told.first_time and told.last_time:
        lines.append(f"from {told.first_time:%Y-%m-%d %H:%M:%S} to {told.last_time:%Y-%m-%d %H:%M:%S} UTC")
    if told.dwell:
        dwell = told.dwell
        lines.append(
            f"dwell known for {dwell.known:,} documents ({dwell.on_clicked:,} of them clicked): "
            f"mean {dwell.mean:.3g} s, quartiles {dwell.lower_quartile:.3g}, {dwell.median:.3g} "
            f"and {dwell.upper_quartile:.3g} s"
        )
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(_by_rank(told), _frequency(told), _strata(told))
    for reason, count in told.skipped.items():
        console.print(f"left out at import: {count:,} {reason}", highlight=False, markup=False)


def _table(title: str, *headers: str) -> Table:
    table = Table(title=title, title_justify="left")
    for header in headers:
        table.add_column(header, justify="right")
    return table


def _by_rank(told: Description) -> Table:
    table = _table(
        f"{'simulated clicks' if told.simulated else 'clicks'} by rank",
        "rank",
        "shown",
        "clicked",
        "rate",
        "95 % interval",
    )
    for row in told.by_rank:
        interval = f"{row.low:.4f} to {row.high:.4f}"
        table.add_row(str(row.rank), f"{row.shown:,}", f"{row.clicked:,}", f"{row.rate:.4f}", interval)
    return table


def _frequency(told: Description) -> Table:
    table = _table("queries by frequency", "impressions each", "queries", "share", "of the traffic")
    for row in told.frequency:
        span = f"{row.fewest:,}" if row.fewest == row.most else f"{row.fewest:,} to {row.most:,}"
        share, traffic = row.queries / told.queries, row.impressions / told.impressions
        table.add_row(span, f"{row.queries:,}", f"{share:.1%}", f"{traffic:.1%}")
    return table


def _strata(told: Description) -> Table:
    cuts = " and ".join(f"{share:.4g}" for share in told.shares)
    table = _table(f"strata, cut at {cuts} of the traffic", "stratum", "queries", "impressions", "share", "each")
    for row in told.strata:
        each = f"{row.fewest_impressions:,} to {row.most_impressions:,}" if row.queries else ""
        share = row.impressions / told.impressions
        table.add_row(row.name, f"{row.queries:,}", f"{row.impressions:,}", f"{share:.1%}", each)
    return table
