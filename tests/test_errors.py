"""What a message says about a name that is not known."""

from __future__ import annotations

import pytest

from benchmark.errors import nearest

KNOWN = {"random": 1, "tail-first": 2}


@pytest.mark.parametrize(
    ("name", "otherwise", "said"),
    [
        ("tailfirst", "", "did you mean tail-first?"),
        ("tailfirst", "see the list", "did you mean tail-first?"),
        ("xyz", "", "known: random, tail-first"),
        ("xyz", "see the list", "see the list"),
    ],
)
def test_nearest_name_or_what_there_is(name: str, otherwise: str, said: str) -> None:
    assert nearest(name, KNOWN, otherwise) == said
    assert nearest(name, iter(KNOWN), otherwise) == said


def test_says_that_nothing_is_known() -> None:
    assert nearest("xyz", []) == "known: none"
