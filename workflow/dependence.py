"""Which deadlines depend on what: on being in a state or having entered it, on a trigger's count, on a field.

What an entry leaves as it was leaves a deadline as it is: with every entry only those that may change are looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from workflow.definition import Deadline, EntryAnchor, FieldAnchor, FieldLength
from workflow.facts import Facts
from workflow.history import HistoryEntry

_TERRITORY = "territory"
"""The field that every date depends on, by its zone and its holidays."""


class Dependence:
    """What the deadlines of a definition depend on, worked out once."""

    def __init__(self, deadlines: Sequence[Deadline]) -> None:
        self._deadlines = deadlines
        self._order = {spec.name: number for number, spec in enumerate(deadlines)}
        self._on_field = _by_field(deadlines)
        self._found: dict[tuple[str, str, str | None], tuple[str, ...]] = {}

    def affected(self, before: Facts, after: Facts, entry: HistoryEntry, emptied: Collection[str]) -> Sequence[str]:
        """The deadlines that an entry may change, in the definition's order; `emptied` are the fields that it empties.

        Those with a ledger always are: what was entered there is told apart from what follows from the facts.
        """
        found = self._on_move(before.state, after.state, entry.trigger)
        fields = (*entry.fields, *entry.commitments, *emptied)
        more = [] if self._on_field.keys().isdisjoint(fields) else [*self._on_fields(fields)]
        for name, run in after.occurrences.items():
            if run.ledger and name in self._order:
                more.append(name)
        return sorted({*more, *found}, key=self._order.__getitem__) if more else found

    def _on_move(self, left: str, entered: str, trigger: str | None) -> tuple[str, ...]:
        """A state that is kept is neither left nor entered."""
        asked = (left, entered, trigger)
        found = self._found.get(asked)
        if found is None:
            depending = (spec.name for spec in self._deadlines if _depends(spec, left, entered, trigger))
            found = self._found[asked] = tuple(depending)
        return found

    def _on_fields(self, names: Collection[str]) -> Iterator[str]:
        return (name for field in names for name in self._on_field.get(field, ()))


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
