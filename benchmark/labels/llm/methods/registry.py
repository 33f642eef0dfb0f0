"""Annotation methods by name; a method's module is imported when it is first asked for."""

from __future__ import annotations

import inspect
from importlib import import_module
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from benchmark.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from benchmark.labels.llm.methods.method import Method

_FOLDER = "benchmark.labels.llm.methods"

METHODS = {
    "yes-no": f"{_FOLDER}.yes_no:yes_no",
    "query-likelihood": f"{_FOLDER}.likelihood:query_likelihood",
    "graded-3": f"{_FOLDER}.graded:graded_3",
    "graded-4": f"{_FOLDER}.graded:graded_4",
    "graded-demonstrations": f"{_FOLDER}.demonstrations:graded_demonstrations",
    "document-quality": f"{_FOLDER}.quality:document_quality",
    "listwise-graded-3": f"{_FOLDER}.listwise_graded:listwise_graded_3",
    "listwise-selection": f"{_FOLDER}.listwise_selection:listwise_selection",
    "direct-ranking": f"{_FOLDER}.ranking:direct_ranking",
    "pairwise": f"{_FOLDER}.pairwise:pairwise",
    "utility": f"{_FOLDER}.utility:utility",
    "utility-ranking": f"{_FOLDER}.utility:utility_ranking",
}
"""`module:factory` of each. A factory takes keyword arguments only: `language` or `seed` where the method depends on
it, and the method's settings, all but the indispensable ones with a default; it returns a `Method`. What one of these
can be is told by a text in its annotation (`Annotated`). `prompt` is a setting of all: the name of the prompt or, with
commas between, of several; the method then asks by just these."""


def method_named(name: str, *, language: str = "en", seed: int = 0, **settings: Any) -> Method:
    """The method `name`; `seed` and `language` are handed to those that depend on them.

    Raises `ConfigurationError`, one line, for an unknown name, for a setting that the method does not have, that is of
    another type, or that it needs and was not given, and for a language that it has no prompt in.
    """
    factory = _factory(name)
    parameters = inspect.signature(factory).parameters
    known = settings_of(name)
    for key in settings:
        if key not in known:
            raise ConfigurationError(f"method {name} has no setting {key!r}; {nearest(key, known)}")
        if wanted := _wanted(get_type_hints(factory)[key], settings[key]):
            raise ConfigurationError(f"method {name}: setting {key} is {settings[key]!r}; give {wanted}")
    for key in known:
        if parameters[key].default is inspect.Parameter.empty and key not in settings:
            told = getattr(get_type_hints(factory, include_extras=True)[key], "__metadata__", ("a value",))[0]
            raise ConfigurationError(f"method {name} needs the setting {key!r}; give it {told}")
    common = {key: value for key, value in (("language", language), ("seed", seed)) if key in parameters}
    method: Method = factory(**common, **settings)
    return method


def settings_of(name: str) -> list[str]:
    """Names of the settings that a method can be given; `ConfigurationError` for an unknown method."""
    return [key for key in inspect.signature(_factory(name)).parameters if key not in ("language", "seed")]


def _wanted(kind: Any, value: Any) -> str:
    """What a setting of this type needs to be, or nothing; texts are for the method to check."""
    if kind is bool and not isinstance(value, bool):
        return "true or false"
    if (kind is str or set(get_args(kind)) == {str, NoneType}) and not isinstance(value, str):
        return "a text"
    if kind is int and (isinstance(value, bool) or not isinstance(value, int)):
        return "a whole number"
    return ""


def _factory(name: str) -> Any:
    if name not in METHODS:
        raise ConfigurationError(f"method {name!r} is unknown; {nearest(name, METHODS)}")
    module, function = METHODS[name].split(":")
    return getattr(import_module(module), function)
