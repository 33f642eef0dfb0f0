from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.labels.llm.packing import Tree, batches, pack, split

tokens = st.lists(st.integers(1, 99), min_size=1, max_size=5).map(tuple)
trees = st.builds(Tree, tokens, st.lists(tokens, min_size=1, max_size=4).map(tuple))


def test_one_tree_by_hand() -> None:
    packed = pack([Tree((5, 6), ((7,), (8, 9))), Tree((3,), ((4,),))])
    assert packed.ids.tolist() == [[5, 6, 7, 8, 9], [3, 4, 0, 0, 0]]
    assert packed.positions.tolist() == [[0, 1, 2, 2, 3], [0, 1, 0, 0, 0]]
    assert packed.attends[0].astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],  # the second suffix sees the prefix and itself, not the first suffix
        [1, 1, 0, 1, 1],
    ]
    assert (packed.rows.tolist(), packed.starts.tolist(), packed.stops.tolist()) == ([0, 0, 1], [2, 3, 1], [3, 5, 2])


@given(st.lists(trees, min_size=1, max_size=4))
def test_a_token_sees_what_it_would_see_alone(forest: list[Tree]) -> None:
    packed = pack(forest)
    alone = [(tree.prefix, suffix) for tree in forest for suffix in tree.suffixes]
    ends = zip(packed.rows, packed.starts, packed.stops, strict=True)
    for (prefix, suffix), (row, start, stop) in zip(alone, ends, strict=True):
        assert tuple(packed.ids[row, start:stop]) == suffix
        for offset in range(len(suffix)):
            seen = packed.attends[row, start + offset]
            assert tuple(packed.ids[row, seen]) == prefix + suffix[: offset + 1]
            assert packed.positions[row, seen].tolist() == list(range(len(prefix) + offset + 1))
    assert packed.attends.any(axis=2).all()  # a softmax over nothing is NaN
    assert not np.triu(packed.attends, 1).any()


@pytest.mark.parametrize("tree", [Tree((), ((1,),)), Tree((1,), ((),))])
def test_empty_parts_are_refused(tree: Tree) -> None:
    with pytest.raises(ValueError, match="at least one token"):
        pack([tree])


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(1, 120))
def test_batches_hold_each_tree_once_within_the_budget(lengths: list[int], budget: int) -> None:
    made = list(batches(lengths, budget))
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget
    order = [lengths[index] for batch in made for index in batch]
    assert order == sorted(order)


@given(trees, st.integers(1, 30))
def test_splitting_keeps_the_suffixes_in_order(tree: Tree, budget: int) -> None:
    pieces = list(split(tree, budget))
    assert tuple(suffix for piece in pieces for suffix in piece.suffixes) == tree.suffixes
    assert all(piece.prefix == tree.prefix for piece in pieces)
    assert all(len(piece) <= budget or len(piece.suffixes) == 1 for piece in pieces)
