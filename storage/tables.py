"""The tables. Every constraint and index has a name; migrations/ makes them, and a test compares the two.

Table classes never leave storage/. Instants are microseconds (instants.py); entries and facts exact bytes. No number is
given by the database: who writes a row knows its key, and what is a placement's has the placement in it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field, SQLModel

from storage.instants import Instant

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
# In SQLite a key that is exactly INTEGER is the row's own number, and needs no index.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
# Small rows found by their key alone: one tree instead of a heap and an index.
_BY_KEY = {"sqlite_with_rowid": False}


def _at(**options: Any) -> Any:
    return Field(sa_type=Instant, **options)


def _number() -> Any:
    """A number that is the key by itself. Not one that a sequence gives, as it would be by default."""
    return Field(primary_key=True, sa_type=_NUMBER, sa_column_kwargs={"autoincrement": False})


class Rows(SQLModel):
    """The base of all tables: it carries their metadata."""

    # Rows are read and written by statements, never validated as models: their validators need not be built.
    model_config = {"defer_build": True}
    metadata = METADATA


class PlacementTable(Rows, table=True):
    """The current row of a placement: what lists show and sweeps look for; the facts last, for size."""

    __tablename__ = "placement"
    id: str = Field(primary_key=True)
    reference: str
    created_at: datetime = _at()
    territory: str
    host_siret: str | None = Field(index=True)
    host_name: str | None
    state: str
    state_since: datetime = _at()
    definition: str = Field(foreign_key="definition.digest")
    revision: int
    seq: int
    head: str
    wakes_at: datetime | None = _at()
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
    occurred_at: datetime = _at()
    recorded_at: datetime = _at()
    data: bytes = Field(sa_type=LargeBinary)


class ActedTable(Rows, table=True):
    """Which entries a person made, by who it was: what an entry holds too, to be found by. None of the scheduler's."""

    __tablename__ = "acted"
    __table_args__ = (_BY_KEY,)
    actor: str = Field(primary_key=True)
    recorded_at: datetime = _at(primary_key=True)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)


class DeadlineTable(Rows, table=True):
    """The deadlines that lists show: derived from facts, replaced with them."""

    __tablename__ = "deadline"
    __table_args__ = (CheckConstraint("status IN ('running', 'paused', 'missed')", "status"), _BY_KEY)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    name: str = Field(primary_key=True)
    anchored_at: datetime = _at()
    last_day: date
    due_at: datetime = _at()
    status: str
    then: str | None


class OutboxTable(Rows, table=True):
    """What to tell people, of an entry once at most: written with it; `stale` ones are never sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'stale', 'queued', 'unaddressed', 'sent', 'overtaken', 'dead', 'dismissed')",
            "status",
        ),
        _BY_KEY,
    )
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)
    kind: str
    deadline: str | None
    trigger: str | None
    at: datetime = _at()
    status: str


class DeliveryTable(Rows, table=True):
    """What became of a notice, or of a digest, with one recipient of one channel. Never an address (deliveries.py)."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'sent', 'dead', 'dismissed', 'overtaken')", "status"),
        _BY_KEY,
    )
    key: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    recipient: str = Field(primary_key=True)
    placement: str | None = Field(foreign_key="placement.id")
    seq: int | None
    status: str
    attempts: int
    error: str | None
    planned_at: datetime = _at()
    next_at: datetime = _at()
    ended_at: datetime | None = _at()


class DismissalTable(Rows, table=True):
    """Who dismissed a delivery that was given up, when and why: a disclosure, to which an act of the log commits."""

    __tablename__ = "dismissal"
    __table_args__ = (
        ForeignKeyConstraint(
            ["key", "channel", "recipient"], ["delivery.key", "delivery.channel", "delivery.recipient"],
            ondelete="CASCADE",
        ),
        _BY_KEY,
    )  # fmt: skip
    key: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    recipient: str = Field(primary_key=True)
    actor: str
    at: datetime = _at()
    disclosure: str


class CalendarTable(Rows, table=True):
    """The calendars that definitions count with: kept for ever."""

    __tablename__ = "calendar"
    version: str = Field(primary_key=True)
    source: bytes = Field(sa_type=LargeBinary)


class DefinitionTable(Rows, table=True):
    """The published definitions: kept for ever, since placements are pinned to them; two columns are JSON."""

    __tablename__ = "definition"
    __table_args__ = (Unique("name", "version"),)
    digest: str = Field(primary_key=True)
    name: str
    version: int
    calendar: str = Field(foreign_key="calendar.version")
    published_at: datetime = _at()
    quotas: str
    source: bytes = Field(sa_type=LargeBinary)
    compiled: bytes = Field(sa_type=LargeBinary)


class PersonKeyTable(Rows, table=True):
    """The key of a placement's personal values of one category; without it they are lost: that is what erases."""

    __tablename__ = "person_key"
    __table_args__ = (_BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    category: str = Field(primary_key=True)
    key: bytes = Field(sa_type=LargeBinary)


class PersonalTable(Rows, table=True):
    """The disclosures of personal values, encrypted (persons.py)."""

    __tablename__ = "personal"
    __table_args__ = (_BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    category: str
    ciphertext: bytes = Field(sa_type=LargeBinary)


class CommandKeyTable(Rows, table=True):
    """The commands that were carried out under a key: what lets an unknown outcome be asked for again."""

    __tablename__ = "command_key"
    __table_args__ = (_BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    key: str = Field(primary_key=True)
    fingerprint: str
    first_seq: int
    last_seq: int


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
    __table_args__ = (_BY_KEY,)
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
        _BY_KEY,
    )
    field: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    placement: str


class IncidentTable(Rows, table=True):
    """The placements that could not be decided, until they can."""

    __tablename__ = "incident"
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    code: str
    message: str
    since_at: datetime = _at()
    attempts: int
    retry_at: datetime = _at()


class IncidentAsideTable(Rows, table=True):
    """Who set an incident aside, when and why (a disclosure); of another `code` or `message` it says nothing.

    It goes with the incident: whatever ends that, ends this.
    """

    __tablename__ = "incident_aside"
    __table_args__ = (ForeignKeyConstraint(["placement"], ["incident.placement"], ondelete="CASCADE"), _BY_KEY)
    placement: str = Field(primary_key=True)
    code: str
    message: str
    actor: str
    at: datetime = _at()
    disclosure: str


class RequestTable(Rows, table=True):
    """The corrections that wait for a second person: derived from facts; `roles` have spaces between them."""

    __tablename__ = "request"
    __table_args__ = (_BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)
    act: str
    about: str
    roles: str
    actor: str
    asked_at: datetime = _at()


class ActorTable(Rows, table=True):
    """The names behind the pseudonymous ids in the history."""

    __tablename__ = "actor"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)


class InstallationTable(Rows, table=True):
    """What this database is: one row."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", "single"),)
    id: int = _number()
    log: str
    secret: bytes = Field(sa_type=LargeBinary)
    sandbox: bool
    created_at: datetime = _at()
    clock_setting: str | None
    clock_started_at: datetime | None = _at()


class BrakeTable(Rows, table=True):
    """What is remembered of the clock, and what the brake holds: one row."""

    __tablename__ = "brake"
    __table_args__ = (CheckConstraint("id = 1", "single"),)
    id: int = _number()
    written_at: datetime | None = _at()
    seen_at: datetime | None = _at()
    released_at: datetime | None = _at()
    held_at: datetime | None = _at()
    due: int
    open: int


class SystemEntryTable(Rows, table=True):
    """The chain of acts that concern no placement; `data` is exactly what was hashed."""

    __tablename__ = "system_entry"
    __table_args__ = (Unique("prev"),)
    seq: int = _number()
    prev: str
    hash: str
    kind: str
    recorded_at: datetime = _at()
    data: bytes = Field(sa_type=LargeBinary)


class UnsealedTable(Rows, table=True):
    """The entries that no seal covers yet: written with them, so that a late commit is never passed over."""

    __tablename__ = "unsealed"
    __table_args__ = (_BY_KEY,)
    placement: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)


class LeafTable(Rows, table=True):
    """Which entry is which leaf of the log's tree; `hash` is its chain hash."""

    __tablename__ = "leaf"
    __table_args__ = (Unique("placement", "seq"),)
    position: int = _number()
    placement: str
    seq: int
    hash: str


class TileTable(Rows, table=True):
    """The tree's inner hashes, up to 256 of them in a row: they follow from the leaves."""

    __tablename__ = "tile"
    __table_args__ = (_BY_KEY,)
    level: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


class SealTable(Rows, table=True):
    """What was signed, when, over how many leaves; `note` is the signed checkpoint."""

    __tablename__ = "seal"
    number: int = _number()
    size: int = Field(unique=True, sa_type=BigInteger)
    root: bytes = Field(sa_type=LargeBinary)
    sealed_at: datetime = _at()
    note: bytes = Field(sa_type=LargeBinary)


class LogKeyTable(Rows, table=True):
    """The public keys that sign, or once signed, the checkpoints."""

    __tablename__ = "log_key"
    vkey: str = Field(primary_key=True)
    added_at: datetime = _at()


class SealerTable(Rows, table=True):
    """One row whose epoch each sealer raises: of two at once, where no lock keeps them apart, only one commits."""

    __tablename__ = "sealer"
    __table_args__ = (CheckConstraint("id = 1", "single"),)
    id: int = _number()
    epoch: int = Field(sa_type=BigInteger)


class RunnerTable(Rows, table=True):
    """The daemons that run, or ran and left without a word: who, where, with which program, and their last heartbeat.

    `seals`: it has the key that signs checkpoints.
    """

    __tablename__ = "runner"
    id: str = Field(primary_key=True)
    host: str
    pid: int = Field(sa_type=BigInteger)
    version: str
    definition_format: int
    seals: bool
    started_at: datetime = _at()
    heartbeat_at: datetime = _at()


class AccountTable(Rows, table=True):
    """Who may enter the console; `id` is the actor's, `grants` is JSON (accounts.py), `link` the hash of a way in."""

    __tablename__ = "account"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    password: str | None
    grants: str
    lang: str
    created_at: datetime = _at()
    disabled_at: datetime | None = _at()
    link: str | None = Field(unique=True)
    link_until: datetime | None = _at()


class WebSessionTable(Rows, table=True):
    """The sessions of the console; `token` is the hash of what the browser holds."""

    __tablename__ = "web_session"
    __table_args__ = (_BY_KEY,)
    token: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    created_at: datetime = _at()
    expires_at: datetime = _at()
    revoked_at: datetime | None = _at()


class IdentityTable(Rows, table=True):
    """Persons as an identity provider knows them, and the accounts that they were linked to."""

    __tablename__ = "identity"
    __table_args__ = (_BY_KEY,)
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    idp: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    linked_at: datetime = _at()


class AccessTable(Rows, table=True):
    """Who had personal values of which placement shown, and when; it holds none of them."""

    __tablename__ = "access"
    __table_args__ = (_BY_KEY,)
    at: datetime = _at(primary_key=True)
    id: str = Field(primary_key=True)
    account: str
    placement: str = Field(foreign_key="placement.id", index=True)
    fields: str


class ApiTokenTable(Rows, table=True):
    """The tokens of the API; `prefix` is the part that may be shown, `hash` the hash of the whole, `grants` JSON."""

    __tablename__ = "api_token"
    __table_args__ = (_BY_KEY,)
    prefix: str = Field(primary_key=True)
    hash: str = Field(unique=True)
    account: str = Field(foreign_key="account.id", index=True)
    label: str
    grants: str
    created_at: datetime = _at()
    expires_at: datetime = _at()
    revoked_at: datetime | None = _at()


class BatchTable(Rows, table=True):
    """What the console was asked to do with many placements; `said` is JSON without any personal value.

    `status`: `draft` until it is confirmed, then `running`, `stopped`, `done`. `preview` names the last dry run.
    """

    __tablename__ = "batch"
    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id")
    created_at: datetime = _at()
    status: str
    left_out: int = Field(sa_type=BigInteger)
    act: str | None
    said: str | None
    preview: str | None


class BatchItemTable(Rows, table=True):
    """A placement of a batch, frozen at a revision, and what became of it: the entry made, or why none was."""

    __tablename__ = "batch_item"
    __table_args__ = (_BY_KEY,)
    batch: str = Field(primary_key=True, foreign_key="batch.id")
    position: int = Field(primary_key=True, sa_type=BigInteger)
    placement: str = Field(foreign_key="placement.id", index=True)
    revision: int = Field(sa_type=BigInteger)
    status: str
    entry: int | None = Field(sa_type=BigInteger)
    told: str | None


class SavedViewTable(Rows, table=True):
    """The views that accounts have saved: a name of their own for the filters of a list, as its address has them."""

    __tablename__ = "saved_view"
    __table_args__ = (_BY_KEY,)
    account: str = Field(primary_key=True, foreign_key="account.id")
    list: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    query: str
    saved_at: datetime = _at()


class FeedTable(Rows, table=True):
    """The secret address of each account's calendar; `token` is the hash of what it ends in."""

    __tablename__ = "feed"
    __table_args__ = (_BY_KEY,)
    account: str = Field(primary_key=True, foreign_key="account.id")
    token: str = Field(unique=True)
    made_at: datetime = _at()


class FeedUseTable(Rows, table=True):
    """When the address of a calendar was last read; written once an hour at most, and gone with the address."""

    __tablename__ = "feed_use"
    __table_args__ = (ForeignKeyConstraint(["account"], ["feed.account"], ondelete="CASCADE"), _BY_KEY)
    account: str = Field(primary_key=True)
    used_at: datetime = _at()


class AccountNoticeTable(Rows, table=True):
    """What an account chose of notices. Nothing is sent to an address before it was confirmed by its link."""

    __tablename__ = "account_notice"
    __table_args__ = (
        CheckConstraint("reach IN ('awaited', 'all')", "reach"),
        CheckConstraint("rhythm IN ('each', 'digest')", "rhythm"),
        _BY_KEY,
    )
    account: str = Field(primary_key=True, foreign_key="account.id")
    email: str
    nonce: str
    asked_at: datetime = _at()
    confirmed_at: datetime | None = _at()
    reach: str
    deadlines: str
    approvals: bool
    lang: str
    rhythm: str


class TokenUseTable(Rows, table=True):
    """When a token was last used; written once an hour at most."""

    __tablename__ = "token_use"
    __table_args__ = (_BY_KEY,)
    token: str = Field(primary_key=True, foreign_key="api_token.prefix")
    used_at: datetime = _at()


class BatchRunTable(Rows, table=True):
    """Who carries out a batch: the number of whoever took it last, and when they were seen; None when they ended."""

    __tablename__ = "batch_run"
    __table_args__ = (_BY_KEY,)
    batch: str = Field(primary_key=True, foreign_key="batch.id")
    epoch: int = Field(sa_type=BigInteger)
    beat_at: datetime | None = _at()


class BatchAskTable(Rows, table=True):
    """A batch that a program asked for: by which token, under which key; `asked` is a keyed hash of what it said."""

    __tablename__ = "batch_ask"
    __table_args__ = (_BY_KEY,)
    token: str = Field(primary_key=True, foreign_key="api_token.prefix")
    key: str = Field(primary_key=True)
    batch: str = Field(foreign_key="batch.id")
    asked: str


def _table(name: str) -> Table:
    return METADATA.tables[name]


placement, history, deadline, outbox = map(_table, ("placement", "history", "deadline", "outbox"))
acted = _table("acted")
delivery, dismissal = map(_table, ("delivery", "dismissal"))
definition, calendar = map(_table, ("definition", "calendar"))
personal, person_key, actor = map(_table, ("personal", "person_key", "actor"))
command_key, quota, exclusive = map(_table, ("command_key", "quota", "exclusive"))
tally = _table("tally")
incident, incident_aside, request = map(_table, ("incident", "incident_aside", "request"))
installation, brake = map(_table, ("installation", "brake"))
system_entry, unsealed, leaf = map(_table, ("system_entry", "unsealed", "leaf"))
tile, seal, log_key, sealer = map(_table, ("tile", "seal", "log_key", "sealer"))
runner = _table("runner")
account, web_session, access = map(_table, ("account", "web_session", "access"))
api_token = _table("api_token")
batch, batch_item = map(_table, ("batch", "batch_item"))
account_notice, token_use = map(_table, ("account_notice", "token_use"))
batch_run, batch_ask = map(_table, ("batch_run", "batch_ask"))
identity = _table("identity")
saved_view, feed, feed_use = map(_table, ("saved_view", "feed", "feed_use"))

placement.append_constraint(Unique(placement.c.reference))
batch_ask.append_constraint(Unique(batch_ask.c.batch))
# The daemon looks at nothing else: the longest overdue first, and by reference where two fall together.
Index(
    "ix_placement_wakes_at",
    placement.c.wakes_at,
    placement.c.reference,
    sqlite_where=placement.c.wakes_at.is_not(None),
    postgresql_where=placement.c.wakes_at.is_not(None),
)
# Lists are by reference: without it at the end, whatever has the state would be sorted for each page.
Index(None, placement.c.state, placement.c.territory, placement.c.reference)
Index(None, placement.c.state, placement.c.reference)
Index(None, placement.c.territory, placement.c.reference)
Index(None, placement.c.definition)
Index(None, deadline.c.due_at, deadline.c.placement, deadline.c.name)
Index(None, batch.c.account, batch.c.created_at)
Index(None, request.c.asked_at, request.c.placement, request.c.seq)
# Searched from the newest on; entries of one moment by their key.
Index(None, history.c.recorded_at, history.c.placement, history.c.seq)
Index(None, history.c.kind, history.c.recorded_at, history.c.placement, history.c.seq)
# Two words for the same would keep a file from using the index.
ACTS = text("kind <> 'heads'")
Index("ix_system_entry_acts", system_entry.c.seq, sqlite_where=ACTS, postgresql_where=ACTS)
_pending, _told = outbox.c.status == "pending", (outbox.c.at, outbox.c.placement, outbox.c.seq)
Index("ix_outbox_pending", *_told, sqlite_where=_pending, postgresql_where=_pending)
_waiting, _dead = delivery.c.status == "waiting", delivery.c.status == "dead"
Index("ix_delivery_waiting", delivery.c.next_at, sqlite_where=_waiting, postgresql_where=_waiting)
Index("ix_delivery_dead", delivery.c.key, sqlite_where=_dead, postgresql_where=_dead)
