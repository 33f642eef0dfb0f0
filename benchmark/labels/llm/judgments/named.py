"""Judgments by name, or by the path of their file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.errors import ConfigurationError, nearest
from benchmark.labels.llm.judgments.file import read_judgments
from benchmark.labels.llm.judgments.judgments import Judgments


def judgments_named(names: Sequence[str], shipped: Mapping[str, Judgments]) -> dict[str, Judgments]:
    """The judgments called `names`: a shipped name, or a path that ends in .parquet; all shipped ones if none is named.

    Raises `ConfigurationError` for another name or a name given twice, `DataError` for a damaged file.
    """
    if not names:
        return dict(shipped)
    found: dict[str, Judgments] = {}
    for name in names:
        key = Path(name).stem if name.endswith(".parquet") else name
        if key in found:
            raise ConfigurationError(
                f"judgments {name}: there is a {key} before it; name each once, and give two files two names"
            )
        if name.endswith(".parquet"):
            found[key] = read_judgments(Path(name))
        elif name in shipped:
            found[key] = shipped[name]
        else:
            hint = nearest(name, shipped, otherwise=f"shipped: {', '.join(shipped) or 'none'}")
            raise ConfigurationError(f"judgments {name}: neither a .parquet file nor shipped; {hint}")
    return found
