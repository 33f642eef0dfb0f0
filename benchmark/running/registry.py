"""The systems that can be run: what entry points name, and folders of submissions."""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path

from benchmark.errors import ConfigurationError, SystemFault, nearest
from benchmark.running.own_files import with_a_dot
from benchmark.running.plug_in import GROUP
from benchmark.training.system import SYSTEMS, System


def load_systems(submissions: tuple[Path, ...] = ()) -> dict[str, type[System]]:
    """Every declared system by name: those of installed packages (the baselines are one) and of submission folders."""
    _load_installed()
    for folder in submissions:
        load_submission(folder)
    return dict(SYSTEMS)


def _load_installed() -> None:
    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except (Exception, SystemExit) as error:  # a broken plug-in must not hide which one it is
            told = " ".join(f"{type(error).__name__}: {error}".split())
            raise SystemFault(f"entry point {entry.name} = {entry.value}: {told}") from error


def load_submission(folder: Path) -> list[type[System]]:
    """Import `system.py` of a submission folder, after what is installed: it is the one that took a taken name.

    Other files of the folder can be imported there (`from .helper import x`). Returns the systems that it declares.
    """
    _load_installed()
    path = folder / "system.py"
    if not path.is_file():
        raise SystemFault(f"{path}: file is missing; a submission declares its systems there")
    name = f"submission_{folder.resolve().name.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(folder.resolve())])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    for loaded in [other for other in sys.modules if other.startswith(f"{name}.")]:
        del sys.modules[loaded]  # its other files, as they were when it was last imported here
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ConfigurationError as error:
        raise SystemFault(f"{path}: {error}") from error
    except (Exception, SystemExit) as error:
        lacks = isinstance(error, ModuleNotFoundError) and with_a_dot(folder, error.name or "")
        told = f"; write: {lacks}" if lacks else ""
        raise SystemFault(f"{path}: {type(error).__name__}: {' '.join(str(error).split())}{told}") from error
    declared = [cls for cls in SYSTEMS.values() if f"{cls.__module__}.".startswith(f"{name}.")]
    if not declared:
        raise SystemFault(f"{path}: declares no system; decorate a subclass of System with @system(name, family=...)")
    for cls in declared:
        if problem := _no_system(cls):
            raise SystemFault(f"{path}: {problem}")
    return declared


def _no_system(cls: type) -> str:
    """Why a class that was declared as a system is none; empty if it is one."""
    if not issubclass(cls, System):
        return f"class {cls.__name__}: is no system; write class {cls.__name__}(System)"
    if not isinstance(cls.cite, str):
        return f"system {cls.name}: cite is {cls.cite!r}; give the key of an entry in a bibliography"
    choices = cls.dev_choices
    if not isinstance(choices, tuple | list) or not all(isinstance(choice, str) for choice in choices):
        return f"system {cls.name}: dev_choices is {choices!r}; give a tuple of texts, as in ('epochs',)"
    return ""


def system_named(name: str, systems: dict[str, type[System]]) -> type[System]:
    """The system of that name; raises `ConfigurationError` with the nearest name when there is none."""
    if name not in systems:
        hint = nearest(name, systems, otherwise="see: click-or-llm systems")
        raise ConfigurationError(f"system {name}: there is no such system; {hint}")
    return systems[name]
