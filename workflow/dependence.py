"""Which deadlines depend on what: on being in a state or having entered it, on a trigger's count, on a field.

What an entry leaves as it was leaves a deadline as it is: with every entry only those that may change are looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from workflow.definition import Deadline, EntryAnchor, FieldAnchor, FieldLength
from workflow.facts import Facts
from workflow.history import HistoryEntry

_TERRITORY = "territory"
"""The field that every date depends on, by its zone and its holidays."""


class Dependence:
    """What the deadlines of a definition depend on, worked out once."""

    def __init__(self, deadlines: Sequence[Deadline]) -> None:
        self.deadlines = tuple(spec.name for spec in deadlines)
        self._specs = deadlines
        self._order = {spec.name: number for number, spec in enumerate(deadlines)}
        self._on_field = _by_field(deadlines)
        # Placements make the same few changes thousands of times.
        self._by_change = lru_cache(maxsize=4096)(self._work_out)

    def affected(self, before: Facts, after: Facts, entry: HistoryEntry, emptied: Collection[str]) -> Sequence[str]:
        """The deadlines that an entry may change, in the definition's order; `emptied` are the fields that it empties.

        Those with a ledger always are: what was entered there is told apart from what follows from the facts.
        """
        found = self._by_change(before.state, after.state, entry.trigger, (*entry.fields, *entry.commitments, *emptied))
        more = [name for name, run in after.occurrences.items() if run.ledger and name in self._order]
        return self._sorted({*more, *found}) if more else found

    def on_move(self, left: str, entered: str, trigger: str | None) -> tuple[str, ...]:
        """Those that a move and a trigger's count may change; a state that is kept is neither left nor entered."""
        return tuple(spec.name for spec in self._specs if _depends(spec, left, entered, trigger))

    def _work_out(self, left: str, entered: str, trigger: str | None, fields: tuple[str, ...]) -> tuple[str, ...]:
        on_fields = {name for field in fields for name in self._on_field.get(field, ())}
        return self._sorted({*self.on_move(left, entered, trigger), *on_fields})

    def _sorted(self, names: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self._order.__getitem__))


def _depends(spec: Deadline, left: str, entered: str, trigger: str | None) -> bool:
    if spec.until is not None and spec.until.trigger == trigger is not None:
        return True
    if left == entered:
        return False
    states = {spec.since, *(anchor.state for anchor in spec.anchors if isinstance(anchor, EntryAnchor))}
    return entered in states or any((left in kept) != (entered in kept) for kept in (spec.span, spec.stops))


def _by_field(deadlines: Sequence[Deadline]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for spec in deadlines:
        for field in _fields_of(spec):
            found[field].append(spec.name)
    return dict(found)


def _fields_of(spec: Deadline) -> set[str]:
    anchors = {anchor.field for anchor in spec.anchors if isinstance(anchor, FieldAnchor)}
    lengths = (spec.length, *(revision.length for revision in spec.revisions))
    counted = {length.field for length in lengths if isinstance(length, FieldLength)}
    met = {spec.until.field} if spec.until is not None and spec.until.field is not None else set()
    return {_TERRITORY, *anchors, *counted, *met}
