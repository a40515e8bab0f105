"""Numbers drawn by name: one for each seed, replication, placement and question, whatever else is asked, in any order.

So the same person draws the same delay under two policies, and adding a question moves no other answer (common random
numbers). A keyed hash, not a stream: nothing is consumed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_STEPS = 1 << 53


@dataclass(frozen=True, slots=True)
class Draws:
    """All the numbers of one placement in one replication."""

    key: bytes

    @classmethod
    def of(cls, seed: int, replication: int, placement: str) -> "Draws":
        """Those of a placement, named as its simulation names it."""
        return cls(blake2b(f"{seed}|{replication}|{placement}".encode(), digest_size=16).digest())

    def share(self, *question: object) -> float:
        """A number between 0 and 1, neither of them included, alike everywhere; always the same for a question."""
        digest = blake2b("|".join(map(str, question)).encode(), digest_size=8, key=self.key).digest()
        return ((int.from_bytes(digest, "big") >> 11) + 0.5) / _STEPS

    def chosen(self, options: Sequence[tuple[T, float]], *question: object) -> T:
        """One of the options, by their weights."""
        left = self.share(*question) * sum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def among(self, options: Mapping[T, float], *question: object) -> T:
        """One of the options of a mapping, by their weights."""
        return self.chosen(list(options.items()), *question)
