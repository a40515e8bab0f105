"""What a verification found, and where: told once for each entry, since its chain and its leaf often say the same."""

from collections.abc import Callable
from dataclasses import dataclass, field

from audit.links import Fault
from storage.seals import Seal, SealReading

Progress = Callable[[int], None]
"""Hears, now and then, how many entries and leaves were looked at."""

_EVERY = 1000


@dataclass(slots=True)
class Report:
    """What was found; `vouched`: the keys are from the key's own file, and not only from the database."""

    faults: list[Fault] = field(default_factory=list)
    entries: int = 0
    chains: int = 0
    leaves: int = 0
    seals: int = 0
    unsealed: int = 0
    last: Seal | None = None
    vouched: bool = True

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; entries that wait for a seal are not."""
        return not self.faults


class Findings:
    """The report in the making."""

    def __init__(self, reading: SealReading, report: Report, told: Progress = lambda count: None) -> None:
        self.report = report
        self._reading, self._told = reading, told
        self._seen, self._tell_at = 0, _EVERY
        self._named: set[tuple[str | None, int | None]] = set()

    def fault(self, code: str, chain: str | None = None, seq: int | None = None, detail: str = "") -> None:
        """Report what is wrong, with an entry unless that was named before."""
        where = None if chain is None else self._reading.reference(chain)
        if seq is None or (where, seq) not in self._named:
            self.report.faults.append(Fault(code, where, seq, detail))
        if seq is not None:
            self._named.add((where, seq))

    def tried(self, part: Callable[[], None]) -> None:
        """One part of the check; rows of types that no program of ours wrote are a fault, and no failure."""
        try:
            part()
        except (TypeError, ValueError, AttributeError) as error:
            self.fault("rows_unreadable", detail=str(error))

    def seen(self, count: int) -> None:
        """So many more were looked at."""
        self._seen += count
        if self._seen >= self._tell_at:
            self._told(self._seen)
            self._tell_at = self._seen + _EVERY
