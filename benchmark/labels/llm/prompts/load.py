"""The prompts that come with the benchmark, by name."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files

from pydantic import ValidationError

from benchmark.errors import ConfigurationError, DataError, nearest
from benchmark.labels.llm.problems import first_problem
from benchmark.labels.llm.prompts.prompt import Prompt

_PACKAGE = "benchmark.labels.llm.prompts"


def prompt_names(*methods: str) -> list[str]:
    """Names of the prompts, sorted; with `methods`, of those made for one of them."""
    names = sorted(
        entry.name.removesuffix(".toml") for entry in files(_PACKAGE).iterdir() if entry.name.endswith(".toml")
    )
    return [name for name in names if load_prompt(name).method in methods] if methods else names


def load_prompt(name: str, *methods: str) -> Prompt:
    """The prompt of that name.

    Raises `ConfigurationError` for an unknown name, or one that was made for none of the `methods`, if there are any;
    `DataError` for a damaged file.
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
    if methods and prompt.method not in methods:
        wanted, usable = " or ".join(methods), ", ".join(prompt_names(*methods)) or "none"
        raise ConfigurationError(f"prompt {name} is for method {prompt.method}, not {wanted}; use one of: {usable}")
    return prompt


def newest_prompt(method: str, language: str) -> Prompt:
    """The prompt of the highest version for a method in a language; raises `ConfigurationError` where there is none."""
    prompts = [load_prompt(name) for name in prompt_names(method)]
    spoken = [prompt for prompt in prompts if prompt.language == language]
    if not spoken:
        languages = ", ".join(sorted({prompt.language for prompt in prompts})) or "none"
        raise ConfigurationError(f"method {method} has no prompt in language {language!r}; it has: {languages}")
    return max(spoken, key=lambda prompt: prompt.version)


def prompt_for(method: str, language: str, name: str | None) -> Prompt:
    """The prompt called `name`, which must be one of the method's; without a name the newest in the language."""
    return newest_prompt(method, language) if name is None else load_prompt(name, method)


def prompts_for(methods: Sequence[str], language: str, names: str | None) -> list[Prompt]:
    """A prompt for each method: the one among `names`, which commas separate, or else the newest in the language.

    Raises `ConfigurationError` for a name that is none of a prompt of these methods, and for two of the same method.
    """
    named: dict[str, Prompt] = {}
    for name in names.split(",") if names is not None else ():
        prompt = load_prompt(name.strip(), *methods)
        if (other := named.setdefault(prompt.method, prompt)) is not prompt:
            raise ConfigurationError(f"prompts {other.name} and {prompt.name} are both for {prompt.method}; name one")
    return [named.get(method) or newest_prompt(method, language) for method in methods]
