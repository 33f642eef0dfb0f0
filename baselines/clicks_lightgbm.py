"""Clicks alone, boosted trees: LambdaRank with LightGBM's position debiasing."""

from __future__ import annotations

from collections.abc import Callable

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from benchmark import PairScorer, System, TrainingView, system

PairScores = Callable[[npt.NDArray[np.str_], npt.NDArray[np.str_]], npt.NDArray[np.float64]]


@system("clicks-lightgbm", family="clicks", cite="ke2017lightgbm")
class ClicksLightgbm(System):
    """LightGBM LambdaRank on clicked pages, a learned bias for each rank beside trees that start from the cosine."""

    dev_choices = ("trees", "sessions of a query")

    sessions: int = 20
    rounds: int = 150
    leaves: int = 7
    learning_rate: float = 0.05
    start: float = 2.0

    def fit(self, view: TrainingView) -> PairScorer:
        """Each clicked session is a group of (query, document, rank) rows; a query has at most `sessions` of them."""
        qids, docnos, clicked, ranks = self._pages(view)
        cosine = view.features.scalar("cosine", view.qids.repeat(view.docnos.shape[1]), view.docnos.ravel())
        mean, scale = float(cosine.mean()), float(cosine.std()) / self.start

        def starting(qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
            return (view.features.scalar("cosine", qids, docnos).astype(np.float64) - mean) / scale

        data = lgb.Dataset(
            view.features.pairs(qids, docnos),
            clicked,
            group=np.full(len(qids) // ranks, ranks),
            position=np.tile(np.arange(ranks), len(qids) // ranks),
            init_score=starting(qids, docnos),
            params={"max_bin": 63},
        )
        model = lgb.train(
            {
                "objective": "lambdarank",
                "learning_rate": self.learning_rate,
                "num_leaves": self.leaves,
                "lambdarank_position_bias_regularization": 1.0,
                "feature_fraction": 0.3,
                "seed": view.seed,
                "num_threads": 1,
                "deterministic": True,
                "force_col_wise": True,
                "verbosity": -1,
            },
            data,
            self.rounds,
        )

        def after(trees: int) -> PairScores:
            def score(qids: npt.NDArray[np.str_], docnos: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
                learned = np.asarray(model.predict(view.features.pairs(qids, docnos), num_iteration=trees))
                return np.asarray(starting(qids, docnos) + learned, dtype=np.float64)

            return score

        dev_qids = view.dev.qids.repeat(view.dev.docnos.shape[1])
        choices = range(10, self.rounds + 1, 10)
        reached = [view.dev.ndcg(after(trees)(dev_qids, view.dev.docnos.ravel())) for trees in choices]
        return PairScorer(after(choices[int(np.argmax(reached))]))

    def _pages(
        self, view: TrainingView
    ) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.str_], npt.NDArray[np.int64], int]:
        """qids, docnos and clicks of the rows, page after page, and the rows of a page."""
        log = view.click_pages()
        page = np.flatnonzero(log.clicked.any(axis=1))
        page = page[np.argsort(log.query[page], kind="stable")]
        query = log.query[page]
        nth = np.arange(len(page)) - np.searchsorted(query, query)  # within its query, in the order of the log
        page = page[nth < self.sessions]
        query, shown = log.query[page], log.shown[page].astype(np.int64)
        docnos = view.docnos[query[:, None], shown].ravel()
        return view.qids[query].repeat(log.page_size), docnos, log.clicked[page].ravel().astype(np.int64), log.page_size
