"""Makes what the task publishes: embeddings, candidates, splits, simulated log and manifest. Numbers only, no text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmark.hashing import seeded_hashes, sha256_file
from benchmark.labels.clicks.simulate import VARIANTS, Block, document_quality, simulate
from benchmark.tasks.candidates import Bm25, first_stage
from benchmark.tasks.demand import content_words, demand_groups, demand_order, zipf_impressions
from benchmark.tasks.embeddings import encode, quantise
from benchmark.tasks.insuranceqa.collection import Collection
from benchmark.tasks.insuranceqa.log import write_log
from benchmark.tasks.manifest import Manifest, StratumCut
from benchmark.tasks.splits import Quotas, draw_splits
from benchmark.tasks.strata import STRATA, cut_by_traffic

SEED = 2511
ZIPF_EXPONENT, ZIPF_TOTAL = 1.12, 320_000
CUMULATIVE_SHARES = (0.925, 0.975)
QUOTAS = Quotas(test=1600, seen=100, dev=300)
LIST_SIZE = 20
ANNOTATED_PER_STRATUM = 400
TRAIN_ON_SEEN = False
PUBLISHED = ("question_vectors.npy", "answer_vectors.npy", "splits.csv", "candidates.parquet", "log.parquet")


def embed(collection: Collection, model_folder: Path, folder: Path) -> None:
    """Embed every question and answer, in the collection's order, into two int8 arrays under `folder`."""
    for name, texts in (("question", collection.questions), ("answer", collection.answers)):
        np.save(folder / f"{name}_vectors.npy", quantise(encode(model_folder, list(texts.values()))))


def build(collection: Collection, package_sha256: dict[str, str], folder: Path, version: str) -> Manifest:
    """From the embeddings under `folder`, make all else that is published there and return its manifest."""
    splits, candidates = _draw(collection, folder)
    splits.to_csv(folder / "splits.csv", index=False, lineterminator="\n")
    candidates.to_parquet(folder / "candidates.parquet", index=False, compression="zstd")
    in_log = (splits.split.to_numpy() == "train") | splits.seen.to_numpy()
    write_log(folder / "log.parquet", *draw_log(collection, splits, candidates, ""), splits.qid.to_numpy()[in_log])
    cuts = [
        StratumCut(
            name=name,
            most_impressions=int(rows.impressions.max()),
            fewest_impressions=int(rows.impressions.min()),
            test_seen=int(rows.seen.sum()),
            **{split: int((rows.split == split).sum()) for split in ("train", "dev", "test")},
        )
        for name in STRATA
        for rows in [splits[splits.stratum == name]]
    ]
    return Manifest(
        task="insuranceqa",
        version=version,
        seed=SEED,
        zipf_exponent=ZIPF_EXPONENT,
        zipf_total=ZIPF_TOTAL,
        cumulative_shares=list(CUMULATIVE_SHARES),
        strata=cuts,
        questions=len(splits),
        questions_without_answer_in_list=len(collection.questions) - len(splits),
        documents=len(collection.answers),
        list_size=LIST_SIZE,
        annotated_per_stratum=ANNOTATED_PER_STRATUM,
        train_on_seen=TRAIN_ON_SEEN,
        package=package_sha256,
        published={name: sha256_file(folder / name) for name in PUBLISHED},
    )


def _draw(collection: Collection, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    qids, docnos = np.array(list(collection.questions)), np.array(list(collection.answers))
    found = first_stage(
        list(collection.questions.values()),
        list(collection.answers.values()),
        np.load(folder / "question_vectors.npy"),
        np.load(folder / "answer_vectors.npy"),
        LIST_SIZE,
    )
    lists = docnos[found]
    answered = relevance(collection, qids, lists).any(axis=1)
    splits = split_questions(qids[answered].tolist(), collection)
    position = pd.Series(np.arange(len(qids)), index=qids)[splits.qid].to_numpy()
    return splits, _candidates(collection, splits.qid.to_numpy(), found[position], docnos)


def split_questions(qids: Sequence[str], collection: Collection) -> pd.DataFrame:
    """One row per question, most demanded first: group, demand, impressions, stratum, split, seen and draw.

    `draw` counts the questions of a stratum and split in the order of a seeded hash: whoever can annotate n questions
    takes the first n, and two annotators overlap as far as they can.
    """
    group_of, sizes = demand_groups(collection.questions)
    groups = np.array([group_of[qid] for qid in qids])
    demand = np.array([sizes[group] for group in groups])
    order = demand_order(qids, groups.tolist(), demand, SEED)
    groups, demand = groups[order], demand[order]
    impressions = zipf_impressions(len(qids), ZIPF_EXPONENT, ZIPF_TOTAL)
    strata = cut_by_traffic(impressions, CUMULATIVE_SHARES, groups.tolist())
    split, seen = draw_splits(groups.tolist(), strata, QUOTAS, SEED)
    splits = pd.DataFrame(
        {
            "qid": np.asarray(qids)[order],
            "group": groups,
            "demand": demand,
            "impressions": impressions,
            "stratum": np.array(STRATA)[strata],
            "split": split,
            "seen": seen,
        }
    )
    hashed = splits.assign(hash=seeded_hashes(f"annotate-{SEED}", splits.qid)).sort_values("hash")
    splits["draw"] = hashed.groupby(["stratum", "split", "seen"]).cumcount()
    return splits


def _candidates(
    collection: Collection, qids: npt.NDArray[np.str_], found: npt.NDArray[np.int64], docnos: npt.NDArray[np.str_]
) -> pd.DataFrame:
    """One row per candidate, in the order of the first stage: qid, docno, rank, bm25, overlap, words."""
    answers = list(collection.answers.values())
    questions = [collection.questions[qid] for qid in qids]
    bm25 = np.stack([scores[row] for scores, row in zip(Bm25(answers).scores(questions), found, strict=True)])
    used = np.unique(found)
    words_of = {int(i): frozenset(content_words(answers[i]).split()) for i in used}
    asked = [frozenset(content_words(question).split()) for question in questions]
    overlap = [[len(a & words_of[int(d)]) / max(1, len(a)) for d in row] for a, row in zip(asked, found, strict=True)]
    words = np.array([len(answer.split()) for answer in answers])
    return pd.DataFrame(
        {
            "qid": np.repeat(qids, found.shape[1]),
            "docno": docnos[found].ravel(),
            "rank": np.tile(np.arange(1, found.shape[1] + 1, dtype=np.int16), len(qids)),
            "bm25": bm25.ravel().astype(np.float32),
            "overlap": np.array(overlap, dtype=np.float32).ravel(),
            "words": words[found].ravel().astype(np.int32),
        }
    )


def relevance(collection: Collection, qids: npt.NDArray[np.str_], lists: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Whether an expert gave each listed document as an answer to the question: [len(qids), L]."""
    relevant = pd.MultiIndex.from_tuples([(qid, docno) for qid in qids for docno in collection.relevant[qid]])
    listed = pd.MultiIndex.from_arrays([np.repeat(qids, lists.shape[1]), lists.ravel()])
    return np.asarray(listed.isin(relevant)).reshape(lists.shape)


def production_rank(bm25: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """The production ranker that the simulated users look at: BM25, ties in the order of the first stage."""
    order = np.argsort(-bm25, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(1, bm25.shape[1] + 1)[None, :], axis=1)
    return rank.astype(np.int64)


def draw_log(collection: Collection, splits: pd.DataFrame, candidates: pd.DataFrame, variant: str) -> Block:
    """Simulate the log of the questions that stay in it: training questions and seen test questions."""
    in_log = (splits.split.to_numpy() == "train") | splits.seen.to_numpy()
    lists = candidates.docno.to_numpy(dtype=str).reshape(-1, LIST_SIZE)[in_log]
    qids = splits.qid.to_numpy(dtype=str)[in_log]
    return simulate(
        splits.impressions.to_numpy()[in_log],
        production_rank(candidates.bm25.to_numpy().reshape(-1, LIST_SIZE)[in_log]),
        relevance(collection, qids, lists),
        document_quality(lists, SEED),
        VARIANTS[variant],
        SEED,
    )
