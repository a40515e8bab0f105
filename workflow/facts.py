"""The facts of one placement: what folding its history gives (fold.py), bounded in size, and nothing else.

Values only, through which no cycle can pass: the garbage collector need not look at them (`gc=False`).
"""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from workflow.definition import Value
from workflow.history import GENESIS
from workflow.ledger import LedgerItem


class Entered(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The first and the last standing entry into a state: their seq and when they happened."""

    first_seq: int
    first_at: datetime
    last_seq: int
    last_at: datetime


class Prompt(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One reminder of an occurrence: its number in the definition, its moment, and the seq of its entry, if any."""

    number: int
    at: datetime
    seq: int | None = None


class Occurrence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """One run of a deadline, from the standing entry (or date field) that set its anchor.

    `since_at` is when the entry that opened or last moved it happened; `closed` says how it ended:
    `fired`, `missed`, `met`, `left`, `waived`, `dropped` (by a migration), or None while it is open. `ledger` holds
    its pauses and extensions.
    """

    anchor_seq: int
    anchored_on: date
    anchored_at: datetime
    since_at: datetime
    last_day: date
    due_at: datetime
    pending: tuple[Prompt, ...] = ()
    sent: tuple[Prompt, ...] = ()
    closed: str | None = None
    ledger: tuple[LedgerItem, ...] = ()


class Waiting(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A correction that waits for a second person: the seq of its request, what is asked (a key of the definition's
    `approvals`), of which fields, deadline or trigger (`about`), the roles that may approve, who asked, and when.
    """

    seq: int
    act: str
    about: str
    by: tuple[str, ...]
    actor: str
    asked_at: datetime


class Facts(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """Everything that deciding about a placement needs, as its history gives it.

    `revision` counts changes of state and fields only; `setters` tells the seq that last changed each field; `personal`
    holds the commitments of the personal fields that are set; `counts` the standing entries of each trigger;
    `state_since` is when the last standing entry that changed the state happened, `state_seq` its seq; `erased` names
    the personal fields whose value was erased, `keeps` tells for each retention category when its newest value that
    was not erased was set; `held`: nothing may be erased (a legal hold); `requests` are those that wait, oldest first.
    """

    id: str
    reference: str
    definition: str
    state: str
    state_since: datetime
    state_seq: int
    revision: int = 1
    seq: int = 0
    head: str = GENESIS
    occurred_at: datetime
    recorded_at: datetime
    fields: Mapping[str, Value] = {}
    setters: Mapping[str, int] = {}
    personal: Mapping[str, str] = {}
    entered: Mapping[str, Entered] = {}
    counts: Mapping[str, int] = {}
    occurrences: Mapping[str, Occurrence] = {}
    erased: tuple[str, ...] = ()
    keeps: Mapping[str, datetime] = {}
    held: bool = False
    requests: tuple[Waiting, ...] = ()

    @property
    def territory(self) -> str:
        """The département that gives the placement its zone and its holidays."""
        return str(self.fields["territory"])

    def is_set(self, name: str) -> bool:
        """Whether a field has a value, personal or not."""
        return self.fields.get(name) is not None or name in self.personal

    def to_bytes(self) -> bytes:
        """The facts as stored beside the placement, so that a sweep need not read its history."""
        return _ENCODER.encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Facts":
        """Read stored facts back. Raises msgspec.ValidationError where the bytes are no facts."""
        return _DECODER.decode(data)


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(Facts)
