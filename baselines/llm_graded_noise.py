"""LLM labels alone: grades 0 to 3 by a criterion, corrected for a judge that often does not look."""

from __future__ import annotations

import numpy as np

from benchmark import Curriculum, GradeLikelihood, Objective, Stage, System, TrainingView, llm_grades, system


@system("llm-graded-noise", family="llm", cite="patrini2017making")
class LlmGradedNoise(System):
    """As llm-graded-likelihood, corrected for a judge of whose grades nine in ten are drawn from its average.

    T = (1 - e) I + e 1 m', m the mean of the judge's P(grade), e the share of such grades: a confusion matrix without
    human grades of training questions.
    """

    dev_choices = ("epochs", "share of random LLM grades")

    random_share: float = 0.9

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists that were graded."""
        grades = llm_grades(view, "qwen2.5-coder-1.5b-graded-3")
        average = grades.sum(axis=(0, 1)) / grades.sum()
        confusion = (1 - self.random_share) * np.eye(len(average)) + self.random_share * average
        return Curriculum(Stage(Objective(GradeLikelihood(len(average), confusion), grades)))
