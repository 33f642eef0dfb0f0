"""The content address of a request to a model."""

from __future__ import annotations

import hashlib
import json

from benchmark.labels.llm.judges.judge import Request


def address(model: str, request: Request) -> str:
    """SHA-256 of a model's identity (see `Model.identity`) and of everything that a request says, as canonical JSON.

    Two requests share an address only if a judge would be given the same: prompt, texts, answers and limits.
    """
    told = {"model": model} | vars(request)
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
