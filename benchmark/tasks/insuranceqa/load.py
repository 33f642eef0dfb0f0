"""Loads the embedded task: verifies every byte it is made of, then puts the arrays together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.hashing import sha256_file
from benchmark.labels.clicks.log import ImpressionLog
from benchmark.tasks.embeddings import Embeddings
from benchmark.tasks.features import FeatureStore, scalar_features
from benchmark.tasks.insuranceqa.build import draw_log
from benchmark.tasks.insuranceqa.collection import REINSTALL, Collection, package_folder, read_collection
from benchmark.tasks.insuranceqa.log import read_log
from benchmark.tasks.manifest import Manifest, read_manifest, verify
from benchmark.tasks.task import Grades, Questions, Task

FOLDER = Path(__file__).parent
PUBLISHED = FOLDER / "published"
RESTORE = f"restore it: git checkout -- {PUBLISHED}"
TITLE = "InsuranceQA: real questions, answers and expert relevance; simulated clicks"


def collection() -> tuple[Collection, Manifest]:
    """The installed collection and the manifest it was verified against."""
    manifest = read_manifest(PUBLISHED / "manifest.json")
    return read_collection(package_folder(), manifest.package), manifest


def check() -> str:
    """Verify the package and everything published; what was found, in a phrase."""
    manifest = read_manifest(PUBLISHED / "manifest.json")
    folder = package_folder()
    verify(folder, manifest.package, REINSTALL)
    verify(PUBLISHED, manifest.published, RESTORE)
    return f"version {manifest.version}, {manifest.questions:,} questions"


def manifest_sha256() -> str:
    """Hash of the manifest: all published data that a number depends on, but for judgments."""
    return sha256_file(PUBLISHED / "manifest.json")


def load(variant: str = "") -> tuple[Task, Grades]:
    """The task under one simulation of clicks (see `VARIANTS`), without judgments, and its human grades."""
    texts, manifest = collection()
    verify(PUBLISHED, manifest.published, RESTORE)
    splits = pd.read_csv(PUBLISHED / "splits.csv", dtype={"qid": str, "group": str})
    candidates = pd.read_parquet(PUBLISHED / "candidates.parquet")
    shape = (len(splits), manifest.list_size)
    docnos = candidates.docno.to_numpy(dtype=str).reshape(shape)
    questions = Questions(
        qids=splits.qid.to_numpy(dtype=str),
        docnos=docnos,
        frequency=splits.impressions.to_numpy(),
        stratum=splits.stratum.to_numpy(dtype=str),
        split=splits.split.to_numpy(dtype=str),
        seen=splits.seen.to_numpy(),
        draw=splits.draw.to_numpy(),
    )
    task = Task(
        name="insuranceqa" + (f"-{variant}" if variant else ""),
        version=manifest.version,
        title=TITLE,
        manifest_sha256=manifest_sha256(),
        questions=questions,
        question_text=texts.questions,
        document_text=texts.answers,
        features=_features(texts, questions, candidates),
        log=_log(texts, splits, candidates, variant, manifest.list_size),
        annotated_per_stratum=manifest.annotated_per_stratum,
        train_on_seen=manifest.train_on_seen,
    )
    return task, Grades({qid: dict.fromkeys(texts.relevant[qid], 1) for qid in questions.qids.tolist()})


def _features(texts: Collection, questions: Questions, candidates: pd.DataFrame) -> FeatureStore:
    shape = questions.docnos.shape
    asked = Embeddings(np.array(list(texts.questions)), np.load(PUBLISHED / "question_vectors.npy"))
    answered = Embeddings(np.array(list(texts.answers)), np.load(PUBLISHED / "answer_vectors.npy"))
    docnos, found = np.unique(questions.docnos, return_inverse=True)
    query_vectors, document_vectors = asked.rows(questions.qids.tolist()), answered.rows(docnos.tolist())
    found = found.reshape(shape)
    cosine = np.einsum("qd,qld->ql", query_vectors, document_vectors[found])
    columns = (candidates[name].to_numpy().reshape(shape) for name in ("bm25", "overlap", "words"))
    return FeatureStore(
        questions.qids, docnos, found, query_vectors, document_vectors, scalar_features(cosine, *columns)
    )


def _log(
    texts: Collection, splits: pd.DataFrame, candidates: pd.DataFrame, variant: str, list_size: int
) -> ImpressionLog:
    published = read_log(PUBLISHED / "log.parquet", list_size)
    if not variant:
        return published
    return ImpressionLog(published.qids, *draw_log(texts, splits, candidates, variant), list_size, simulated=True)
