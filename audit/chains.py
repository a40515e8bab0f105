"""Every chain of the log: does each entry follow the one before, and is it sealed or waiting to be?

Each entry's bytes are read once; what they say is told to those who look at the leaves.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from audit.findings import Findings
from audit.leaves import Leaves, Sealed
from audit.links import Last, link_of
from storage.seals import EntryRow, SealReading
from workflow.system import NO_HEAD, SYSTEM


class Chains:
    """Looks at chains, and reports what is wrong with them."""

    def __init__(self, reading: SealReading, findings: Findings, leaves: Leaves | None = None) -> None:
        self._reading, self._findings, self._leaves = reading, findings, leaves
        self._log = reading.log()
        self._rows, self._rows_fit = reading.placements(), True
        self._head: Last = NO_HEAD

    def all(self) -> None:
        """Every chain from its first entry, and what waits for a seal and is gone."""
        for name, rows in groupby(self._reading.entries(), key=attrgetter("placement")):
            # Only acts are the leaves of this chain, whatever else is stored under its name.
            head = self._chain(name, rows, None if name == SYSTEM else self._leaves)
            self._rows_fit = self._rows_fit and next(self._rows, None) == (name, (head.seq, head.hash))
        self._chain(SYSTEM, self._reading.acts(), self._leaves)
        for name, seq in self._reading.lost_from_queue():
            self._findings.fault("entry_missing", name, seq)

    def one(self, name: str) -> None:
        """One placement's chain."""
        self._chain(name, self._reading.entries(name), None)

    def _chain(self, name: str, rows: Iterable[EntryRow], leaves: Leaves | None) -> Last:
        """One chain, whose sealed entries are told to `leaves`; gives the last entry."""
        self._head = NO_HEAD
        sealed = self._followed(name, rows)
        if leaves is None:
            deque(sealed, maxlen=0)
        else:
            leaves.meet(sealed)
        self._findings.report.chains += self._head is not NO_HEAD
        return self._head

    def _followed(self, name: str, rows: Iterable[EntryRow]) -> Iterator[Sealed]:
        """Bytes, links, numbers, that each is sealed or waits, in this order; gives the sealed ones that fit."""
        head: Last = NO_HEAD
        report, log, waits, broken = self._findings.report, self._log, False, False
        before = report.entries
        for row in rows:
            report.entries += 1
            code = _sealing_fault(row, waits)
            if not broken:
                link = link_of(row, head, log)
                if isinstance(link, str):
                    # Whatever follows a broken link cannot fit: only the first is told.
                    broken, code = True, link
                elif row.position is not None:
                    yield row.position, row.data, link.recorded_at
            if code is not None:
                self._findings.fault(code, name, row.seq)
            head, waits = row, waits or bool(row.queued)
        self._head = head
        self._findings.seen(report.entries - before)

    def rows(self) -> None:
        """Every placement's row names its last entry, and has one."""
        # They were the last ones of sound chains, one after the other, all of them: there is nothing to look for.
        if self._findings.report.ok and self._rows_fit and next(self._rows, None) is None:
            return
        for name, head, stored in self._reading.heads():
            if stored == NO_HEAD:
                self._findings.fault("chain_empty", name)
            elif stored != head:
                self._findings.fault("row_differs", name, head.seq)


def _sealing_fault(row: EntryRow, waits: bool) -> str | None:
    if row.position is None:
        return None if row.queued else "never_queued"
    if row.queued:
        return "sealed_twice"
    if row.leaf_hash != row.hash:
        return "other_than_sealed"
    return "after_unsealed" if waits else None
