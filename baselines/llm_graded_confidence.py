"""LLM labels alone: grades 0 to 3 by a criterion, of which unsure ones count less."""

from __future__ import annotations

from benchmark import Curriculum, GradeLikelihood, Objective, Stage, System, TrainingView, llm_grades, system


@system("llm-graded-confidence", family="llm", cite="mccullagh1980regression")
class LlmGradedConfidence(System):
    """As llm-graded-likelihood, each grade weighted by how sure the judge was: 1 - H(P) / log 4."""

    dev_choices = ("epochs",)

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were graded."""
        grades = llm_grades(view, "qwen2.5-coder-1.5b-graded-3", confidence=True)
        return Curriculum(Stage(Objective(GradeLikelihood(4), grades)))
