from __future__ import annotations

import pytest
from pydantic import ValidationError

from benchmark.errors import ConfigurationError
from benchmark.labels.llm.prompts import Prompt, load_prompt, prompt_names

# Judgments carry the hash of the prompt that made them: a published prompt never changes.
PUBLISHED = {
    "query-likelihood-v1": "24956ebc2d5c052643bc30ea6746a3fe6581b57f6a16eda87cb6df9cf52fbb69",
    "yes-no-v1": "f0a003f797fd2fdece8008cd527a728e225ac1e0d7379020a0b7761596d6ec20",
}


def test_published_prompts_have_not_changed() -> None:
    assert {name: load_prompt(name).sha256 for name in prompt_names()} == PUBLISHED


def test_yes_no_text() -> None:
    prompt = load_prompt("yes-no-v1")
    assert prompt.before == "<|im_start|>user\nPassage: "
    assert prompt.ask("Is it {safe}?") == (
        "\n\nQuestion: Is it {safe}?\n\nDoes the passage answer the question? Answer Yes or No."
        "<|im_end|>\n<|im_start|>assistant\n"
    )
    assert prompt.answers == ("Yes", "No")


def test_query_likelihood_text() -> None:
    prompt = load_prompt("query-likelihood-v1")
    assert (prompt.before, prompt.lead, prompt.ask("Why?")) == ("Passage: ", "\nQuestion:", "\nQuestion: Why?")


@pytest.mark.parametrize(
    "change",
    [
        {"after": " {question}?"},
        {"before": "P: "},
        {"answers": ("No", "Yes")},
        {"max_document_tokens": 95},
        {"language": "de"},
        {"name": "other-v1"},
    ],
)
def test_every_field_is_in_the_hash(change: dict[str, object]) -> None:
    prompt = load_prompt("yes-no-v1")
    assert Prompt.model_validate(prompt.model_dump() | change).sha256 != prompt.sha256


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("yes-no-v1", {"after": "no slot"}, "exactly once"),
        ("yes-no-v1", {"after": "{question}{question}"}, "exactly once"),
        ("yes-no-v1", {"answers": ("Yes", "Yes")}, "two different answers"),
        ("yes-no-v1", {"version": 2}, "does not end with -v2"),
        ("query-likelihood-v1", {"after": "{question}?"}, "to end with"),
        ("query-likelihood-v1", {"answers": ("Yes", "No")}, "no answers"),
        ("query-likelihood-v1", {"surprise": 1}, "Extra inputs"),
    ],
)
def test_what_a_prompt_may_not_be(name: str, change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Prompt.model_validate(load_prompt(name).model_dump() | change)


def test_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ConfigurationError, match=r"^no prompt is named 'yes-no-v2'; did you mean yes-no-v1\?$"):
        load_prompt("yes-no-v2")
