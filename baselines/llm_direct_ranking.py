"""LLM labels alone: the order in which the strongest judge ranks a list."""

from __future__ import annotations

from benchmark import Curriculum, LlmValues, Objective, Stage, System, TrainingView, ranking_loss, system


@system("llm-direct-ranking", family="llm")
class LlmDirectRanking(System):
    """Direct rankings of 300 lists, by the log-probability of each passage as the first, learned with ListMLE."""

    dev_choices = ("epochs",)

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were ranked."""
        ranks = view.labels(LlmValues("qwen2.5-coder-1.5b-direct-ranking"))
        return Curriculum(Stage(Objective(ranking_loss, ranks)))
