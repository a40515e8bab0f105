"""The Merkle tree: published vectors, a naive recursive definition, and an implementation by others."""

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tree import (
    EMPTY_ROOT,
    MemoryTiles,
    append,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    tile_path,
    tile_width,
)
from audit.verifier import verify
from workflow.errors import IntegrityBroken

# The leaves, roots and proofs of the reference implementation of Certificate Transparency.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


class CountingTiles(MemoryTiles):
    """Tiles that count how often they are read and written."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.writes = 0

    def get(self, level: int, index: int) -> bytes:
        self.reads += 1
        return super().get(level, index)

    def put(self, level: int, index: int, tile: bytes) -> None:
        self.writes += 1
        super().put(level, index, tile)


def leaf(number: int) -> bytes:
    return leaf_hash(str(number).encode())


def grown(size: int, step: int = 97) -> CountingTiles:
    tiles = CountingTiles()
    for start in range(0, size, step):
        append(tiles, start, [leaf(number) for number in range(start, min(size, start + step))])
    return tiles


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = largest_power_below(len(hashes))
    return node_hash(naive_root(hashes[:k]), naive_root(hashes[k:]))


def naive_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 9162, section 2.1.3.1."""
    if len(hashes) == 1:
        return []
    k = largest_power_below(len(hashes))
    if index < k:
        return [*naive_path(index, hashes[:k]), naive_root(hashes[k:])]
    return [*naive_path(index - k, hashes[k:]), naive_root(hashes[:k])]


def naive_subproof(old: int, hashes: list[bytes], whole: bool) -> list[bytes]:
    """RFC 9162, section 2.1.4.1."""
    if old == len(hashes):
        return [] if whole else [naive_root(hashes)]
    k = largest_power_below(len(hashes))
    if old <= k:
        return [*naive_subproof(old, hashes[:k], whole), naive_root(hashes[k:])]
    return [*naive_subproof(old - k, hashes[k:], False), naive_root(hashes[:k])]


def largest_power_below(count: int) -> int:
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def reference() -> MemoryTiles:
    tiles = MemoryTiles()
    append(tiles, 0, [leaf_hash(data) for data in LEAVES])
    return tiles


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root(MemoryTiles(), 0) == EMPTY_ROOT == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root(reference(), size).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_proofs_are_those_of_certificate_transparency(index: int, size: int, path: list[str]) -> None:
    proof = inclusion_proof(reference(), index, size)
    assert [item.hex() for item in proof] == path
    assert includes(leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "size", "path"), CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(old: int, size: int, path: list[str]) -> None:
    proof = consistency_proof(reference(), old, size)
    assert [item.hex() for item in proof] == path
    assert extends(old, bytes.fromhex(ROOTS[old - 1]), size, bytes.fromhex(ROOTS[size - 1]), proof)


@given(st.integers(1, 700), st.integers(1, 300), st.data())
def test_proofs_are_those_of_the_recursive_definition(size: int, step: int, data: st.DataObject) -> None:
    tiles, hashes = grown(size, step), [leaf(number) for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    whole, begun = naive_root(hashes), naive_root(hashes[:old])
    path, steps = inclusion_proof(tiles, index, size), consistency_proof(tiles, old, size)
    assert root(tiles, size) == whole
    assert root(tiles, old) == begun
    assert path == naive_path(index, hashes)
    assert steps == naive_subproof(old, hashes, True)
    for check in (includes, verify.includes):
        assert check(hashes[index], index, size, path, whole)
    for check_extension in (extends, verify.extends):
        assert check_extension(old, begun, size, whole, steps)


@given(st.integers(1, 300), st.data())
def test_roots_and_proofs_are_those_of_pymerkle(size: int, data: st.DataObject) -> None:
    tiles, other = grown(size), pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(str(number).encode())
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert root(tiles, size) == other.get_root()
    assert root(tiles, old) == other.get_root(old)
    theirs = other.prove_inclusion(index + 1).serialize()["path"]
    assert [bytes.fromhex(item) for item in theirs[1:]] == inclusion_proof(tiles, index, size)


@given(st.integers(2, 300), st.data())
def test_a_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    tiles = grown(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    whole, begun = root(tiles, size), root(tiles, old)
    path, steps = inclusion_proof(tiles, index, size), consistency_proof(tiles, old, size)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    for check in (includes, verify.includes):
        assert not check(leaf(other), index, size, path, whole)
        assert not check(leaf(index), other, size, path, whole)
        assert not check(leaf(index), index, size, path[:-1], whole)
        assert not check(leaf(index), index, size, [*path, whole], whole)
        assert not check(leaf(index), size, size, path, whole)
    changed = leaf(size)
    for check_extension in (extends, verify.extends):
        assert not check_extension(old, changed, size, whole, steps)
        assert not check_extension(old, begun, size, changed, steps)
        assert not check_extension(old, begun, size, whole, steps[:-1])
        assert not check_extension(old, begun, size, whole, [*steps, changed])
        assert not check_extension(size, whole, old, begun, steps)


def test_every_tree_extends_the_empty_one_and_itself() -> None:
    whole = root(reference(), 8)
    assert consistency_proof(reference(), 0, 8) == consistency_proof(reference(), 8, 8) == []
    for check in (extends, verify.extends):
        assert check(0, EMPTY_ROOT, 8, whole, [])
        assert check(8, whole, 8, whole, [])
        assert not check(0, whole, 8, whole, [])
        assert not check(8, EMPTY_ROOT, 8, whole, [])


def test_appending_touches_the_right_edge_only() -> None:
    tiles = grown(256 * 256 + 10, step=5000)
    tiles.reads = tiles.writes = 0
    append(tiles, 256 * 256 + 10, [leaf(0)])
    assert (tiles.reads, tiles.writes) == (1, 1)
    append(tiles, 256 * 256 + 11, [leaf(number) for number in range(245)])
    assert tiles.writes == 3


def test_a_proof_reads_few_tiles() -> None:
    size = 256 * 256 + 300
    tiles = grown(size, step=5000)
    tiles.reads = 0
    proof = inclusion_proof(tiles, 33_333, size)
    assert tiles.reads <= 6
    assert includes(leaf(33_333), 33_333, size, proof, root(tiles, size))


def test_an_append_that_was_cut_short_is_done_again() -> None:
    tiles = grown(1000)
    append(tiles, 1000, [b"x" * 32] * 600)
    append(tiles, 1000, [leaf(number) for number in range(1000, 1010)])
    assert root(tiles, 1010) == naive_root([leaf(number) for number in range(1010)])


def test_a_missing_tile_is_said_by_its_name() -> None:
    with pytest.raises(IntegrityBroken, match=r"tile/0/000\.p/32 "):
        root(MemoryTiles(), 44)
    with pytest.raises(IntegrityBroken, match="holds only 8 hashes"):
        append(reference(), 9, [leaf(9)])


def test_leaves_that_are_not_there_have_no_proof() -> None:
    with pytest.raises(ValueError, match="no leaf 8"):
        inclusion_proof(reference(), 8, 8)
    with pytest.raises(ValueError, match="does not extend"):
        consistency_proof(reference(), 9, 8)


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (1, 1000, 7, "tile/1/x001/000.p/7"),
        (2, 3, 1, "tile/2/003.p/1"),
    ],
)
def test_tiles_are_named_as_in_tlog_tiles(level: int, index: int, width: int, path: str) -> None:
    assert tile_path(level, index, width) == path


def test_the_width_of_a_tile_follows_from_the_size() -> None:
    # The example of tlog-tiles: a tree of 70,000 entries.
    assert [tile_width(0, 272, 70_000), tile_width(0, 273, 70_000), tile_width(0, 274, 70_000)] == [
        256,
        112,
        0,
    ]
    assert [tile_width(1, 0, 70_000), tile_width(1, 1, 70_000)] == [256, 17]
    assert tile_width(2, 0, 70_000) == 1
    with pytest.raises(ValueError, match="1 to 256"):
        tile_path(0, 0, 0)
