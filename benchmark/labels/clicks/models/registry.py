"""Click models by name; a model's module is imported when it is first asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from benchmark.errors import ConfigurationError
from benchmark.labels.clicks.models.fitting.priors import ESTIMATED, Prior
from benchmark.labels.clicks.models.model import ClickModel
from benchmark.labels.clicks.pages import PageSource

_FOLDER = "benchmark.labels.clicks.models"

FITS = {
    "pbm": f"{_FOLDER}.pbm:fit_pbm",
    "ubm": f"{_FOLDER}.ubm:fit_ubm",
    "cascade": f"{_FOLDER}.cascade:fit_cascade",
    "dcm": f"{_FOLDER}.dcm:fit_dcm",
    "ccm": f"{_FOLDER}.ccm:fit_ccm",
    "dbn": f"{_FOLDER}.dbn:fit_dbn",
    "sdbn": f"{_FOLDER}.sdbn:fit_sdbn",
    "trust": f"{_FOLDER}.trust:fit_trust",
    "pair-rate": f"{_FOLDER}.rates:fit_pair_rate",
}
"""`module:function` of each; the function takes a log and `prior`, and returns a `ClickModel`."""


@lru_cache(maxsize=16)
def fitted(name: str, log: PageSource, prior: Prior = ESTIMATED) -> ClickModel:
    """The click model `name` of a log: fitted once in a process, for logs that are hashed by identity.

    Raises `ConfigurationError` when no model has that name.
    """
    if name not in FITS:
        raise ConfigurationError(f"click model {name!r} is unknown; use one of {', '.join(FITS)}")
    module, function = FITS[name].split(":")
    model: ClickModel = getattr(import_module(module), function)(log, prior=prior)
    return model
