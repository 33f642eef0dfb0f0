"""What a submission folder declares about itself."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.errors import nearest
from benchmark.names import NAME

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Text = Annotated[str, Field(min_length=1)]
Supervision = Literal["clicks", "llm", "none"]
_WANTED = {
    "name": "the folder's name, of small letters, digits and hyphens",
    "contact": "an e-mail address",
    "authors": "a list of names",
    "supervision": f"a list of {', '.join(get_args(Supervision))}",
}
"""What a field holds that is no plain text."""


class Submission(BaseModel):
    """The fields of `submission.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=NAME)]
    authors: Annotated[list[Text], Field(min_length=1)]
    contact: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    description: Text
    supervision: Annotated[list[Supervision], Field(min_length=1)]
    licence: Text
    reference: str


def read_submission(folder: Path) -> Submission | list[str]:
    """The declaration of a submission, or what is wrong with it, one line for each field."""
    path = folder / "submission.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        submission = Submission.model_validate(told)
    except OSError as error:
        return [f"{path}: cannot be read ({error.strerror}); copy it from submissions/template"]
    except ValidationError as error:
        return list(dict.fromkeys(f"{path}: {_said(problem)}" for problem in error.errors()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [f"{path}: is not TOML: {error}"]
    if submission.name != folder.resolve().name:
        return [f"{path}: name is {submission.name!r}, but the folder is {folder.resolve().name!r}"]
    return submission


def _said(problem: ErrorDetails) -> str:
    """A problem of one field in words."""
    field, given = str(problem["loc"][0]), problem["input"]
    wanted = _WANTED.get(field, "text")
    if problem["type"] == "missing":
        return f"field {field} is missing: {wanted}"
    if problem["type"] == "extra_forbidden":
        return f"field {field} is unknown; {nearest(field, Submission.model_fields)}"
    return f"{field} is empty; give {wanted}" if _is_empty(given) else f"{field} is {given!r}; give {wanted}"


def _is_empty(given: Any) -> bool:
    return given in ("", [])
