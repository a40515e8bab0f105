"""Every chain of the log: does each entry follow the one before, and is it sealed or waiting to be?

It tells each thing that is wrong. Whether anything is, is asked before (sound.py).
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from audit.findings import Findings
from audit.links import Last, link_of
from storage.seals import EntryRow, SealReading
from workflow.system import NO_HEAD, SYSTEM


class Chains:
    """Looks at chains, and reports what is wrong with them."""

    def __init__(self, reading: SealReading, findings: Findings) -> None:
        self._reading, self._findings = reading, findings
        self._log = reading.log()

    def all(self) -> None:
        """Every chain from its first entry, and what waits for a seal and is gone."""
        for name, rows in groupby(self._reading.entries(), key=attrgetter("placement")):
            self._chain(name, rows)
        self._chain(SYSTEM, self._reading.acts())
        for name, seq in self._reading.lost_from_queue():
            self._findings.fault("entry_missing", name, seq)

    def one(self, name: str) -> None:
        """One placement's chain."""
        self._chain(name, self._reading.entries(name))

    def _chain(self, name: str, rows: Iterable[EntryRow]) -> None:
        """Bytes, links, numbers, and that each entry is sealed or waits, in this order."""
        head: Last = NO_HEAD
        report, waits, broken, before = self._findings.report, False, False, self._findings.report.entries
        for row in rows:
            report.entries += 1
            code = _sealing_fault(row, waits)
            if not broken and isinstance(link := link_of(row, head, self._log), str):
                # Whatever follows a broken link cannot fit: only the first is told.
                broken, code = True, link
            if code is not None:
                self._findings.fault(code, name, row.seq)
            head, waits = row, waits or bool(row.queued)
        report.chains += head is not NO_HEAD
        self._findings.seen(report.entries - before)

    def rows(self) -> None:
        """Every placement's row names its last entry, and has one."""
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
