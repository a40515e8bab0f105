"""What a migration does to facts: they go on under other rules, their states under other names.

A migration is no fact of the process: it moves nothing, and no clock begins or ends because of its date. What it does
to deadlines that run is said in its entry, and followed by occurrences.py.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from workflow.definition import Value
from workflow.facts import Entered, Facts
from workflow.history import ChainedEntry, HistoryEntry

_KEEP, _DROP, _STATES = "keep", "drop", "states"


class Terms(NamedTuple):
    """What a migration says: deadlines that keep their date, deadlines that end, and states' new names by their old."""

    keep: frozenset[str]
    drop: frozenset[str]
    states: Mapping[str, str]

    def as_fields(self) -> dict[str, Value]:
        """The terms as its entry has them: names apart by spaces; what is empty is left out."""
        renamed = (f"{old}={new}" for old, new in sorted(self.states.items()))
        said = {_KEEP: sorted(self.keep), _DROP: sorted(self.drop), _STATES: renamed}
        texts = {name: " ".join(names) for name, names in said.items()}
        return {name: text for name, text in texts.items() if text}


def terms_of(entry: HistoryEntry) -> Terms:
    """What the entry of a migration says."""
    said = {name: str(entry.fields.get(name, "")).split() for name in (_KEEP, _DROP, _STATES)}
    pairs = (pair.partition("=") for pair in said[_STATES])
    return Terms(frozenset(said[_KEEP]), frozenset(said[_DROP]), {old: new for old, _, new in pairs})


def relabelled(facts: Facts, entry: HistoryEntry) -> Facts:
    """The facts under the rules of a migration; their occurrences are looked at by who knows these rules."""
    states = terms_of(entry).states
    return replace(
        facts,
        definition=entry.definition.digest,
        state=states.get(facts.state, facts.state),
        entered=_renamed(facts.entered, states) if states else facts.entered,
        revision=facts.revision + 1,
    )


def _renamed(entered: Mapping[str, Entered], states: Mapping[str, str]) -> Mapping[str, Entered]:
    renamed: dict[str, Entered] = {}
    for name, times in entered.items():
        to = states.get(name, name)
        renamed[to] = _joined(renamed[to], times) if to in renamed else times
    return renamed


def _joined(one: Entered, other: Entered) -> Entered:
    """Two states that have become one were first entered when the earlier was, and last when the later was."""
    first, last = min(one, other, key=_first), max(one, other, key=_last)
    return Entered(first.first_seq, first.first_at, last.last_seq, last.last_at)


def _first(times: Entered) -> int:
    return times.first_seq


def _last(times: Entered) -> int:
    return times.last_seq


def name_today(entries: Iterable[ChainedEntry], seq: int, state: str | None) -> str | None:
    """What the state of the entry `seq` is called after all migrations since."""
    for item in entries:
        if item.entry.kind == "migration" and item.entry.seq > seq and state is not None:
            state = terms_of(item.entry).states.get(state, state)
    return state
