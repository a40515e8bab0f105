"""The naive model's memory: a life is a list of rows, and everything else is read off that list anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

Value = str | int | date | None
CONTRACT_FIELDS = {
    "training_body",
    "training_body_contacted_on",
    "contract_signed_on",
    "contract_type",
    "contract_starts_on",
    "contract_ends_on",
    "monthly_gross",
    "training_started_on",
}


@dataclass(frozen=True)
class Row:
    """One entry of a life."""

    kind: str
    occurred_at: datetime
    before: str
    after: str
    trigger: str | None = None
    deadline: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    text: bool = False
    emptied: str | None = None


def state_of(rows: Sequence[Row]) -> str:
    return next(row.after for row in reversed(rows) if row.before != row.after)


def moved_at(rows: Sequence[Row]) -> datetime:
    return next(row.occurred_at for row in reversed(rows) if row.before != row.after)


def entries_into(rows: Sequence[Row], state: str) -> list[int]:
    return [i for i, row in enumerate(rows) if row.after == state and row.before != state]


def times(rows: Sequence[Row], trigger: str) -> int:
    return sum(row.trigger == trigger for row in rows)


def value(rows: Sequence[Row], name: str) -> Value:
    return value_and_setter(rows, name)[0]


def value_and_setter(rows: Sequence[Row], name: str) -> tuple[Value, int]:
    """The value of a field and the row that last changed it."""
    current: Value = None
    setter = -1
    for index, row in enumerate(rows):
        if name in row.fields and row.fields[name] != current:
            current, setter = row.fields[name], index
        if row.trigger in ("break_contract", "abandon_training") and name in CONTRACT_FIELDS:
            current = None
    return current, setter


def candidates(rows: Sequence[Row]) -> set[Value]:
    """Those shown for the present vacancy who have not withdrawn."""
    vacated = entries_into(rows, "post_vacant")
    since = (rows[vacated[-1]].occurred_at, vacated[-1]) if vacated else None
    remaining: set[Value] = set()
    for at, index in sorted((row.occurred_at, index) for index, row in enumerate(rows)):
        row = rows[index]
        if since is not None and (at, index) <= since:
            continue
        if row.trigger == "show_candidate":
            remaining.add(row.fields["candidate_ref"])
        if row.trigger == "candidate_withdraws":
            remaining.discard(row.fields["candidate_ref"])
    return remaining


def selected(rows: Sequence[Row]) -> Value:
    return next((r.fields["selected_candidate_ref"] for r in reversed(rows) if r.trigger == "select_candidate"), None)


def paid(rows: Sequence[Row]) -> int:
    amounts = (row.fields.get("amount") for row in rows if row.trigger == "record_tranche")
    return sum(amount for amount in amounts if isinstance(amount, int))
