"""The LLM judgments that are shipped with the embedded task."""

from __future__ import annotations

import hashlib
from pathlib import Path

from benchmark.hashing import sha256_file
from benchmark.labels.llm.judgments import Judgments, read_judgments, read_metadata

JUDGMENTS = Path(__file__).parent / "judgments"


def names() -> list[str]:
    """What they are called."""
    return [path.stem for path in sorted(JUDGMENTS.glob("*.parquet"))]


def all_judgments() -> dict[str, Judgments]:
    """All of them by name, checked."""
    return {path.stem: read_judgments(path) for path in sorted(JUDGMENTS.glob("*.parquet"))}


def judgments() -> dict[str, Judgments]:
    """Those that systems may learn from: of training questions only."""
    return {name: one for name, one in all_judgments().items() if one.metadata.purpose == "training"}


def judgments_sha256() -> str:
    """Hash of those that systems may learn from: what a system depends on that learns from them."""
    digest = hashlib.sha256()
    for path in sorted(JUDGMENTS.glob("*.parquet")):
        if read_metadata(path).purpose == "training":
            digest.update(f"{path.name} {sha256_file(path)}\n".encode())
    return digest.hexdigest()
