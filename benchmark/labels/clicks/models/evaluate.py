"""How well a click model foretells a log that it was not fitted to, such as a part of one (see `split`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.errors import DataError
from benchmark.labels.clicks.models.model import ClickModel
from benchmark.labels.clicks.pages import Pages, PageSource

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Fit of a click model to I impressions of D documents in all; ranks that were never shown are NaN.

    `log_likelihood` = sum over impressions of log P(c_1 .. c_K), by the chain rule over `conditional` probabilities;
    `per_impression` and `per_document` are its means (per impression: Chuklin et al., 2015, section 5.1; others,
    among them Dupret & Piwowarski 2008, average over documents).

    `perplexity_by_rank` [K] = 2^(-mean log2 P(c_k)), P the `marginal` probability of what was observed at rank k;
    `perplexity` is their mean over ranks (Chuklin et al., 2015, section 5.2). 1: certain and right; 2: a coin.
    `pooled_perplexity` takes the mean of log2 over all documents instead, so that a rank counts as often as it was
    shown. `conditional_perplexity` and `..._by_rank` are the same as the first two with `conditional` probabilities:
    what a model gains by seeing the clicks above. They equal the former for models without such a memory.
    """

    impressions: int
    documents: int
    log_likelihood: float
    perplexity_by_rank: Floats
    pooled_perplexity: float
    conditional_perplexity_by_rank: Floats

    @property
    def per_impression(self) -> float:
        """Mean log-likelihood of a page."""
        return self.log_likelihood / self.impressions

    @property
    def per_document(self) -> float:
        """Mean log-likelihood of a document given the clicks above it."""
        return self.log_likelihood / self.documents

    @property
    def perplexity(self) -> float:
        """Mean of `perplexity_by_rank` over the ranks shown."""
        return float(np.nanmean(self.perplexity_by_rank))

    @property
    def conditional_perplexity(self) -> float:
        """Mean of `conditional_perplexity_by_rank` over the ranks shown."""
        return float(np.nanmean(self.conditional_perplexity_by_rank))


def evaluate(model: ClickModel, source: PageSource) -> Evaluation:
    """Read the log once, block by block.

    A model knows pairs by their numbers, which are those of one store; two stores number theirs each on its own. Raises
    `DataError` for a log that has another number of pairs than the model's, and for one without a document.
    """
    if len(model.relevance) != source.pair_count:
        raise DataError(
            f"the click log to evaluate on has {source.pair_count:,} pairs, that of the model "
            f"{len(model.relevance):,}; import both as one log and part it by split"
        )
    impressions = 0
    shown = np.zeros(source.page_size, dtype=np.int64)
    marginal, conditional = np.zeros(source.page_size), np.zeros(source.page_size)
    for pages in source.pages():
        impressions += len(pages)
        shown += pages.shown.sum(axis=0)
        marginal += _log_probability(model.marginal(pages), pages)
        conditional += _log_probability(model.conditional(pages), pages)
    documents = int(shown.sum())
    if documents == 0:
        raise DataError("the click log to evaluate on has no impression; give one that has")
    return Evaluation(
        impressions,
        documents,
        float(conditional.sum()),
        _perplexity(marginal, shown),
        float(np.exp(-marginal.sum() / documents)),
        _perplexity(conditional, shown),
    )


def _log_probability(clicked: Floats, pages: Pages) -> Floats:
    """Sum over impressions, at each rank [K], of the log probability of what was observed."""
    observed = np.where(pages.clicked, clicked, 1 - clicked)  # 1 where there is no document: its logarithm is 0
    total: Floats = np.log(observed).sum(axis=0)
    return total


def _perplexity(total: Floats, shown: npt.NDArray[np.int64]) -> Floats:
    """exp(-total / shown), which is 2^(-mean log2 P); NaN where nothing was shown."""
    return np.exp(np.where(shown > 0, -total / np.maximum(shown, 1), np.nan))
