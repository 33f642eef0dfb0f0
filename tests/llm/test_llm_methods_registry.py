"""What is true of every method that has a name."""

from __future__ import annotations

import pytest

from benchmark.labels.llm.methods.pool import Demonstration
from benchmark.labels.llm.methods.registry import METHODS, method_named

NEEDED = {"pool": tuple(Demonstration(question=f"{n}?", document=str(n), grade=n) for n in range(4))}
"""The settings without a default."""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_asked_for_by_the_names_of_its_prompts(name: str, language: str) -> None:
    settings = NEEDED if name == "graded-demonstrations" else {}
    method = method_named(name, language=language, **settings)
    again = method_named(name, prompt=",".join(reversed([*method.prompts])), **settings)
    assert again.prompts == method.prompts
    assert again.settings == method.settings
