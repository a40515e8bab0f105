"""The heads map: what it proves of a chain's last entry, and of a chain that is not there."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.heads import Absence, Head, HeadsMap, Membership, head_bytes, shows_absence, shows_head
from audit.tree import EMPTY_ROOT, leaf_hash, node_hash
from audit.verifier import verify

NAMES = st.sets(st.text("abcdef0123456789", min_size=1, max_size=4), max_size=40)


def head(placement: str, seq: int = 1) -> Head:
    return Head(placement, seq, f"{seq:064x}")


def heads_of(*placements: str) -> HeadsMap:
    return HeadsMap(head(placement) for placement in placements)


def proof_of(heads: HeadsMap, placement: str) -> Membership:
    proof = heads.membership(placement)
    assert proof is not None
    return proof


@given(NAMES, st.text("abcdef0123456789", min_size=1, max_size=4))
def test_every_placement_is_shown_to_be_there_or_not(names: set[str], asked: str) -> None:
    heads = heads_of(*names)
    proof = heads.membership(asked)
    assert (proof is None) == (asked not in names)
    if proof is None:
        assert shows_absence(heads.absence(asked), heads.root, heads.count)
    else:
        assert shows_head(proof, heads.root, heads.count)
        with pytest.raises(ValueError, match="has a head"):
            heads.absence(asked)


def test_the_map_does_not_depend_on_the_order_in_which_heads_come() -> None:
    assert heads_of("a", "b", "c").root == heads_of("c", "a", "b").root


def test_the_root_is_that_of_the_sorted_list() -> None:
    first, second = (leaf_hash(head_bytes(head(name))) for name in "ab")
    assert heads_of("b", "a").root == node_hash(first, second)
    assert heads_of().root == EMPTY_ROOT


def test_the_leaf_of_a_head_is_canonical() -> None:
    assert head_bytes(Head("a", 3, "ff")) == b'parcours head v1\n["a",3,"ff"]'


@given(st.text(max_size=8), st.integers(0, 2**53), st.text("0123456789abcdef", max_size=64))
def test_the_offline_verifier_hashes_the_same_leaf(placement: str, seq: int, digest: str) -> None:
    assert verify.head_bytes(placement, seq, digest) == head_bytes(Head(placement, seq, digest))


def test_a_placement_has_one_head_only() -> None:
    with pytest.raises(ValueError, match="one head only"):
        HeadsMap([head("a", 1), head("a", 2)])


def test_an_older_head_is_not_shown_by_the_proof_of_the_newer() -> None:
    heads = heads_of("a", "b", "c")
    proof = proof_of(heads, "b")
    for changed in (
        replace(proof, head=Head("b", 0, f"{0:064x}")),
        replace(proof, head=head("a")),
        replace(proof, index=0),
        replace(proof, path=()),
    ):
        assert not shows_head(changed, heads.root, heads.count)
    assert not shows_head(proof, heads_of("a", "b").root, heads.count)
    assert not shows_head(proof, heads.root, 2)


def test_a_placement_that_is_there_cannot_be_shown_absent() -> None:
    heads = heads_of("a", "b", "c")
    a, b, c = (proof_of(heads, name) for name in "abc")
    for left, right in [(a, c), (None, b), (b, None), (None, c), (a, None), (None, None), (a, b), (b, c)]:
        assert not shows_absence(Absence("b", left, right), heads.root, heads.count)


def test_absence_is_shown_for_the_one_asked_about_only() -> None:
    heads = heads_of("b", "d")
    proof = heads.absence("c")
    assert shows_absence(proof, heads.root, heads.count)
    for other in ("a", "b", "d", "e"):
        assert not shows_absence(replace(proof, placement=other), heads.root, heads.count)


def test_a_map_with_entries_does_not_pass_for_an_empty_one() -> None:
    heads = heads_of("b")
    nothing = Absence("a", None, None)
    assert not shows_absence(nothing, heads.root, 1)
    assert not shows_absence(nothing, heads.root, 0)
    assert shows_absence(nothing, heads_of().root, 0)


def test_the_entry_says_root_count_and_what_was_covered() -> None:
    heads = heads_of("a", "b")
    assert heads.fields(7) == {"heads_root": heads.root.hex(), "heads_count": 2, "heads_size": 7}
