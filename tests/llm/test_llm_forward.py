"""Packed trees give what one pair at a time gives: models with random weights, nothing is downloaded."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm import judge as judge_module
from benchmark.labels.llm.forward import answer_log_probabilities, suffix_log_likelihoods
from benchmark.labels.llm.judge import Item, LocalJudge
from benchmark.labels.llm.packing import Tree
from benchmark.labels.llm.prompts import Prompt, load_prompt

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

VOCABULARY = 97
SHAPE: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.3,  # far from uniform, so that a wrong mask shows
    "tie_word_embeddings": False,
}
FAMILIES = {
    "llama": ("LlamaConfig", "LlamaForCausalLM"),
    "qwen2": ("Qwen2Config", "Qwen2ForCausalLM"),
}


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def model(request: pytest.FixtureRequest) -> Any:
    config, family = FAMILIES[request.param]
    torch.manual_seed(7)
    return getattr(transformers, family)(getattr(transformers, config)(**SHAPE)).float().eval()


@pytest.fixture(scope="module")
def forest() -> list[Tree]:
    rng = np.random.default_rng(3)

    def some(most: int) -> tuple[int, ...]:
        return tuple(rng.integers(1, VOCABULARY, rng.integers(3, most)).tolist())

    return [Tree(some(12), tuple(some(8) for _ in range(count))) for count in (1, 3, 2, 5)]


def log_probabilities(model: Any, ids: tuple[int, ...]) -> Any:
    """[len(ids), vocabulary]: the plain forward pass of one sequence, as the library does it."""
    with torch.inference_mode():
        return torch.log_softmax(model(input_ids=torch.tensor([ids])).logits[0].float(), -1)


def test_answers_equal_one_pair_at_a_time(model: Any, forest: list[Tree]) -> None:
    alone = [
        log_probabilities(model, tree.prefix + suffix)[-1, [11, 42]].tolist()
        for tree in forest
        for suffix in tree.suffixes
    ]
    np.testing.assert_allclose(answer_log_probabilities(model, forest, [11, 42]), alone, atol=1e-4)


@pytest.mark.parametrize("skip", [1, 2])
def test_likelihoods_equal_one_pair_at_a_time(model: Any, forest: list[Tree], skip: int) -> None:
    alone = []
    for tree in forest:
        for suffix in tree.suffixes:
            log_p = log_probabilities(model, tree.prefix + suffix)
            places = range(len(tree.prefix) + skip, len(tree.prefix) + len(suffix))
            whole = tree.prefix + suffix
            alone.append((sum(float(log_p[at - 1, whole[at]]) for at in places), len(places)))
    np.testing.assert_allclose(suffix_log_likelihoods(model, forest, skip), alone, atol=1e-4)


def test_order_of_suffixes_and_trees_does_not_matter(model: Any, forest: list[Tree]) -> None:
    forward = answer_log_probabilities(model, forest, [1, 2])
    turned = [Tree(tree.prefix, tree.suffixes[::-1]) for tree in forest[::-1]]
    np.testing.assert_allclose(answer_log_probabilities(model, turned, [1, 2])[::-1], forward, atol=1e-4)


def test_a_suffix_of_the_lead_alone_is_refused(model: Any) -> None:
    with pytest.raises(ValueError, match="more than skip"):
        suffix_log_likelihoods(model, [Tree((1,), ((2, 3),))], 2)


def tokenise(texts: list[str], add_special_tokens: bool) -> dict[str, list[list[int]]]:
    """Words with the space before them, and signs, each hashed into the vocabulary."""
    assert add_special_tokens is False
    pieces = [re.findall(r"\s*\w+|\s*[^\w\s]|\s+", text) for text in texts]
    return {"input_ids": [[zlib.crc32(piece.encode()) % VOCABULARY for piece in words] for words in pieces]}


Make = Callable[..., LocalJudge]


@pytest.fixture
def make(model: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Make:
    file = tmp_path / "tiny.gguf"
    file.write_bytes(b"weights")
    monkeypatch.setattr(judge_module, "load_gguf", lambda *_: (model, tokenise))
    monkeypatch.setattr(judge_module, "quantisation", lambda _: "F32")
    return lambda prompt, **more: LocalJudge(file, prompt, dtype="float32", **more)


ITEMS = [
    Item("a long document " * 40, ("Is it?", "Why is that so, then?", "When?")),
    Item("short", ("Why is that so, then?",)),
    Item("of middle length", tuple(f"Question {number}?" for number in range(12))),
]


@pytest.mark.parametrize("name", ["yes-no-v1", "query-likelihood-v1"])
@pytest.mark.parametrize("budget", [60, 4000])
def test_a_judge_answers_in_order_whatever_the_budget(make: Make, name: str, budget: int) -> None:
    judge = make(load_prompt(name), token_budget=budget)
    alone = [judge.judge([Item(item.document, (one,))])[0] for item in ITEMS for one in item.questions]
    np.testing.assert_allclose(judge.judge(ITEMS), alone, atol=1e-4)
    assert judge.judge([]) == []


def test_a_document_is_cut_at_the_prompts_limit(make: Make) -> None:
    judge = make(load_prompt("yes-no-v1"))
    words = "a long document " * 40
    cut = " ".join(words.split()[:96])
    beyond, at = judge.judge([Item(words, ("Is it?",)), Item(cut, ("Is it?",))])
    shorter = judge.judge([Item(" ".join(words.split()[:95]), ("Is it?",))])[0]
    assert beyond == pytest.approx(at, abs=1e-4)
    assert beyond != pytest.approx(shorter, abs=1e-4)


def test_tokens_of_the_question_are_counted(make: Make) -> None:
    assert make(load_prompt("query-likelihood-v1")).judge([Item("text", ("Why so ?",))])[0][1] == 3


def test_provenance_names_the_file_and_the_prompt(make: Make) -> None:
    made = make(load_prompt("yes-no-v1")).provenance
    assert made.model == "tiny"
    assert made.model_file_sha256 == hashlib.sha256(b"weights").hexdigest()
    assert made.prompt_sha256 == load_prompt("yes-no-v1").sha256
    assert made.versions["torch"] == torch.__version__


def test_an_answer_of_two_tokens_is_refused(make: Make) -> None:
    fields = load_prompt("yes-no-v1").model_dump() | {"answers": ("Oh yes", "No")}
    with pytest.raises(ConfigurationError, match="answer 'Oh yes' is 2 tokens"):
        make(Prompt.model_validate(fields))


def test_a_missing_model_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.gguf: no such model file; give the path of a GGUF file$"):
        LocalJudge(tmp_path / "absent.gguf", load_prompt("yes-no-v1"))


def test_a_file_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"not a model")
    with pytest.raises(DataError, match=r"broken\.gguf: cannot be loaded as GGUF .*; fetch the file again$"):
        LocalJudge(tmp_path / "broken.gguf", load_prompt("yes-no-v1"))
