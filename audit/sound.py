"""Whether every chain of the log holds: asked of all entries in one pass, with as few steps for each as there can be.

It only ever says that all is well, and asks no less than who tells what is wrong (chains.py).
"""

from collections.abc import Iterable, Sequence

from audit.findings import Findings
from audit.leaves import UNREADABLE, Leaves, Sealed
from audit.links import read_link
from storage.seals import EntryCells, SealReading
from workflow.history import GENESIS, entry_hash
from workflow.system import SYSTEM, Head


class Sound:
    """Goes over all chains, one after the other, and tells `leaves` of what is sealed."""

    def __init__(self, reading: SealReading, findings: Findings, leaves: Leaves) -> None:
        self._reading, self._findings, self._leaves = reading, findings, leaves
        self._log, self._placements = reading.log(), reading.placements()
        self._name, self._seq, self._head, self._waits = "", 0, GENESIS, False
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
        return self._follow(self._reading.entry_pages()) and self._begin("") and next(self._placements, None) is None

    def _acts_hold(self) -> bool:
        self._name = SYSTEM
        if not self._follow(self._reading.act_pages()):
            return False
        self._chains += self._seq > 0
        return True

    def _follow(self, pages: Iterable[Sequence[EntryCells]]) -> bool:
        for rows in pages:
            if not self._page(rows):
                return False
            self._entries += len(rows)
            self._findings.seen(len(rows))
        return True

    def _page(self, rows: Sequence[EntryCells]) -> bool:
        """Whether these entries go on where those before ended."""
        sealed: list[Sealed] = []
        log, seq, head = self._log, self._seq, self._head
        for chain, number, prev, chain_hash, data, position, leaf_hash, queued in rows:
            if chain != self._name:
                self._seq, self._head = seq, head
                if not self._begin(chain):
                    return False
                seq, head = 0, GENESIS
            link = read_link(data)
            if (
                link is None or link.log != log or link.placement != chain or not link.seq == number == seq + 1
                or not link.prev == prev == head or entry_hash(data) != chain_hash
            ):  # fmt: skip
                return False
            if position is None and queued:
                self._waits = True
            elif position is None or queued or self._waits or leaf_hash != chain_hash:
                return False
            else:
                sealed.append((position, data, link.recorded_at))
            seq, head = number, chain_hash
        self._seq, self._head = seq, head
        self._leaves.meet(sealed)
        return True

    def _begin(self, chain: str) -> bool:
        """End one chain: its placement is the next one, and names its last entry; and begin another."""
        ended, self._name = (self._name, Head(self._seq, self._head)), chain
        self._seq, self._head, self._waits = 0, GENESIS, False
        if not ended[0]:
            return True
        self._chains += 1
        # Only acts are of this chain, whatever else is stored under its name.
        return chain != SYSTEM and next(self._placements, None) == ended
