"""How long placements stay in a state: the median of the stays that ended, from the history of those that moved last.

A move that was reversed ended no stay, and a stay that goes on is none yet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Final

from storage.listing import EVERYWHERE, Reach
from storage.searching import Search
from workflow.history import ChainedEntry
from workflow.standing import standing

SAMPLE: Final = 1000
"""The lives of so many placements are looked at: those that moved last."""

_MOVING: Final = ("placed", "transition", "recorded", "timeout", "automatic", "reversal", "void", "migration")


@dataclass(frozen=True, slots=True)
class Dwell:
    """The median length of so many stays in a state."""

    median: timedelta
    stays: int


def dwell_times(search: Search, within: tuple[Reach, ...] = EVERYWHERE) -> Mapping[str, Dwell]:
    """How long a stay in each state lasted that somebody has left."""
    found: dict[str, list[timedelta]] = {}
    entries = search.lives(_MOVING, SAMPLE, within)
    for _, life in groupby(entries, key=lambda each: each.placement):
        for state, length in stays([each.chained() for each in life]):
            found.setdefault(state, []).append(length)
    return {state: Dwell(_median(lengths), len(lengths)) for state, lengths in found.items()}


def stays(life: Sequence[ChainedEntry]) -> Iterator[tuple[str, timedelta]]:
    """The stays of one placement that ended, each with the state under the name that it was left by."""
    moves = [entry for entry in standing(life) if entry.changes_state]
    for entered, left in pairwise(moves):
        if left.from_state is not None:
            yield left.from_state, left.occurred_at - entered.occurred_at


def _median(lengths: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=median(length.total_seconds() for length in lengths))
