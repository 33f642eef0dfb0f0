"""Annotating with a local model, against the obvious loop, in turn on this machine: `make bench-annotate`.

The obvious loop asks about one pair at a time: the prompt by the model's chat template, `model.generate`, the answer
parsed. Ours reads what prompts share once, many side by side, and takes log-probabilities. Same model, same prompts,
same weights in the same precision, which is that of `annotate` unless told otherwise.

The job is that of `annotate` on the training questions: all their lists, in which a document returns about six times.
How much is shared hangs on that, so ours is timed on a random sample of beginnings (a document, for `yes-no`), each
with all the pairs that begin so; the loop, which shares nothing, on a sample of these pairs. `--lists` makes the job
smaller, and then less is shared. Prints how much that is, pairs per second of both, how often they give the same label,
and the ratio. Where they differ it says how close the two likeliest answers were: labels that a rounding decides are
ties.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.labels.llm.judges.judge import Reply, Request
from benchmark.labels.llm.judges.local import LocalJudge
from benchmark.labels.llm.judges.model_file import load_model
from benchmark.labels.llm.judges.open import _small
from benchmark.labels.llm.judges.processor import processor_of
from benchmark.labels.llm.methods.registry import method_named
from benchmark.labels.llm.runner.ranked_lists import ranked_lists
from benchmark.tasks.registry import DEFAULT_TASK, task_entry

TIE = 0.25
"""Nats between the two likeliest answers that rounding in bfloat16 may turn round: its steps at 16 are 0.125."""


def requests(method: str, lists: int | None) -> list[Request]:
    """Of all training questions, or of the first `lists` of every stratum, whole lists; no request twice."""
    task, _ = task_entry(DEFAULT_TASK).load()
    train = task.questions.where(task.questions.split == "train")
    chosen = train.where(np.lexsort((train.qids, train.draw))[:lists])
    asking = method_named(method)
    return list(
        dict.fromkeys(request for ranked in ranked_lists(task, chosen) for request in next(asking.steps(ranked)))
    )


def beginning(request: Request) -> tuple[str, str]:
    """What a judge on this machine reads once for all requests that have it."""
    return request.system, request.shared


def sampled(job: Sequence[Request], beginnings: int) -> list[Request]:
    """The requests of the job that begin in one of so many ways, drawn at random."""
    known = list(dict.fromkeys(map(beginning, job)))
    drawn = np.random.default_rng(0).permutation(len(known))[:beginnings].tolist()
    chosen = {known[index] for index in drawn}
    return [request for request in job if beginning(request) in chosen]


def obvious(model: Any, tokenizer: Any, asked: list[Request], new_tokens: int) -> list[str]:
    """What the model writes, one prompt after the other."""
    import torch

    texts = []
    for request in asked:
        turns = [{"role": "system", "content": request.system}] if request.system else []
        turns.append({"role": "user", "content": request.shared + request.own})
        prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        with torch.inference_mode():
            out = model.generate(**prompt.to(model.device), max_new_tokens=new_tokens, do_sample=False)
        texts.append(tokenizer.decode(out[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True))
    return texts


def margin(reply: Reply) -> float:
    """Nats between the two likeliest answers."""
    first, second = sorted(reply.log_probabilities or (), reverse=True)[:2]
    return first - second


def main() -> None:
    """Time ours on whole beginnings of the job, then the loop on some of the same requests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="GGUF file or folder. [default: SmolLM2 from its package]")
    parser.add_argument("--method", default="yes-no", help="a method that chooses between answers")
    parser.add_argument("--lists", type=int, help="make the job that of so many lists of 20 documents. [default: all]")
    parser.add_argument("--beginnings", type=int, default=500, help="of the job's prompts, for ours")
    parser.add_argument("--sample", type=int, default=200, help="pairs for the loop")
    parser.add_argument("--new-tokens", type=int, default=2, help="that the obvious loop may write")
    parser.add_argument("--dtype", choices=("bfloat16", "float32"), default="float32")
    arguments = parser.parse_args()
    path = arguments.model or _small()
    job = requests(arguments.method, arguments.lists)
    asked = sampled(job, arguments.beginnings)
    print(f"{path.name}, {arguments.dtype}, {arguments.method}, {processor_of('cpu')}", flush=True)
    loops = min(arguments.sample, len(asked))
    print(f"{len(asked)} of {len(job)} pairs for ours, {loops} of these for the loop", flush=True)

    judge = LocalJudge(path, dtype=arguments.dtype)
    next(iter(judge.answer(asked[:1])))  # both are warm when the clock starts
    started = time.perf_counter()
    replies = dict(judge.answer(asked))
    ours = len(asked) / (time.perf_counter() - started)
    length = np.mean([reply.prompt_tokens for reply in replies.values()])
    begin = len(asked) / len(set(map(beginning, asked)))
    print(f"{length:.0f} tokens a prompt, {begin:.1f} prompts a beginning", flush=True)
    print(f"ours     {ours:8.2f} pairs/s", flush=True)
    del judge

    model, tokenizer = load_model(path, arguments.dtype, "cpu")
    model.set_attn_implementation("sdpa")
    obvious(model, tokenizer, asked[:1], arguments.new_tokens)
    sample = np.sort(np.random.default_rng(0).permutation(len(asked))[: arguments.sample]).tolist()
    started = time.perf_counter()
    texts = obvious(model, tokenizer, [asked[index] for index in sample], arguments.new_tokens)
    loop = len(sample) / (time.perf_counter() - started)
    print(f"obvious  {loop:8.2f} pairs/s", flush=True)

    said = {
        index: answer
        for index, text in zip(sample, texts, strict=True)
        for answer in asked[index].answers
        if text.strip().startswith(answer)
    }
    other = [index for index, answer in said.items() if replies[index].text != answer]
    ties = sum(margin(replies[index]) < TIE for index in other)
    print(f"{len(sample) - len(said)} of {len(sample)} answers of the loop are none of the labels and are left out")
    same = 1 - len(other) / max(len(said), 1)
    print(f"same label {same:.2%} of {len(said)}; {ties} of {len(other)} others are ties")
    print(f"ratio annotate {ours / loop:.2f}")


if __name__ == "__main__":
    main()
