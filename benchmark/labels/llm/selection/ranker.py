"""By what a ranker trained on the labels so far gets wrong, or is not sure of: strategies for rounds."""

from __future__ import annotations

import numpy as np

from benchmark.labels.llm.selection.frequency import at_random
from benchmark.labels.llm.selection.pool import Pool
from benchmark.labels.llm.selection.strategy import Rows, smallest


def ranker_uncertainty(pool: Pool, budget: int, seed: int) -> Rows:
    """Descending entropy H = -sum_i p_i log p_i of p = softmax(scores): the ranker does not know the best document.

    Active learning by entropy, as LLMaAA lets a language model be the annotator: Zhang et al., Findings of EMNLP 2023,
    arXiv 2310.19596. Sampling by uncertainty alone favours outliers; `diversity` does not.
    """
    assert pool.scores is not None
    scores = pool.scores.astype(np.float64)
    log_p = scores - scores.max(axis=1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    return smallest(pool, (np.exp(log_p) * log_p).sum(axis=1), budget, seed)


def dev_error(pool: Pool, budget: int, seed: int) -> Rows:
    """Each stratum gets a share of the budget in proportion to its `error`, none where it is unknown; at random in it.

    Shares are rounded by largest remainder, and what a stratum cannot use goes to the others in the same proportion.
    Bad cases decide what is annotated next, as in MLLM-DataEngine: Zhao et al., arXiv 2308.13566.
    """
    order = at_random(pool, len(pool), seed)
    strata = sorted({*pool.error, *pool.stratum.tolist()})
    members = {name: order[pool.stratum[order] == name] for name in strata}
    shares = apportion(budget, [pool.error.get(name, 0.0) for name in strata], [len(members[name]) for name in strata])
    chosen = np.concatenate([members[name][:share] for name, share in zip(strata, shares, strict=True)])
    return order[np.isin(order, chosen)]


def apportion(budget: int, weights: list[float], capacities: list[int]) -> list[int]:
    """Whole numbers in proportion to the weights, none above its capacity, as near to `budget` in sum as these allow.

    Largest remainder (Hamilton's method); what overflows a capacity is shared again among the others.
    """
    given = np.zeros(len(weights), dtype=np.int64)
    weight, capacity = np.asarray(weights, dtype=np.float64), np.asarray(capacities)
    while (left := min(budget, int(capacity.sum())) - int(given.sum())) > 0:
        open_ = given < capacity
        share = np.where(open_, weight, 0.0)
        share = open_ / open_.sum() if share.sum() <= 0 else share / share.sum()
        quota = left * share
        add = np.floor(quota).astype(np.int64)
        rest = left - int(add.sum())
        add[np.argsort(-np.where(open_, quota - add, -1.0), kind="stable")[:rest]] += 1
        given = np.minimum(given + np.where(open_, add, 0), capacity)
    return given.tolist()
