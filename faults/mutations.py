"""Ways to spoil the bytes of a file: flips, cuts, depth, aliases, NUL, encodings. Knows no format but by its marks."""

from collections.abc import Callable
from itertools import pairwise
from random import Random

Mutation = Callable[[bytes, Random], bytes]

_WORDS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3\x28", b"\xed\xa0\x80", "\u202e".encode(), b"\r", b"\n\n", b"\t", b'"',
    b"'", b";", b"{", b"}", b"[", b"]", b"&a", b"*a", b"<<: *a", b"!!python/object:os.system", b"---\n", b"...\n",
    b"%YAML 9", b"1e999", b"-1", b"9" * 400, b"0x10", b"2021-02-29", b"0000-00-00", b"99999-01-01", b"NaN", b"null",
    b"~", b"on",
    b"=1+1", b"\\u0000", b"\\ud800", b"P1Y", b"-15 days", b"15 jours",
)  # fmt: skip


def _place(data: bytes, dice: Random) -> int:
    return dice.randrange(len(data) + 1)


def flip(data: bytes, dice: Random) -> bytes:
    """Some bits of some bytes."""
    spoilt = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 8, 40))):
        if spoilt:
            spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
    return bytes(spoilt)


def cut(data: bytes, dice: Random) -> bytes:
    """Only the beginning, or only the end."""
    at = _place(data, dice)
    return data[:at] if dice.random() < 0.7 else data[at:]


def remove(data: bytes, dice: Random) -> bytes:
    """A stretch is missing."""
    at = _place(data, dice)
    return data[:at] + data[at + dice.choice((1, 2, 10, 100)) :]


def repeat(data: bytes, dice: Random) -> bytes:
    """A stretch comes twice, or two hundred times."""
    at, length = _place(data, dice), dice.choice((1, 5, 40, 400))
    return data[:at] + data[at : at + length] * dice.choice((2, 2, 3, 200)) + data[at:]


def insert(data: bytes, dice: Random) -> bytes:
    """A word that some reader takes for something else."""
    at = _place(data, dice)
    return data[:at] + dice.choice(_WORDS) + data[at:]


def replace_word(data: bytes, dice: Random) -> bytes:
    """A word of the file is another one."""
    words = data.split(b" ")
    words[dice.randrange(len(words))] = dice.choice(_WORDS)
    return b" ".join(words)


def swap_lines(data: bytes, dice: Random) -> bytes:
    """Two lines change places, or one is indented otherwise."""
    lines = data.split(b"\n")
    one, two = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[two] = lines[two], b" " * dice.randrange(4) + lines[one]
    return b"\n".join(lines)


def deepen(data: bytes, dice: Random) -> bytes:
    """Something is nested far deeper than anybody writes."""
    at, depth = _place(data, dice), dice.choice((40, 400, 4_000, 40_000))
    return data[:at] + dice.choice((b"[", b"{", b'{"a":', b"- ", b"(", b"((not ")) * depth + data[at:]


def multiply(data: bytes, dice: Random) -> bytes:
    """Aliases of aliases, which a reader that follows them makes into gigabytes."""
    names = [f"a{number}" for number in range(dice.choice((3, 12, 40)))]
    lines = [f"a0: &{names[0]} [x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise(names)]
    block = ("\n".join(lines) + "\n").encode()
    return block + data if dice.random() < 0.5 else data + b"\n" + block


def encode(data: bytes, dice: Random) -> bytes:
    """The same text in another encoding."""
    name = dice.choice(("utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7", "utf-8-sig", "cp037"))
    return data.decode("utf-8", "replace").encode(name, "replace")


ALL: tuple[Mutation, ...] = (
    flip, flip, cut, remove, repeat, insert, insert, replace_word, swap_lines, deepen, multiply, encode,
)  # fmt: skip


def spoilt(data: bytes, dice: Random) -> bytes:
    """The bytes after one to three of these."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        data = dice.choice(ALL)(data, dice)
    return data
