"""The baselines, one system per file; each uses only the public names of `benchmark`, as a submission does."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
