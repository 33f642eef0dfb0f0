"""The prompts that come with the benchmark, by name."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from pydantic import ValidationError

from benchmark.errors import ConfigurationError, DataError, nearest
from benchmark.labels.llm.problems import first_problem
from benchmark.labels.llm.prompts.prompt import Prompt

_PACKAGE = "benchmark.labels.llm.prompts"


def prompt_names(method: str | None = None) -> list[str]:
    """Names of the prompts, sorted; with `method`, of those made for it."""
    names = sorted(
        entry.name.removesuffix(".toml") for entry in files(_PACKAGE).iterdir() if entry.name.endswith(".toml")
    )
    return names if method is None else [name for name in names if load_prompt(name).method == method]


def load_prompt(name: str, method: str | None = None) -> Prompt:
    """The prompt of that name.

    Raises `ConfigurationError` for an unknown name, or one that was made for another method than `method`; `DataError`
    for a damaged file.
    """
    known = prompt_names()
    if name not in known:
        raise ConfigurationError(f"no prompt is named {name!r}; {nearest(name, known)}")
    where = files(_PACKAGE) / f"{name}.toml"
    try:
        prompt = Prompt.model_validate(tomllib.loads(where.read_text(encoding="utf-8")))
    except (ValidationError, ValueError) as error:
        raise DataError(f"{where}: {first_problem(error)}; correct the prompt") from error
    if prompt.name != name:
        raise DataError(f"{where}: holds the prompt {prompt.name}; rename the file or the prompt")
    if method is not None and prompt.method != method:
        usable = ", ".join(prompt_names(method)) or "none"
        raise ConfigurationError(f"prompt {name} is for method {prompt.method}, not {method}; use one of: {usable}")
    return prompt


def newest_prompt(method: str, language: str) -> Prompt:
    """The prompt of the highest version for a method in a language; raises `ConfigurationError` where there is none."""
    prompts = [load_prompt(name) for name in prompt_names(method)]
    spoken = [prompt for prompt in prompts if prompt.language == language]
    if not spoken:
        languages = ", ".join(sorted({prompt.language for prompt in prompts})) or "none"
        raise ConfigurationError(f"method {method} has no prompt in language {language!r}; it has: {languages}")
    return max(spoken, key=lambda prompt: prompt.version)
