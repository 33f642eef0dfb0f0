"""LLM labels alone: how good a document is in itself, whatever the question."""

from __future__ import annotations

from benchmark import Curriculum, LlmLabels, Objective, Stage, System, TrainingView, softmax_loss, system


@system("llm-document-quality", family="llm", cite="kong2024large")
class LlmDocumentQuality(System):
    """Grades of the documents of 300 lists without their questions, by SmolLM2-135M-Instruct."""

    dev_choices = ("epochs", "temperature of LLM labels")

    temperature: float = 0.01

    def curriculum(self, view: TrainingView) -> Curriculum:
        """One stage, one objective on the lists whose documents were graded."""
        labels = view.labels(LlmLabels("smollm2-135m-document-quality", self.temperature))
        return Curriculum(Stage(Objective(softmax_loss, labels)))
