"""One placement's life in memory, lived by the engine: settled, asked and noted down as every other is.

A journal that nobody stores; settling, guards and blockers are those of `workflow.engine`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from workflow.commands import Fire, Place
from workflow.deadlines import events
from workflow.deciding import decide_fire
from workflow.facts import Facts
from workflow.fold import fold
from workflow.history import HistoryEntry
from workflow.journal import Desk, Journal
from workflow.placing import decide_place
from workflow.rules import Rules
from workflow.settling import settle_next
from workflow.situation import Past
from workflow.timing.values import Texts

TERRITORY = "75"
_WHO = "operator:0"
_TOO_OFTEN = 60


class Stop(NamedTuple):
    """Where a placement came to rest: its state, how often it had moved, its open clocks and what set their anchors."""

    state: str
    moves: int
    clocks: Mapping[str, int]


@dataclass
class Life:
    """One placement's life: its journal, and which deadlines fell due together."""

    rules: Rules
    begins: datetime
    together: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    restless: bool = False

    def __post_init__(self) -> None:
        self._desk = Desk("0" * 32, bytes(32), self.begins, lambda digest: self.rules, lambda: bytes(16))
        self.journal = Journal(self._desk, "P", self.rules, None, Past(tuple, dict))

    @property
    def entries(self) -> Sequence[HistoryEntry]:
        """What was entered so far."""
        return [item.entry for item in self.journal.entries]

    def facts_after_each(self) -> Iterator[Facts]:
        """The facts as each entry left them."""
        items = self.journal.entries
        return (fold(lambda digest: self.rules, "P", items[: number + 1]) for number in range(len(items)))

    @property
    def state(self) -> str:
        """Where the placement is."""
        return self.journal.facts.state

    def place(self, fields: Texts) -> None:
        """Begin. Raises Refused."""
        decide_place(self.journal, Place(reference="P", fields=fields, actor="", at=self.begins), _WHO, "0" * 32)
        self._note_stop()

    def ask(self, command: Fire) -> None:
        """Ask for a transition, after what is due. Raises Refused."""
        decide_fire(self.journal, command, _WHO)
        self._note_stop()

    def sleep(self, until: datetime) -> None:
        """Let everything fall due that does by a moment, one after the other."""
        self.journal.desk = replace(self._desk, now=until)
        here: datetime | None = None
        times = 0
        while (event := self.journal.next_event) is not None and event.moment <= until:
            times = times + 1 if event.moment == here else 1
            here = event.moment
            if times > _TOO_OFTEN:
                self.restless = True
                return
            self._note_together(event.moment)
            settle_next(self.journal)
            self._note_stop()

    def _note_together(self, moment: datetime) -> None:
        due = [e for e in events(self.rules, self.journal.facts) if e.moment == moment and not e.is_reminder]
        self.together.append((moment, frozenset(event.deadline for event in due)))

    def _note_stop(self) -> None:
        known = self.journal.facts.occurrences.items()
        clocks = {name: each.anchor_seq for name, each in known if each.closed is None}
        moves = sum(entry.from_state != entry.to_state for entry in self.entries)
        self.stops.append(Stop(self.state, moves, clocks))
