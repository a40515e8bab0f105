"""Numbers drawn by name: one for each seed, replication, placement and question, whatever else is asked, in any order.

So the same person draws the same delay under two policies, and adding a question moves no other answer (common random
numbers). A keyed hash, not a stream: nothing is consumed.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_STEPS = 1 << 53


class Draws:
    """All the numbers of one placement in one replication."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        self._keyed = blake2b(digest_size=8, key=key)

    @classmethod
    def of(cls, seed: int, replication: int, placement: str) -> "Draws":
        """Those of a placement, named as its simulation names it."""
        return cls(blake2b(f"{seed}|{replication}|{placement}".encode(), digest_size=16).digest())

    def share(self, *question: str) -> float:
        """A number between 0 and 1, neither of them included, alike everywhere; always the same for a question."""
        asked = self._keyed.copy()
        asked.update("|".join(question).encode())
        return ((int.from_bytes(asked.digest(), "big") >> 11) + 0.5) / _STEPS

    def chosen(self, options: Sequence[tuple[T, float]], *question: str) -> T:
        """One of the options, by their weights."""
        left = self.share(*question) * sum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def among(self, options: Mapping[T, float], *question: str) -> T:
        """One of the options of a mapping, by their weights."""
        return self.chosen(list(options.items()), *question)
