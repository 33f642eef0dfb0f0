"""One line about what is wrong in a file that was read."""

from __future__ import annotations

from pydantic import ValidationError


def first_problem(error: Exception) -> str:
    """The first thing wrong, in one line: the field and the reason for pydantic, the first line of any other error."""
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        reason = problem["msg"].removeprefix("Value error, ").splitlines()[0]
        return f"{where}: {reason}" if where else reason
    return (str(error).splitlines() or [type(error).__name__])[0]
