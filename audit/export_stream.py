"""What every export reads: the selected entries, one after the other, with what stands beside them.

Memory stays flat whatever their number, but for the reversals among them. It refuses to know any form of file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from audit.records import DefinitionOf
from storage.queries import PlacementFilter, PlacementItem, Queries, StoredEntry
from workflow.definition import Definition
from workflow.history import ChainedEntry, HistoryEntry

By = Literal["recorded", "occurred"]
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries: from `since` on and before `until` by the moment that `by` names, of one territory, and only
    those written after the cursor `after` of an earlier export. None does not select."""

    since: datetime | None = None
    until: datetime | None = None
    territory: str | None = None
    by: By = "recorded"
    after: str | None = None


_ALL = Selection()


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as an export has it: what is stored, what its bytes say, and the seq of its reversal, if any."""

    stored: StoredEntry
    chained: ChainedEntry
    reversed_by: int | None

    @property
    def entry(self) -> HistoryEntry:
        """What the entry's bytes say."""
        return self.chained.entry

    @property
    def activity(self) -> str:
        """What happened, in the words of process mining: the trigger, else the kind and the deadline, if any."""
        entry = self.entry
        return entry.trigger or (f"{entry.kind} {entry.deadline}" if entry.deadline else entry.kind)


class Stream:
    """The entries of one export. `entries` counts those given, `next` is the cursor of the last one, else `after`."""

    def __init__(
        self,
        queries: Queries,
        definition_of: DefinitionOf,
        definitions: Sequence[Definition] = (),
        selection: Selection = _ALL,
    ) -> None:
        self._queries = queries
        self.definition_of = definition_of
        self.definitions = tuple(definitions)
        self.selection = selection
        self.entries = 0
        self.next = selection.after

    def items(self, *, grouped: bool = False) -> Iterator[Item]:
        """The entries in the order in which they were written; `grouped`: placement by placement, by reference."""
        which = self.selection
        stored = self._queries.entries(
            which.since, which.until, which.territory, which.by, after=which.after, grouped=grouped
        )
        for each in stored:
            self.entries += 1
            self.next = each.cursor
            yield Item(each, each.chained(), self._reversed_by.get((each.placement, each.seq)))

    def placements(self) -> Iterator[PlacementItem]:
        """The placements of the selected territory as they are now, by reference."""
        which, after = PlacementFilter(territory=self.selection.territory), None
        while True:
            page = self._queries.placements(which, _PAGE, after)
            yield from page.items
            if (after := page.next) is None:
                return

    @cached_property
    def _reversed_by(self) -> Mapping[tuple[str, int], int]:
        """(placement, seq of a reversed entry) -> seq of its reversal, which may lie outside what is exported."""
        reversals = self._queries.entries(territory=self.selection.territory, kind="reversal")
        found = ((stored.placement, stored.chained().entry) for stored in reversals)
        return {(placement, e.concerns): e.seq for placement, e in found if e.concerns is not None}
