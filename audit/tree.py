"""The Merkle tree of the log (RFC 9162, section 2.1), kept as tiles of 256 hashes (C2SP tlog-tiles).

Pure functions over a reader of tiles: it refuses to know where tiles are kept, what a leaf says, who signs a
root. Appending touches the right edge only; the tiles that a proof reads are as few as the tree is high.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from struct import Struct
from typing import Protocol

from workflow.errors import IntegrityBroken

HASH_BYTES = 32
TILE_WIDTH = 256
TILE_BYTES = TILE_WIDTH * HASH_BYTES
_TILE_HEIGHT = 8
_LEAF, _NODE = sha256(b"\x00"), sha256(b"\x01")
_PAIRS = Struct(f"{2 * HASH_BYTES}s")

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


class TileReader(Protocol):
    """Where tiles are read."""

    def get(self, level: int, index: int) -> bytes:
        """The widest version of a tile that is known; empty where there is none."""
        ...


class Tiles(TileReader, Protocol):
    """Where tiles are kept. A tile only ever grows: a narrower version is a prefix of the wider one."""

    def put(self, level: int, index: int, tile: bytes) -> None:
        """Keep a tile in place of its narrower version."""
        ...


class MemoryTiles:
    """Tiles in a dictionary, for trees that are made anew each time."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], bytes] = {}

    def get(self, level: int, index: int) -> bytes:
        """The tile, empty where there is none."""
        return self._tiles.get((level, index), b"")

    def put(self, level: int, index: int, tile: bytes) -> None:
        """Keep a tile."""
        self._tiles[level, index] = tile


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    # Going on from what was begun is faster than putting the bytes together.
    begun = _LEAF.copy()
    begun.update(data)
    return begun.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return _pair_hash(left + right)


def _pair_hash(pair: bytes) -> bytes:
    begun = _NODE.copy()
    begun.update(pair)
    return begun.digest()


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The name of a tile in tlog-tiles: `tile/0/x001/x234/067`, a partial one with `.p/` and its width."""
    if not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"a tile holds 1 to {TILE_WIDTH} hashes, not {width}")
    thousands, last = divmod(index, 1000)
    name = f"{last:03}"
    while thousands:
        thousands, digits = divmod(thousands, 1000)
        name = f"x{digits:03}/{name}"
    return f"tile/{level}/{name}" + ("" if width == TILE_WIDTH else f".p/{width}")


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes a tile holds in a tree of `size` leaves: 0 where the tree does not reach it."""
    hashes = size >> (_TILE_HEIGHT * level)
    return max(0, min(TILE_WIDTH, hashes - TILE_WIDTH * index))


def append(tiles: Tiles, size: int, leaves: Sequence[bytes]) -> int:
    """Append leaf hashes to a tree of `size` leaves and give its new size.

    Whatever a tile holds beyond `size` is replaced, so that an append that was cut short can be done again.
    Raises IntegrityBroken where a tile of the right edge is too short.
    """
    level, start, fresh = 0, size, list(leaves)
    while fresh:
        fresh = _append_level(tiles, level, start, fresh)
        level, start = level + 1, start // TILE_WIDTH
    return size + len(leaves)


def _append_level(tiles: Tiles, level: int, start: int, fresh: Sequence[bytes]) -> list[bytes]:
    """Extend one level from position `start`; gives the roots of the tiles that became full."""
    first, kept = divmod(start, TILE_WIDTH)
    row = (_read(tiles, level, first, kept)[: kept * HASH_BYTES] if kept else b"") + b"".join(fresh)
    full = []
    for offset in range(0, len(row), TILE_BYTES):
        tile = row[offset : offset + TILE_BYTES]
        tiles.put(level, first + offset // TILE_BYTES, tile)
        if len(tile) == TILE_BYTES:
            full.append(folded(tile))
    return full


def root(tiles: TileReader, size: int) -> bytes:
    """The root of the first `size` leaves. Raises IntegrityBroken where tiles are missing or too short."""
    if size < 0:
        raise IntegrityBroken(f"a log of {size} leaves was sealed: run `parcours audit verify`")
    return _range_hash(_Reader(tiles), 0, size) if size else EMPTY_ROOT


def inclusion_proof(tiles: TileReader, index: int, size: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of `size` leaves (RFC 9162, section 2.1.3.1).

    Raises ValueError where the tree has no such leaf, IntegrityBroken where tiles are missing.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    reader, low, high, path = _Reader(tiles), 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_hash(reader, middle, high))
            high = middle
        else:
            path.append(_range_hash(reader, low, middle))
            low = middle
    return path[::-1]


def consistency_proof(tiles: TileReader, old: int, size: int) -> list[bytes]:
    """The hashes that show a tree of `old` leaves to be the beginning of one of `size` (RFC 9162, 2.1.4.1).

    Empty where `old` is 0 or `size`. Raises ValueError where `old` is larger, IntegrityBroken where tiles are
    missing.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} leaves does not extend one of {old}")
    if old in (0, size):
        return []
    reader, low, high, path = _Reader(tiles), 0, size, []
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_hash(reader, middle, high))
            high = middle
        else:
            path.append(_range_hash(reader, low, middle))
            low = middle
    # Where the old tree is one whole subtree, the verifier has its root already.
    known = [] if low == 0 else [_range_hash(reader, low, high)]
    return known + path[::-1]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof leads from a leaf hash at `index` to the root of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == root


def extends(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows a tree of `old` leaves to be the start of a larger one (RFC 9162, 2.1.4.2)."""
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if not 0 < old < size or not proof:
        return False
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # An old tree that is one whole subtree is its own starting point.
    start, rest = (old_root, list(proof)) if node == 0 else (proof[0], list(proof[1:]))
    before = after = start
    for sibling in rest:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and before == old_root and after == root


class _Reader:
    """Reads each tile once for the time of one question."""

    def __init__(self, tiles: TileReader) -> None:
        self._tiles = tiles
        self._seen: dict[tuple[int, int], bytes] = {}

    def node(self, height: int, index: int) -> bytes:
        """The hash of the whole subtree of 2^height leaves that is number `index` from the left."""
        level, inner = divmod(height, _TILE_HEIGHT)
        first = index << inner
        number, offset = divmod(first, TILE_WIDTH)
        tile = self._seen.get((level, number), b"")
        end = (offset + (1 << inner)) * HASH_BYTES
        if len(tile) < end:
            tile = self._seen[level, number] = _read(self._tiles, level, number, end // HASH_BYTES)
        return folded(tile[offset * HASH_BYTES : end])


def _read(tiles: TileReader, level: int, index: int, width: int) -> bytes:
    tile = tiles.get(level, index)
    if len(tile) < width * HASH_BYTES:
        raise IntegrityBroken(
            f"the tile {tile_path(level, index, width)} of the log is needed and holds only "
            f"{len(tile) // HASH_BYTES} hashes"
        )
    return tile


def _range_hash(reader: _Reader, low: int, high: int) -> bytes:
    """The root of the leaves from `low` on and before `high`, where `low` begins a subtree that holds all."""
    nodes = [reader.node(height, index) for height, index in _whole_subtrees(low, high)]
    current = nodes.pop()
    while nodes:
        current = node_hash(nodes.pop(), current)
    return current


def _whole_subtrees(low: int, high: int) -> Iterator[tuple[int, int]]:
    """(height, index) of the largest whole subtrees that cover a range, from left to right."""
    while low < high:
        height = (high - low).bit_length() - 1
        yield height, low >> height
        low += 1 << height


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def folded(hashes: bytes) -> bytes:
    """The root over adjacent hashes, whose number is a power of two."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join([_pair_hash(pair) for (pair,) in _PAIRS.iter_unpack(hashes)])
    return hashes
