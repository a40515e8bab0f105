"""Whether every chain of the log holds: asked of all entries in one pass, with as few steps for each as there can be.

It only ever says that all is well, and asks no less than who tells what is wrong (chains.py).
"""

from collections.abc import Iterable, Sequence

from audit.findings import Findings
from audit.leaves import UNREADABLE, Leaves, Sealed
from audit.links import linked
from storage.seals import EntryCells, SealReading
from workflow.history import GENESIS, entry_hash
from workflow.system import SYSTEM

_Place = tuple[str, int, str, bool]
"""A chain, the number and the hash of its last entry so far, and whether one of its entries waits for a seal."""


class Sound:
    """Goes over all chains, one after the other, and tells `leaves` of what is sealed."""

    def __init__(self, reading: SealReading, findings: Findings, leaves: Leaves) -> None:
        self._reading, self._findings, self._leaves = reading, findings, leaves
        self._log, self._placements = reading.log(), reading.placements()
        self._entries = self._chains = 0

    def holds(self) -> bool:
        """Whether each entry follows the one before, is sealed or waits, and each placement's row names its last one.

        Where all is well, entries and chains are counted in the report.
        """
        try:
            well = self._placements_hold() and self._acts_hold() and not any(self._reading.lost_from_queue())
        except UNREADABLE:
            return False
        if well:
            self._findings.report.entries, self._findings.report.chains = self._entries, self._chains
        return well

    def _placements_hold(self) -> bool:
        pages = self._reading.entry_pages(waiting=self._findings.report.unsealed > 0)
        end = self._followed(pages, ("", 0, GENESIS, False))
        return end is not None and self._ends(*end[:3]) and next(self._placements, None) is None

    def _acts_hold(self) -> bool:
        end = self._followed(self._reading.act_pages(), (SYSTEM, 0, GENESIS, False))
        self._chains += end is not None and end[1] > 0
        return end is not None

    def _followed(self, pages: Iterable[Sequence[EntryCells]], place: _Place) -> _Place | None:
        """Where these entries end, from this place on; None where one is not as it should be."""
        for rows in pages:
            if (reached := self._page(rows, place)) is None:
                return None
            place = reached
            self._entries += len(rows)
            self._findings.seen(len(rows))
        return place

    def _page(self, rows: Sequence[EntryCells], place: _Place) -> _Place | None:
        (name, seq, head, waits), log, sealed = place, self._log, list[Sealed]()
        for chain, number, prev, chain_hash, data, position, leaf_hash, queued in rows:
            if chain != name:
                if not self._ends(name, seq, head):
                    return None
                name, seq, head, waits = chain, 0, GENESIS, False
            link = linked(data)
            if not (
                link.log == log and link.placement == chain and link.seq == number == seq + 1
                and link.prev == prev == head and entry_hash(data) == chain_hash
            ):  # fmt: skip
                return None
            if position is None and queued:
                waits = True
            elif position is None or queued or waits or leaf_hash != chain_hash:
                return None
            else:
                sealed.append((position, data, link.recorded_at))
            seq, head = number, chain_hash
        self._leaves.meet(sealed)
        return name, seq, head, waits

    def _ends(self, name: str, seq: int, head: str) -> bool:
        """Whether a chain may end here: its placement is the next one, and names this entry as its last."""
        if not name:
            return True
        self._chains += 1
        # Only acts are of this chain, whatever else is stored under its name.
        return name != SYSTEM and next(self._placements, None) == (name, (seq, head))
