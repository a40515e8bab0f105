"""What every export reads: the selected entries, one after the other, with what stands beside them.

Memory stays flat whatever their number, but for the reversals among them. It refuses to know any form of file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, Literal, NamedTuple

from audit.export_said import Said, said
from audit.records import DefinitionOf
from storage.entries import Entries, cursor_of, position_in
from storage.queries import PlacementFilter, PlacementItem, Queries
from workflow.definition import Definition
from workflow.history import entry_hash

By = Literal["recorded", "occurred"]
BUFFER: Final = 1 << 18
"""How many bytes of a file of lines are gathered before they are written."""

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries: from `since` on and before `until` by the moment that `by` names, of one territory. None does not
    select. `sealed`: only those that a seal covers; `after`: of these, only those after an earlier export's cursor."""

    since: datetime | None = None
    until: datetime | None = None
    territory: str | None = None
    by: By = "recorded"
    after: str | None = None
    sealed: bool = False

    @property
    def is_sealed(self) -> bool:
        """Whether only sealed entries are asked for."""
        return self.sealed or self.after is not None


_ALL = Selection()


class Page(NamedTuple):
    """Some entries as exports have them, column by column: whose they are, what their bytes say, the hashes of these,
    the seqs of their reversals, if any. So nothing is made for each entry but what a form makes of it."""

    reference: Sequence[str]
    territory: Sequence[str]
    entry: Sequence[Said]
    hash: Sequence[str]
    reversed_by: Sequence[int | None]

    def part(self, which: slice) -> "Page":
        """Some of them."""
        beside = (self.hash[which], self.reversed_by[which])
        return Page(self.reference[which], self.territory[which], self.entry[which], *beside)


class Stream:
    """The entries of one export. `entries` counts those given, `unsealed` those among them that no seal covers yet.

    `next` is the cursor for what is sealed after the last one. Raises ValueError for a cursor of another list.
    """

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
        self.entries = self.unsealed = 0
        self._position = 0 if selection.after is None else position_in(selection.after)

    @property
    def next(self) -> str:
        """Asks for what comes into the sealed log after what was given."""
        return cursor_of(self._position)

    def pages(self, *, grouped: bool = False) -> Iterator[Page]:
        """The sealed entries in the order of the log, then the others; `grouped`: placement by placement.

        Some at a time: what is done for many at once is done faster.
        """
        undone = self._reversed_by
        for rows in self._queries.exported(self._which(), grouped=grouped):
            references, territories, bytes_of, positions = zip(*rows, strict=True)
            self._count(positions)
            entries = list(map(said, bytes_of))
            # Most logs have few reversals, or none.
            by = [undone.get((e.placement, e.seq)) for e in entries] if undone else [None] * len(entries)
            yield Page(references, territories, entries, list(map(entry_hash, bytes_of)), by)

    def _count(self, positions: Sequence[int | None]) -> None:
        sealed = [position for position in positions if position is not None]
        self.entries += len(positions)
        self.unsealed += len(positions) - len(sealed)
        self._position = max(self._position, max(sealed, default=-1) + 1)

    def _which(self) -> Entries:
        asked = self.selection
        first = self._position if asked.is_sealed else None
        return Entries(asked.since, asked.until, asked.territory, asked.by, first)

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
        found = (said(stored.data) for stored in self._queries.entries_of("reversal", self.selection.territory))
        return {(e.placement, e.concerns): e.seq for e in found if e.concerns is not None}
