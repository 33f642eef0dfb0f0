"""LLM labels alone: grades 0 to 3 by a criterion, as steps on the ranker's scale."""

from __future__ import annotations

from benchmark import Curriculum, GradeLikelihood, Objective, Stage, System, TrainingView, llm_grades, system


@system("llm-graded-likelihood", family="llm", cite="mccullagh1980regression")
class LlmGradedLikelihood(System):
    """Pointwise grades of 300 lists by the strongest judge: their ordinal likelihood, each pair alone."""

    dev_choices = ("epochs",)

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were graded."""
        grades = llm_grades(view, "qwen2.5-coder-1.5b-graded-3")
        return Curriculum(Stage(Objective(GradeLikelihood(4), grades)))
