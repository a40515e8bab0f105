"""What the engine asks of a database: the Store and UnitOfWork protocols, and the answers that are not values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from workflow.brake import Watch
from workflow.changes import Change, Claim, Incident, Installation, Published, Remembered
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.system import Head, SystemEntry

T = TypeVar("T")


class ClaimRefused(Exception):
    """A claim cannot be met: the quota is used up, or another placement holds the value. Nothing was written."""

    code = "claim_refused"

    def __init__(self, reference: str, claim: Claim) -> None:
        self.reference, self.claim = reference, claim
        super().__init__(f"{reference}: {claim}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A placement, by its random id, whose stored facts cannot be read, and why."""

    placement: str
    reason: str


class Disclosed(NamedTuple):
    """A disclosure, of which placement and entry, under which name; `text` is None where its key is not here."""

    reference: str
    seq: int
    name: str
    text: str | None


class Reading(Protocol):
    """One consistent view of the store."""

    def find(self, reference: str) -> Facts | None:
        """The facts of the placement with this reference; None where there is none."""
        ...

    def known(self, references: Sequence[str]) -> Mapping[str, Facts]:
        """The facts of those of these references that exist, in bulk."""
        ...

    def history(self, placement: str) -> Sequence[ChainedEntry]:
        """All entries of a placement (by its random id), oldest first."""
        ...

    def personal(self, placement: str) -> Mapping[tuple[int, str], str]:
        """The disclosures of a placement that were not erased, by (seq, field name)."""
        ...

    def disclosed(self) -> Iterator[Disclosed]:
        """Every disclosure of every placement, by reference and seq; to be consumed while the view is open."""
        ...

    def remembered(self, placement: str, key: str) -> Remembered | None:
        """What was carried out on a placement under this command key."""
        ...

    def incident(self, placement: str) -> Incident | None:
        """The open incident of a placement."""
        ...

    def actor(self, actor: str) -> str | None:
        """The name behind an actor's pseudonymous id (`operator:…`); None where there is none (any more)."""
        ...

    def actors(self) -> Sequence[tuple[str, str]]:
        """The (id, name) of all who act and whose names are kept, by name."""
        ...

    def published(self, digest: str) -> Published | None:
        """A published definition by its digest."""
        ...

    def versions(self, name: str | None = None) -> Sequence[Published]:
        """The published definitions (of this name), oldest version first."""
        ...

    def next_wake(self) -> datetime | None:
        """The earliest moment at which a placement needs the daemon; by index, whatever the number of placements."""
        ...

    def watch(self) -> Watch:
        """What is remembered of the clock."""
        ...

    def firings_due(self, after: datetime | None, until: datetime) -> int:
        """How many running deadlines that have a `then` fall due after the one moment, and at or before the other.

        It takes as long as they are many, however many others there are.
        """
        ...

    def firings_open(self, at_most: int) -> int:
        """How many deadlines that have a `then` are running, counted up to `at_most`."""
        ...


class UnitOfWork(Reading, Protocol):
    """One transaction that may write: it commits on leaving its context, and rolls back on an exception.

    Only one is open at a time on SQLite; on other databases the placements that it reads are locked until it ends.
    """

    def due(self, now: datetime, limit: int) -> Sequence[Facts | Unreadable]:
        """Up to `limit` placements whose moment to wake is at or before `now`, the longest overdue first."""
        ...

    def apply(self, changes: Sequence[Change]) -> None:
        """Write many changes with a handful of statements; resolves the incidents of the placements changed.

        Raises StalePlacement where a placement is not at `before_seq` (or the new one's reference exists), and
        ClaimRefused for the first claim that cannot be met; in both cases none of `changes` is written.
        """
        ...

    def report(self, incident: Incident) -> None:
        """Record (or update) an incident; the placement is left alone until `retry_at`."""
        ...

    def keep_watch(self, before: Watch, after: Watch) -> bool:
        """Remember `after` of the clock; false, and nothing is written, where it is no longer `before`."""
        ...

    def actor_id(self, name: str) -> str:
        """The pseudonymous id `operator:…` of a person or account by name, made at random on first use."""
        ...

    def forget_actor(self, actor: str) -> bool:
        """Delete the name behind an id; tells whether there was one."""
        ...

    def system_head(self) -> Head:
        """The last act of the log that concerns no placement."""
        ...

    def record(self, act: SystemEntry) -> None:
        """Append an act that concerns no placement. Raises IntegrityBroken where it does not follow the last."""
        ...

    def publish(self, definition: Published) -> bool:
        """Keep a definition and its calendar for ever, and set the ceilings of its quotas; tells whether it is new."""
        ...


class Store(Protocol):
    """A database of placements."""

    def reading(self) -> AbstractContextManager[Reading]:
        """Open a consistent view."""
        ...

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """Open a transaction that may write. Raises StoreUnavailable where the database cannot.

        StoreInterrupted: nothing was written, and the whole may be tried again, as `repeating` does.
        """
        ...

    def transact(self, work: Callable[[UnitOfWork], T]) -> T:
        """What `work` gives, in one transaction, once that is durable. Another thread may carry it out, with its own.

        It may be carried out more than once: only what it wrote and gave last is kept.

        Raises as `writing` does, and what `work` raises, after which nothing of it is kept.
        """
        ...

    def repeating(self, operation: Callable[[], T]) -> T:
        """Carry out an operation that opens one transaction; where that was interrupted, again, a few times."""
        ...

    def installation(self) -> Installation:
        """What this database is. Raises StoreUnavailable with what to do where it was never initialised."""
        ...

    def change_token(self) -> object:
        """A value that differs once another process has committed; cheap enough to ask several times a second."""
        ...
