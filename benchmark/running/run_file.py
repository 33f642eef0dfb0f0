"""TREC run files: `qid Q0 docno rank score tag`, gzipped, the same bytes for the same ranking."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.errors import RecordError
from benchmark.scoring.ties import rank_order, tiebreaks
from benchmark.tasks.task import Questions


def strictly_decreasing(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Ranked scores [n, L] as float32, each below the one before by at least the smallest step.

    Evaluation tools compare float32 scores and break ties by the document's name; with no tie left, they all see the
    order that was scored. What float32 does not hold is as far as it goes, but for room to step down.
    """
    most = np.finfo(np.float32).max / 2
    ranked = np.clip(scores, -most, most).astype(np.float32)
    for rank in range(1, ranked.shape[1]):
        below = np.nextafter(ranked[:, rank - 1], np.float32(-np.inf))
        ranked[:, rank] = np.minimum(ranked[:, rank], below)
    return ranked


def run_frame(questions: Questions, scores: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Columns qid, docno, rank (from 1), score; ties broken by the benchmark's rule."""
    tiebreak = tiebreaks(questions.qids.tolist(), questions.docnos.tolist())
    order = rank_order(scores, tiebreak, questions.qids.tolist())
    rows, size = order.shape
    return pd.DataFrame(
        {
            "qid": np.repeat(questions.qids, size),
            "docno": np.take_along_axis(questions.docnos, order, axis=1).ravel(),
            "rank": np.tile(np.arange(1, size + 1), rows),
            "score": strictly_decreasing(np.take_along_axis(scores, order, axis=1)).ravel(),
        }
    )


def run_bytes(questions: Questions, scores: npt.NDArray[np.float64], tag: str) -> bytes:
    """The gzipped run file; no time stamp in it, so equal rankings give equal bytes."""
    frame = run_frame(questions, scores)
    columns = (frame.qid, frame.docno, frame["rank"], frame.score)
    text = "".join(
        f"{qid} Q0 {docno} {rank} {score:.9g} {tag}\n" for qid, docno, rank, score in zip(*columns, strict=True)
    )
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def read_run(path: Path) -> pd.DataFrame:
    """A run file, gzipped or not: columns qid, docno, score. Raises `RecordError` with the line that is wrong."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    except (OSError, EOFError, UnicodeDecodeError, gzip.zlib.error) as error:  # type: ignore[attr-defined]
        raise RecordError(f"{path}: run file cannot be read ({error})") from error
    rows: list[tuple[str, str, float]] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if len(parts) != 6:
            raise RecordError(
                f"{path}, line {number}: {len(parts)} fields; a run line has 6: qid Q0 docno rank score tag"
            )
        try:
            score = float(parts[4])
        except ValueError as error:
            raise RecordError(f"{path}, line {number}: score {parts[4]!r} is not a number") from error
        if not np.isfinite(score):
            raise RecordError(f"{path}, line {number}: score {parts[4]} is not finite")
        if (parts[0], parts[2]) in seen:
            raise RecordError(f"{path}, line {number}: query {parts[0]} ranks document {parts[2]} twice")
        seen.add((parts[0], parts[2]))
        rows.append((parts[0], parts[2], score))
    if not rows:
        raise RecordError(f"{path}: run file is empty")
    return pd.DataFrame(rows, columns=["qid", "docno", "score"])
