"""How warm a process runs: in each state how many stand, how long they stayed, how many stays a deadline ended.

Worked out from the history of every placement, of all versions. A move that was reversed ended no stay.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from statistics import median

from operators.definitions.drawing import SHADES, Note, Notes
from operators.times import length_text
from workflow.definition import Definition
from workflow.history import HistoryEntry

_LAPSED = frozenset({"missed", "milestone"})


@dataclass(frozen=True, slots=True)
class Warmth:
    """A state: placements there now, stays that ended, their median length, the share of them that a deadline ended.

    `shade`: 0 for the coolest to 4, by the median among the states.
    """

    now: int
    stays: int
    median: timedelta | None
    lapsed: float | None
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Lapses:
    """A deadline: how many run now, how often it has fired, how often it was missed, without what was reversed."""

    running: int
    fired: int
    missed: int


@dataclass(frozen=True, slots=True)
class Heat:
    """What the history says of each state and deadline of a definition."""

    states: Mapping[str, Warmth]
    deadlines: Mapping[str, Lapses]


@dataclass
class Tally:
    """What is counted while lives are read, one after the other."""

    stays: dict[str, list[timedelta]] = field(default_factory=lambda: defaultdict(list))
    timeouts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    fired: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    missed: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, life: Sequence[HistoryEntry]) -> None:
        """Count one placement's standing entries, oldest first."""
        for entry in life:
            if entry.kind == "timeout":
                self.fired[str(entry.deadline)] += 1
            elif entry.kind in _LAPSED:
                self.missed[str(entry.deadline)] += 1
        moves = [entry for entry in life if entry.changes_state]
        for entered, left in pairwise(moves):
            if left.from_state is not None:
                self.stays[left.from_state].append(left.occurred_at - entered.occurred_at)
                self.timeouts[left.from_state] += left.kind == "timeout"


def heat_of(
    definition: Definition, tally: Tally, now: Mapping[str, int], running: Mapping[str, int]
) -> Heat:  # fmt: skip
    """The heat of a definition's states and deadlines, given how many stand and run now."""
    bare = {name: _warmth(name, tally, now) for name in definition.states}
    shades = _shades({name: each.median for name, each in bare.items() if each.median is not None})
    states = {
        name: Warmth(each.now, each.stays, each.median, each.lapsed, shades.get(name, 0)) for name, each in bare.items()
    }
    deadlines = {
        name: Lapses(running.get(name, 0), tally.fired.get(name, 0), tally.missed.get(name, 0))
        for name in definition.deadlines
    }
    return Heat(states, deadlines)


def _warmth(name: str, tally: Tally, now: Mapping[str, int]) -> Warmth:
    stays = tally.stays.get(name, [])
    middle = timedelta(seconds=median(each.total_seconds() for each in stays)) if stays else None
    lapsed = tally.timeouts.get(name, 0) / len(stays) if stays else None
    return Warmth(now.get(name, 0), len(stays), middle, lapsed)


def _shades(medians: Mapping[str, timedelta]) -> Mapping[str, int]:
    """By rank: one state in which placements stay for years would make all the others look alike."""
    ranked = sorted(set(medians.values()))
    top = max(len(ranked) - 1, 1)
    return {name: round(ranked.index(length) / top * (SHADES - 1)) for name, length in medians.items()}


def stay_text(length: timedelta | None, lang: str) -> str:
    """How long a stay was; a dash where nothing is known."""
    return "–" if length is None else length_text(length, lang)


def share_text(share: float | None, lang: str) -> str:
    """`37%`, in French `37 %`; a dash where nothing is known."""
    if share is None:
        return "–"
    return f"{share * 100:.0f}%" if lang == "en" else f"{share * 100:.0f} %"


def notes(heat: Heat, lang: str) -> Notes:
    """The heat of each state in words and as a shade, for a drawing."""
    return {name: Note(heat_line(each, lang), each.shade) for name, each in heat.states.items()}


def heat_line(warmth: Warmth, lang: str) -> str:
    """A state's heat in one line."""
    if not warmth.stays:
        return f"{warmth.now} now" if lang == "en" else f"{warmth.now} ici"
    if lang == "en":
        return f"{warmth.now} now · median {stay_text(warmth.median, lang)} · {share_text(warmth.lapsed, lang)} lapsed"
    return f"{warmth.now} ici · médiane {stay_text(warmth.median, lang)} · {share_text(warmth.lapsed, lang)} échus"


def rows(definition: Definition, heat: Heat, lang: str) -> Iterable[tuple[str, str, str, str, str]]:
    """The states as a table: label, now, stays that ended, median stay, share that a deadline ended."""
    for name, each in heat.states.items():
        label = definition.states[name].label[lang]
        yield label, str(each.now), str(each.stays), stay_text(each.median, lang), share_text(each.lapsed, lang)


def deadline_rows(definition: Definition, heat: Heat, lang: str) -> Iterable[tuple[str, str, str, str]]:
    """The deadlines as a table: label, running, fired, missed."""
    for name, each in heat.deadlines.items():
        yield definition.deadlines[name].label[lang], str(each.running), str(each.fired), str(each.missed)
