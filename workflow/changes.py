"""What one decision asks the store to write: values only, so that applying needs no rule of the process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import msgspec

from workflow.facts import Facts, Waiting
from workflow.history import ChainedEntry


class PersonalValue(msgspec.Struct, frozen=True, gc=False):
    """A personal value set by the entry `seq`; the disclosure opens that entry's commitment (RFC 9901).

    `category` is its retention category, whose values share a key; empty for what has none.
    """

    seq: int
    name: str
    disclosure: str
    category: str = ""


class ErasedValue(msgspec.Struct, frozen=True, gc=False):
    """A personal value, or free text, set by the entry `seq`, that is to be kept no longer."""

    seq: int
    name: str


class Notice(msgspec.Struct, frozen=True, gc=False):
    """Something to tell people about, once it is committed; `stale` ones get their row and are never sent.

    `kind` is the kind of the entry `seq` that it speaks of; `at` when that happened.
    """

    seq: int
    kind: str
    deadline: str | None
    trigger: str | None
    at: datetime
    stale: bool


class QuotaClaim(msgspec.Struct, frozen=True, gc=False):
    """One more (+1) or one less (-1) placement that holds a quota."""

    quota: str
    delta: int


class Hold(msgspec.Struct, frozen=True, gc=False):
    """The placement wants to be the only one with this value in an exclusive field; `token` is its keyed hash."""

    field: str
    token: str


class Release(msgspec.Struct, frozen=True, gc=False):
    """The placement gives up the value that it holds in an exclusive field."""

    field: str


Claim = QuotaClaim | Hold | Release


class DeadlineRow(msgspec.Struct, frozen=True, gc=False):
    """One deadline as it is listed: still running, or missed while its span lasts."""

    name: str
    anchored_at: datetime
    last_day: date
    due_at: datetime
    status: Literal["running", "paused", "missed"]
    then: str | None


class Remembered(msgspec.Struct, frozen=True, gc=False):
    """A command that was carried out under a key: its fingerprint and the entries that it made (first, last seq)."""

    key: str
    fingerprint: str
    first_seq: int
    last_seq: int


class Change(msgspec.Struct, frozen=True, gc=False):
    """The whole effect of a decision on one placement, applied in one transaction or not at all.

    `before_seq` is the seq that the decision was made on (0: the placement is new); where the store finds another,
    somebody was first. `dropped` and `deadlines` are the difference in the listed deadlines.
    `asked` are the requests that wait from now on, `decided` the seqs of those that wait no longer.
    What is `erased` goes in the same transaction, the keys that sealed it included.
    """

    before_seq: int
    after: Facts
    entries: tuple[ChainedEntry, ...]
    wakes_at: datetime | None
    personal: tuple[PersonalValue, ...] = ()
    notices: tuple[Notice, ...] = ()
    claims: tuple[Claim, ...] = ()
    dropped: tuple[str, ...] = ()
    deadlines: tuple[DeadlineRow, ...] = ()
    remembered: Remembered | None = None
    erased: tuple[ErasedValue, ...] = ()
    asked: tuple[Waiting, ...] = ()
    decided: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """A placement that could not be decided: why, since when, how often it was tried, and when it is tried again."""

    placement: str
    code: str
    message: str
    since_at: datetime
    attempts: int
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """A definition as it was published: its exact bytes, its compiled form, and the calendar that it counts with."""

    name: str
    version: int
    digest: str
    source: bytes
    compiled: bytes
    calendar: str
    calendar_source: bytes
    published_at: datetime
    quotas: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installation:
    """What makes a database this installation: its random log id, the key of its hashes, its kind and clock.

    `clock_started_at` is the real moment at which a sandbox first saw its running clock, `clock_setting` which one.
    """

    log: str
    secret: bytes
    sandbox: bool
    created_at: datetime
    clock_setting: str | None = None
    clock_started_at: datetime | None = None
