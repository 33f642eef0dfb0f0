"""A submission: copy this folder, rename it, and change what `curriculum` returns."""

from __future__ import annotations

from benchmark import ClickLabels, Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("template-famol-shrinkage", family="fusion")
class TemplateFamolShrinkage(System):
    """FAMOL whose click weight is a = f / (f + k) with k the median frequency of the training questions."""

    dev_choices = ("epochs", "temperature of LLM labels")  # that of `LlmLabels()` was chosen on dev

    def curriculum(self, view: TrainingView) -> Curriculum:
        ordered = sorted(view.frequency.tolist())
        k = ordered[len(ordered) // 2]
        clicks = view.frequency / (view.frequency + k)
        return Curriculum(
            Stage(
                Objective(softmax_loss, view.labels(ClickLabels("pbm")), weight=clicks),
                Objective(softmax_loss, view.labels(LlmLabels()), weight=1 - clicks),
            )
        )
