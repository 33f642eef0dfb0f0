"""What methods share that ask with one prompt only."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.labels.llm.prompts import Prompt


@dataclass(frozen=True)
class OnePrompt:
    """A method's name and prompts, as its `prompt` tells them."""

    prompt: Prompt

    @property
    def name(self) -> str:
        """The method that the prompt was made for."""
        return self.prompt.method

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Its one prompt."""
        return (self.prompt,)
