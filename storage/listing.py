"""What the read-only queries take and give: filters, pages, rows as frozen values."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

import msgspec

from storage.instants import instant
from workflow.commitments import opened
from workflow.errors import IntegrityBroken
from workflow.history import ChainedEntry, parse_entry

T = TypeVar("T")
Window = tuple[datetime, timedelta]
Planned = Literal["queued", "unaddressed", "overtaken"]
Ended = Literal["sent", "dead", "overtaken"]
"""What a delivery comes to."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Some placements: those of a territory, of a host structure, or of both at once; all where neither is said."""

    territory: str | None = None
    host_siret: str | None = None

    def holds(self, territory: str | None, host_siret: str | None) -> bool:
        """Whether a placement of this territory and host is among them."""
        return self.territory in (None, territory) and self.host_siret in (None, host_siret)


EVERYWHERE = (Reach(),)
"""All placements."""


@dataclass(frozen=True, slots=True)
class PlacementFilter:
    """Which placements, or the deadlines of which; None does not select.

    What is asked of a deadline is asked of one and the same. `overdue` is the present instant: a deadline, running or
    missed, has passed. `due_within` (now, length): one that runs falls due in that time; `due_between`: after the one
    instant, and at the other or before. `last_days`: its last day is one of these, both ends included, and it is not
    paused. `stuck_since` (now, length): in the same state for at least so long. `text`: a
    reference that begins so, or a host whose name has it. `within`: what the asker may see at all; of several, one is
    enough, and of none nothing is seen.
    """

    state: str | None = None
    territory: str | None = None
    host_siret: str | None = None
    deadline: str | None = None
    overdue: datetime | None = None
    due_within: Window | None = None
    due_between: tuple[datetime, datetime] | None = None
    last_days: tuple[date, date] | None = None
    stuck_since: Window | None = None
    text: str | None = None
    within: tuple[Reach, ...] = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and the cursor that asks for those after them; None where there are none."""

    items: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class PlacementItem:
    """The current row of a placement; `definition` is a digest, `head` the hash of the last entry."""

    id: str
    reference: str
    created_at: datetime
    territory: str
    host_siret: str | None
    host_name: str | None
    state: str
    state_since: datetime
    definition: str
    revision: int
    seq: int
    head: str
    wakes_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadlineItem:
    """A deadline as it is listed, with whose it is."""

    reference: str
    territory: str
    state: str
    host_name: str | None
    placement: str
    name: str
    anchored_at: datetime
    last_day: date
    due_at: datetime
    status: str
    then: str | None


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """A row of the outbox; `status` as docs/reference/database.md has it."""

    reference: str
    territory: str
    placement: str
    seq: int
    kind: str
    deadline: str | None
    trigger: str | None
    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """That a person set something aside, by name or, where that was erased, by id; `disclosure` opens the log's
    commitment to the reason.
    """

    actor: str
    at: datetime
    disclosure: str

    @property
    def reason(self) -> str:
        """Why, in that person's words."""
        return str(opened(self.disclosure)[1])


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice (or digest) for one recipient of one channel.

    `status` is `waiting`, `sent`, `dead`, `dismissed` or `overtaken`; `error` the last failure, or why it was not
    sent; `next_at` the earliest moment of the next attempt. A digest speaks of no placement, and of no entry (`seq`).
    """

    key: str
    channel: str
    recipient: str
    placement: str | None
    seq: int | None
    status: str
    attempts: int
    error: str | None
    planned_at: datetime
    next_at: datetime
    ended_at: datetime | None = None
    reference: str | None = None
    dismissal: SetAside | None = None


@dataclass(frozen=True, slots=True)
class NoticePlan:
    """A notice, by its entry, and to whom it goes; `status` is what the outbox says of it from now on."""

    placement: str
    seq: int
    status: Planned
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentItem:
    """A placement that could not be decided, and when it is tried again; `aside` where a person set it aside."""

    reference: str
    code: str
    message: str
    since_at: datetime
    attempts: int
    retry_at: datetime
    aside: SetAside | None = None


@dataclass(frozen=True, slots=True)
class RequestItem:
    """A correction that waits for a second person, with whose it is; `by` are the roles that may approve it."""

    reference: str
    territory: str
    placement: str
    seq: int
    act: str
    about: str
    by: tuple[str, ...]
    actor: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class RunnerItem:
    """A daemon: where it runs, which program it is, when it began, and when it last said that it lives.

    `seals`: it has the key that signs checkpoints. `alive`: by the database's clock, when it was asked.
    """

    id: str
    host: str
    pid: int
    version: str
    definition_format: int
    seals: bool
    started_at: datetime
    heartbeat_at: datetime
    alive: bool = True


class StoredEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry as it lies in the database: the exact bytes, and what is kept beside them, unverified.

    `position` is that of its leaf in the sealed log; None where no seal covers it, or nobody asked.
    """

    reference: str
    territory: str
    placement: str
    seq: int
    prev: str
    hash: str
    data: bytes
    position: int | None = None

    def chained(self) -> ChainedEntry:
        """The entry that the bytes say, with their own hash. Raises ValueError where they say none."""
        return parse_entry(self.data)


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How many placements hold a quota, of how many; no ceiling: None."""

    name: str
    used: int
    ceiling: int | None


@dataclass(frozen=True, slots=True)
class Touched:
    """`placements`: how many in all, each once; by state, and by deadline that runs, is paused or was missed."""

    placements: int
    states: Mapping[str, int]
    deadlines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stats:
    """How much there is: deadlines and notices by status."""

    placements: int
    entries: int
    deadlines: Mapping[str, int]
    notices: Mapping[str, int]
    incidents: int
    quotas: tuple[QuotaUse, ...]


@dataclass(frozen=True, slots=True)
class DueCounts:
    """What waits at an instant: placements that need the daemon, since when; overdue deadlines by name."""

    waking: int
    oldest: datetime | None
    overdue: Mapping[str, int]


def cursor(*key: str | int) -> str:
    """A key of the last item shown, as an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def key_of(text: str, *types: type) -> list[Any]:
    """The key in a cursor. Raises ValueError where it is none of this list's."""
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        key = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=list[Any])
    except (ValueError, msgspec.DecodeError):
        key = []
    # A server takes no text with a NUL, not even to find nothing.
    if [type(part) for part in key] != list(types) or any("\0" in part for part in key if isinstance(part, str)):
        raise ValueError(f"{text!r} is no cursor of this list")
    return key


def moment_of(number: int) -> datetime:
    """The instant in a cursor. Raises ValueError for one that nobody gave away."""
    try:
        return instant(number)
    except IntegrityBroken:
        raise ValueError(f"{number} is no moment of this list") from None
