"""The rows of a placement: what it is now, its history, its deadlines, what it waits for, and what it claims."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field

from storage.tables.base import BY_KEY, Rows, instant_at, one_of, partial_index, table


class PlacementTable(Rows, table=True):
    """The current row of a placement: what lists show and sweeps look for; the facts last, for size."""

    __tablename__ = "placement"
    id: str = Field(primary_key=True)
    reference: str
    created_at: datetime = instant_at()
    territory: str
    host_siret: str | None = Field(index=True)
    host_name: str | None
    state: str
    state_since: datetime = instant_at()
    definition: str = Field(foreign_key="definition.digest")
    revision: int
    seq: int
    head: str
    wakes_at: datetime | None = instant_at()
    facts: bytes = Field(sa_type=LargeBinary)


class HistoryTable(Rows, table=True):
    """The entries (a heap); `data` is exactly what was hashed. In what order they came is told by `leaf`.

    A file names SQLite's own number of a row `id`, as it was made: its history is never rebuilt.
    """

    __tablename__ = "history"
    __table_args__ = (Unique("placement", "prev"),)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)
    prev: str
    hash: str
    kind: str
    occurred_at: datetime = instant_at()
    recorded_at: datetime = instant_at()
    data: bytes = Field(sa_type=LargeBinary)


class ActedTable(Rows, table=True):
    """Which entries a person made, by who it was: what an entry holds too, to be found by. None of the scheduler's."""

    __tablename__ = "acted"
    __table_args__ = (BY_KEY,)
    actor: str = Field(primary_key=True)
    recorded_at: datetime = instant_at(primary_key=True)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)


class DeadlineTable(Rows, table=True):
    """The deadlines that lists show: derived from facts, replaced with them."""

    __tablename__ = "deadline"
    __table_args__ = (one_of("status", "running", "paused", "missed"), BY_KEY)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    name: str = Field(primary_key=True)
    anchored_at: datetime = instant_at()
    last_day: date
    due_at: datetime = instant_at()
    status: str
    then: str | None


class OutboxTable(Rows, table=True):
    """What to tell people, of an entry once at most: written with it; `stale` ones are never sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("status", "pending", "stale", "queued", "unaddressed", "sent", "overtaken", "dead", "dismissed"),
        BY_KEY,
    )
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)
    kind: str
    deadline: str | None
    trigger: str | None
    at: datetime = instant_at()
    status: str


class CommandKeyTable(Rows, table=True):
    """The commands that were carried out under a key: what lets an unknown outcome be asked for again."""

    __tablename__ = "command_key"
    __table_args__ = (BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    key: str = Field(primary_key=True)
    fingerprint: str
    first_seq: int
    last_seq: int


class RequestTable(Rows, table=True):
    """The corrections that wait for a second person: derived from facts; `roles` have spaces between them."""

    __tablename__ = "request"
    __table_args__ = (BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)
    act: str
    about: str
    roles: str
    actor: str
    asked_at: datetime = instant_at()


class IncidentTable(Rows, table=True):
    """The placements that could not be decided, until they can."""

    __tablename__ = "incident"
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    code: str
    message: str
    since_at: datetime = instant_at()
    attempts: int
    retry_at: datetime = instant_at()


class IncidentAsideTable(Rows, table=True):
    """Who set an incident aside, when and why (a disclosure); of another `code` or `message` it says nothing.

    It goes with the incident: whatever ends that, ends this.
    """

    __tablename__ = "incident_aside"
    __table_args__ = (ForeignKeyConstraint(["placement"], ["incident.placement"], ondelete="CASCADE"), BY_KEY)
    placement: str = Field(primary_key=True)
    code: str
    message: str
    actor: str
    at: datetime = instant_at()
    disclosure: str


class QuotaTable(Rows, table=True):
    """How many placements hold a quota. A ceiling may be lowered below what is used: then none is left."""

    __tablename__ = "quota"
    __table_args__ = (CheckConstraint("used >= 0", "used"), CheckConstraint("ceiling >= 0", "ceiling"))
    name: str = Field(primary_key=True)
    used: int
    ceiling: int | None


class TallyTable(Rows, table=True):
    """How many placements there are of each state and territory, as a sum over parts (tally.py)."""

    __tablename__ = "tally"
    __table_args__ = (BY_KEY,)
    state: str = Field(primary_key=True)
    territory: str = Field(primary_key=True)
    part: int = Field(primary_key=True)
    placements: int = Field(sa_type=BigInteger)


class ExclusiveTable(Rows, table=True):
    """Which placement holds a value that only one may hold; `token` is the value's keyed hash."""

    __tablename__ = "exclusive"
    # Deferred: claims are settled before a new placement is written.
    __table_args__ = (
        # The placement first: SQLite looks for what refers to a new placement, as long as a claim waits for it.
        Unique("placement", "field"),
        ForeignKeyConstraint(["placement"], ["placement.id"], deferrable=True, initially="DEFERRED"),
        BY_KEY,
    )
    field: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    placement: str


placement = table("placement")
history = table("history")
acted = table("acted")
deadline = table("deadline")
outbox = table("outbox")
command_key = table("command_key")
request = table("request")
incident = table("incident")
incident_aside = table("incident_aside")
quota = table("quota")
tally = table("tally")
exclusive = table("exclusive")

placement.append_constraint(Unique(placement.c.reference))
# The daemon looks at nothing else: the longest overdue first, and by reference where two fall together.
_wakes_at = placement.c.wakes_at
partial_index("ix_placement_wakes_at", _wakes_at, placement.c.reference, where=_wakes_at.is_not(None))
# Lists are by reference: without it at the end, whatever has the state would be sorted for each page.
Index(None, placement.c.state, placement.c.territory, placement.c.reference)
Index(None, placement.c.state, placement.c.reference)
Index(None, placement.c.territory, placement.c.reference)
Index(None, placement.c.definition)
Index(None, deadline.c.due_at, deadline.c.placement, deadline.c.name)
Index(None, request.c.asked_at, request.c.placement, request.c.seq)
# Searched from the newest on; entries of one moment by their key.
Index(None, history.c.recorded_at, history.c.placement, history.c.seq)
Index(None, history.c.kind, history.c.recorded_at, history.c.placement, history.c.seq)
_told = (outbox.c.at, outbox.c.placement, outbox.c.seq)
partial_index("ix_outbox_pending", *_told, where=outbox.c.status == "pending")
