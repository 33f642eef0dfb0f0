"""LLM labels alone: which of two passages the strongest judge prefers, asked in both orders."""

from __future__ import annotations

from benchmark import Curriculum, Objective, RankNet, Stage, System, TrainingView, llm_preferences, system


@system("llm-pairwise", family="llm", cite="burges2005learning")
class LlmPairwise(System):
    """Preferences between passages of 300 lists, learned with RankNet."""

    dev_choices = ("epochs", "temperature of LLM labels")

    temperature: float = 0.3

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the pairs that were compared."""
        preferences = llm_preferences(view, "qwen2.5-coder-1.5b-pairwise", self.temperature)
        return Curriculum(Stage(Objective(RankNet(), preferences)))
