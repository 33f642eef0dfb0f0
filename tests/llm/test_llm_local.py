"""A model on this machine: its answers are those of plain forward passes, and do not depend on what else is asked."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from serving.tiny_model import write_tiny_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from benchmark.errors import ConfigurationError, DataError
from benchmark.labels.llm.judges.engine import Engine
from benchmark.labels.llm.judges.forward import Network
from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.local import LocalJudge
from benchmark.labels.llm.judges.model_file import check_libraries, model_sha256

DOCUMENTS = [f"Passage {number}: {'cover and claim ' * (number % 7)}end." for number in range(6)]
QUESTIONS = ["what is a deductible", "who pays", "is it", "when does a policy end and why"]


def choose(document: str, question: str, answers: tuple[str, ...] = ("Y", "N", "?")) -> Request:
    return Request("choose", f"{document}\n", f"{question}?", answers, system="Judge.")


def score(document: str, question: str) -> Request:
    return Request("score", document, f"\nQ: {question}", lead=len("\nQ:"), chat=False)


def write(document: str, question: str, most: int = 12) -> Request:
    return Request("write", f"{document}\n", question, max_tokens=most)


EVERYTHING = [
    make(document, question) for make in (choose, score, write) for document in DOCUMENTS for question in QUESTIONS
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def judge(request: pytest.FixtureRequest, folder: Path) -> LocalJudge:
    return LocalJudge(folder, dtype=request.param, token_budget=256)


@pytest.fixture(scope="module")
def exact(folder: Path) -> LocalJudge:
    return LocalJudge(folder, dtype="float32", token_budget=256)


def answers(judge: LocalJudge, requests: list[Request]) -> list[Reply]:
    found = dict(judge.answer(requests))
    assert sorted(found) == list(range(len(requests)))
    return [found[index] for index in range(len(requests))]


class Plain:
    """The model as its library reads it: one text at a time, in float32."""

    def __init__(self, folder: Path) -> None:
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)

    def ids(self, request: Request) -> list[int]:
        text = request.shared + request.own
        if not request.chat:
            return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        turns = [{"role": "system", "content": request.system}] if request.system else []
        turns.append({"role": "user", "content": text})
        rendered = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return list(self.tokenizer(rendered, add_special_tokens=False)["input_ids"])

    def log_p(self, ids: list[int]) -> torch.Tensor:
        with torch.inference_mode():
            return torch.log_softmax(self.model(torch.tensor([ids])).logits[0], dim=-1)


@pytest.fixture(scope="module")
def plain(folder: Path) -> Plain:
    return Plain(folder)


def test_a_choice_has_the_probabilities_of_a_plain_forward_pass(exact: LocalJudge, plain: Plain) -> None:
    requests = [choose(document, question) for document in DOCUMENTS for question in QUESTIONS]
    tokens = [plain.tokenizer(answer, add_special_tokens=False)["input_ids"][0] for answer in requests[0].answers]
    for request, reply in zip(requests, answers(exact, requests), strict=True):
        ids = plain.ids(request)
        expected = plain.log_p(ids)[-1, tokens]
        np.testing.assert_allclose(reply.log_probabilities, expected, atol=1e-5)
        assert reply.text == request.answers[int(expected.argmax())]
        assert reply.prompt_tokens == len(ids)


def test_a_score_is_the_sum_over_the_tokens_after_the_lead(exact: LocalJudge, plain: Plain) -> None:
    requests = [score(document, question) for document in DOCUMENTS for question in QUESTIONS]
    for request, reply in zip(requests, answers(exact, requests), strict=True):
        ids = plain.ids(request)
        counted = len(request.own) - request.lead  # a token for each byte
        each = plain.log_p(ids)[range(len(ids) - counted - 1, len(ids) - 1), ids[-counted:]]
        assert reply.log_probabilities == pytest.approx((float(each.sum()), counted), abs=1e-4)


def test_what_is_written_is_what_the_library_generates(exact: LocalJudge, plain: Plain) -> None:
    requests = [write(document, question) for document in DOCUMENTS[:3] for question in QUESTIONS]
    for request, reply in zip(requests, answers(exact, requests), strict=True):
        ids = torch.tensor([plain.ids(request)])
        out = plain.model.generate(ids, max_new_tokens=12, do_sample=False, pad_token_id=1)[0, ids.shape[1] :].tolist()
        ended = out[-1] == plain.tokenizer.eos_token_id
        assert reply.text == plain.tokenizer.decode(out, skip_special_tokens=True)
        assert reply.status == ("ok" if ended else "truncated")
        assert reply.completion_tokens == len(out)


def test_an_answer_does_not_depend_on_what_else_is_asked(judge: LocalJudge) -> None:
    """Bit for bit, in bfloat16 too: alone, in another order, in other company."""
    together = answers(judge, EVERYTHING)
    order = np.random.default_rng(0).permutation(len(EVERYTHING))[::2]
    some = answers(judge, [EVERYTHING[index] for index in order])
    for index, reply in zip(order, some, strict=True):
        assert (reply.text, reply.log_probabilities) == (together[index].text, together[index].log_probabilities)
    for index in order[:8]:
        alone = answers(judge, [EVERYTHING[index]])[0]
        assert (alone.text, alone.log_probabilities) == (together[index].text, together[index].log_probabilities)


def test_a_model_that_cannot_be_read_side_by_side_gives_the_same_answers(folder: Path, exact: LocalJudge) -> None:
    apart = LocalJudge(folder, dtype="float32", token_budget=256)
    assert apart._engine.side_by_side
    apart._engine.side_by_side = False
    apart._engine.model.set_attn_implementation("sdpa")
    for one, other in zip(answers(exact, EVERYTHING[::5]), answers(apart, EVERYTHING[::5]), strict=True):
        assert (one.status, one.text) == (other.status, other.text)
        np.testing.assert_allclose(one.log_probabilities or (), other.log_probabilities or (), atol=1e-4)


def test_a_system_turn_is_read_only_where_there_is_one(exact: LocalJudge) -> None:
    said = Request("choose", "a\n", "b?", ("Y", "N"), system="Judge strictly.")
    unsaid = Request("choose", "a\n", "b?", ("Y", "N"))
    first, second = answers(exact, [said, unsaid])
    assert first.prompt_tokens > second.prompt_tokens
    assert first.log_probabilities != second.log_probabilities


def test_a_document_is_cut_at_the_models_tokens(exact: LocalJudge) -> None:
    cut = Request("score", "P: abcdefgh", "\nQ: who", lead=3, chat=False, cut=(3, 4))
    short = Request("score", "P: abcd", "\nQ: who", lead=3, chat=False)
    first, second = answers(exact, [cut, short])
    assert first.log_probabilities == second.log_probabilities


def test_a_score_whose_start_is_within_a_token_fails_alone(folder: Path) -> None:
    judge = LocalJudge(folder, token_budget=256)
    judge._tokeniser.tokenizer.add_tokens(["Q:w"])
    asked = [Request("score", "P", f"\nQ:{question}", lead=3, chat=False) for question in ("who", "is it")]
    across, fine = answers(judge, asked)
    assert (across.status, "tokens run across the start" in across.detail) == ("failed", True)
    assert (fine.status, fine.log_probabilities[1]) == ("ok", len("is it"))


def test_nothing_asked_is_nothing_answered(exact: LocalJudge) -> None:
    assert answers(exact, []) == []
    assert exact.tokens([]) == []
    assert exact.tokens(["abc", ""]) == [3, 0]


def test_an_answer_of_several_tokens_is_refused_before_anything_is_read(exact: LocalJudge) -> None:
    with pytest.raises(ConfigurationError, match="answer 'Yes' is 3 tokens of model; use answers of one token each"):
        next(iter_answers(exact, [choose("a", "b", ("Yes", "N"))]))


def iter_answers(judge: LocalJudge, requests: list[Request]) -> Iterator[tuple[int, Reply]]:
    return iter(judge.answer(requests))


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request("score", "", "a", chat=False), "there is nothing to score, or nothing before it"),
        (Request("write", "a" * 3000, "b", max_tokens=5), "tokens are more than the 2048 that the model reads"),
    ],
)
def test_what_cannot_be_answered_fails_alone(exact: LocalJudge, request_: Request, why: str) -> None:
    bad, good = answers(exact, [request_, choose("a", "b")])
    assert bad.status == "failed"
    assert why in bad.detail
    assert good.status == "ok"


@pytest.mark.parametrize("make", [choose, score, write])
def test_seconds_are_of_reading_and_writing_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[str, str], Request]
) -> None:
    """Neither of making the model ready, which happens once, nor of what is done with a reply."""
    clock = [0.0]

    class Slow(Engine):
        def __init__(self, *arguments: Any) -> None:
            clock[0] += 60
            super().__init__(*arguments)

    monkeypatch.setattr("benchmark.labels.llm.judges.local.Engine", Slow)
    judge = LocalJudge(folder, token_budget=256)
    monkeypatch.setattr("benchmark.labels.llm.judges.local.time.perf_counter", lambda: clock[0])
    for _, reply in judge.answer([make(document, "who") for document in DOCUMENTS]):
        clock[0] += 1
        assert reply.seconds == 0
    assert clock[0] == 60 + len(DOCUMENTS)


def test_texts_written_side_by_side_share_the_time_of_each_pass(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass takes a second: two of three texts end after the first of them, the third has all others for itself."""
    judge = LocalJudge(folder, token_budget=256)
    next(judge.answer([write("warm", "up")]))
    clock, last_states = [0.0], Network.last_states

    def passing(network: Network, ids: list[int], positions: list[int], length: int) -> torch.Tensor:
        clock[0] += 1
        return last_states(network, ids, positions, length)

    monkeypatch.setattr(Network, "last_states", passing)
    monkeypatch.setattr("benchmark.labels.llm.judges.writing.time.perf_counter", lambda: clock[0])
    replies = answers(judge, [write("a", "b", 1), write("a", "c", 1), write("a", "d", 6)])
    tokens = replies[2].completion_tokens
    assert tokens > 1
    assert [reply.seconds for reply in replies] == pytest.approx([1 / 3, 1 / 3, 1 / 3 + tokens - 1])


def test_no_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such model file; give a GGUF file, or a folder"):
        LocalJudge(tmp_path / "none.gguf")
    (tmp_path / "bad.gguf").write_bytes(b"GGUF but not really")
    with pytest.raises(DataError, match=r"bad\.gguf: is not a GGUF file") as caught:
        LocalJudge(tmp_path / "bad.gguf")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("library", ["gguf", "torch", "transformers"])
def test_a_library_that_is_missing_is_one_line(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigurationError, match=f"a local judge needs {library}; run: python -m pip install torch"):
        check_libraries("cpu")


def test_what_cannot_be_used_is_one_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"device gpu: torch cannot use it \(.*\); try cpu"):
        LocalJudge(folder, device="gpu")
    torn = shutil.copytree(folder, tmp_path / "torn")
    weights = torn / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(DataError, match=r"torn: cannot be loaded as a folder of transformers \(.*\); fetch it again"):
        LocalJudge(torn).tokens(["a"])


def test_weights_of_either_kind_make_another_model(folder: Path, tmp_path: Path) -> None:
    for kind in ("model.safetensors", "pytorch_model.bin"):
        one, other = (shutil.copytree(folder, tmp_path / kind / name) for name in ("one", "other"))
        (other / kind).write_bytes(b"other")
        assert model_sha256(one) != model_sha256(other)


def test_the_model_is_told_by_its_files(folder: Path, exact: LocalJudge) -> None:
    again = LocalJudge(folder, dtype="float32")
    assert again.model == exact.model
    assert exact.model.dtype == "float32"
    (folder / "config.json").write_text((folder / "config.json").read_text() + "\n")
    assert LocalJudge(folder, dtype="float32").model.identity != exact.model.identity
