"""What the naive model allows: the table of triggers, one method for each line, and the amounts of the process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tests.model_days import local_day, months_inclusive
from tests.model_rows import (
    Row,
    Value,
    candidates,
    entries_into,
    paid,
    selected,
    state_of,
    times,
    value,
)

RATES = {"75": 50_000_00, "67": 50_000_00, "971": 70_000_00, "974": 67_500_00, "975": None, "987": None}
WAGES = [
    (date(2021, 1, 1), 1554_58),
    (date(2021, 10, 1), 1589_47),
    (date(2022, 1, 1), 1603_12),
    (date(2022, 5, 1), 1645_58),
    (date(2022, 8, 1), 1678_95),
    (date(2023, 1, 1), 1709_28),
    (date(2023, 5, 1), 1747_20),
    (date(2024, 1, 1), 1766_92),
    (date(2024, 11, 1), 1801_80),
]
WAGES_KNOWN_UNTIL = date(2026, 12, 31)

OPEN = {
    "ami_application",
    "candidate_shown",
    "candidate_selected",
    "training_body_contacted",
    "contract_signed",
    "in_training",
    "in_post",
    "post_vacant",
}
CONTRACTED = {"contract_signed", "in_training", "in_post"}

KEPT = "(kept)"
DATED_BY = {
    "grant_post": "granted_on",
    "sign_contract": "contract_signed_on",
    "start_training": "training_started_on",
    "break_contract": "broken_on",
}
BY = {
    "grant_post": {"anct"},
    "refuse_application": {"anct"},
    "show_candidate": {"platform", "anct"},
    "select_candidate": {"host"},
    "reject_candidates": {"host"},
    "contact_training_body": {"host"},
    "candidate_withdraws": {"platform", "host"},
    "sign_contract": {"host"},
    "start_training": {"host", "training_body"},
    "exempt_from_training": {"anct"},
    "take_up_post": {"host"},
    "abandon_training": {"host", "training_body"},
    "break_contract": {"host", "anct"},
    "set_schedule": {"anct"},
    "record_tranche": {"anct"},
    "record_certification": {"training_body"},
    "leave_for_training": {"host", "training_body"},
    "renew_contract": {"host"},
    "confirm_equipment": {"host"},
    "return_post": {"anct"},
    "end_convention": {"anct"},
    "withdraw": {"host", "anct"},
}
NEEDS = {
    "grant_post": {"granted_on"},
    "show_candidate": {"candidate_ref", "candidate_name"},
    "select_candidate": {"selected_candidate_ref"},
    "contact_training_body": {"training_body", "training_body_contacted_on"},
    "candidate_withdraws": {"candidate_ref"},
    "sign_contract": {"contract_signed_on", "contract_type", "contract_starts_on", "monthly_gross"},
    "start_training": {"training_started_on"},
    "break_contract": {"broken_on", "break_motive"},
    "record_tranche": {"rank", "amount"},
    "record_certification": {"result"},
    "leave_for_training": {"training_kind"},
}
TAKES = {
    "sign_contract": {"contract_ends_on"},
    "set_schedule": {
        "convention_starts_on",
        "tranche_1_due_on",
        "tranche_2_due_on",
        "tranche_3_due_on",
        "funded_months",
        "grant_amount",
    },
    "renew_contract": {"contract_ends_on", "contract_type"},
    "confirm_equipment": {"has_computers"},
}
WITH_REASON = {
    "refuse_application",
    "reject_candidates",
    "candidate_withdraws",
    "exempt_from_training",
    "take_up_post",
    "abandon_training",
    "return_post",
    "end_convention",
    "withdraw",
}
"""Asked by a person: `take_up_post` before the four months are over; after them the scheduler was first."""


@dataclass
class Request:
    """One request, judged by what is known of the moment it speaks of."""

    territory: str
    trigger: str
    at: datetime
    fields: Mapping[str, Value]
    role: str | None
    reason: bool
    rows: Sequence[Row]
    all_rows: Sequence[Row]

    def __post_init__(self) -> None:
        self.state = state_of(self.rows)
        self.on = local_day(self.at, self.territory)

    def said(self, name: str) -> Value:
        return self.fields[name] if name in self.fields else value(self.rows, name)

    def day(self, name: str) -> date:
        found = self.said(name)
        if not isinstance(found, date):
            raise TypeError(f"{name} is no day: {found!r}")
        return found

    def number(self, name: str) -> int:
        found = self.said(name)
        if not isinstance(found, int):
            raise TypeError(f"{name} is no number: {found!r}")
        return found

    def target(self) -> str | None:
        """Where the request leads, KEPT where it is recorded, None where it is refused."""
        return getattr(self, self.trigger)() if self._is_in_order() else None

    def _is_in_order(self) -> bool:
        taken = NEEDS.get(self.trigger, set()) | TAKES.get(self.trigger, set())
        dated = self.fields.get(DATED_BY.get(self.trigger, ""))
        return (
            (self.role in BY[self.trigger] or self.role == "supervisor")
            and NEEDS.get(self.trigger, set()) <= self.fields.keys() <= taken
            and (self.reason or self.trigger not in WITH_REASON)
            and dated in (None, self.on)
        )

    def followed(self) -> dict[str, Value]:
        """The default of the grant follows the funded months, unless somebody has set it."""
        rate, months = RATES[self.territory], self.fields.get("funded_months")
        if not isinstance(months, int) or rate is None or "grant_amount" in self.fields:
            return {}
        old = value(self.rows, "funded_months")
        if value(self.rows, "grant_amount") != half_up(rate, old):
            return {}
        return {"grant_amount": half_up(rate, months)} if half_up(rate, months) != half_up(rate, old) else {}

    def _if_in(self, states: set[str], target: str) -> str | None:
        return target if self.state in states else None

    def _is_granted(self) -> bool:
        return value(self.rows, "granted_on") is not None

    def _was_signed(self) -> bool:
        return bool(entries_into(self.rows, "contract_signed"))

    # One method for each line of the table of triggers

    def grant_post(self) -> str | None:
        return None if times(self.all_rows, "grant_post") else self._if_in({"ami_application"}, KEPT)

    def refuse_application(self) -> str | None:
        return None if self._is_granted() else self._if_in({"ami_application"}, "application_refused")

    def show_candidate(self) -> str | None:
        if self.state == "candidate_shown":
            return KEPT
        return self._if_in({"ami_application", "post_vacant"}, "candidate_shown") if self._is_granted() else None

    def select_candidate(self) -> str | None:
        shown = self.fields["selected_candidate_ref"] in candidates(self.rows)
        return self._if_in({"candidate_shown"}, "candidate_selected") if shown else None

    def reject_candidates(self) -> str | None:
        return self._if_in({"candidate_shown"}, "post_vacant")

    def contact_training_body(self) -> str | None:
        if self.day("training_body_contacted_on") > self.on:
            return None
        if self.state == "candidate_selected":
            return "training_body_contacted"
        kept = self._if_in({"ami_application", "candidate_shown", "post_vacant"}, KEPT)
        return kept if self._is_granted() else None

    def candidate_withdraws(self) -> str | None:
        who, remaining = self.fields["candidate_ref"], candidates(self.rows)
        others = remaining - {who}
        if self.state == "candidate_shown":
            return None if who not in remaining else KEPT if others else "post_vacant"
        if self.state not in {"candidate_selected", "training_body_contacted"}:
            return None
        if who != selected(self.rows):
            return KEPT if who in remaining else None
        return "candidate_shown" if others else "post_vacant"

    def sign_contract(self) -> str | None:
        if self.state != "training_body_contacted":
            return None
        signed, starts = self.day("contract_signed_on"), self.day("contract_starts_on")
        ends = self.fields.get("contract_ends_on")
        lasting = self.fields["contract_type"] in ("CDI", "TIT")
        minimum = minimum_wage(self.territory, starts)
        holds = (
            self.day("training_body_contacted_on") <= signed
            and (lasting or ends is not None)
            and (not isinstance(ends, date) or ends > starts)
            and starts < self._convention_ends()
            and minimum is not None
            and self.number("monthly_gross") >= minimum
        )
        return "contract_signed" if holds else None

    def _convention_ends(self) -> date:
        start = value(self.rows, "convention_starts_on")
        signed = entries_into(self.rows, "contract_signed")
        first = local_day(self.rows[signed[0]].occurred_at, self.territory) if signed else self.on
        return months_inclusive(start if isinstance(start, date) else first, 36)

    def start_training(self) -> str | None:
        if self.state != "contract_signed" or self.day("training_started_on") < self.day("contract_starts_on"):
            return None
        return "in_training"

    def exempt_from_training(self) -> str | None:
        return self._if_in({"contract_signed"}, "in_post")

    def take_up_post(self) -> str | None:
        return self._if_in({"in_training"}, "in_post")

    def abandon_training(self) -> str | None:
        return self._if_in({"in_training"}, "post_vacant")

    def break_contract(self) -> str | None:
        return self._if_in(CONTRACTED, "post_vacant")

    def set_schedule(self) -> str | None:
        said = {**self.followed(), **self.fields}
        enough = all(covers({"grant_amount": value(rows, "grant_amount"), **said}, paid(rows)) for rows in self._both())
        return KEPT if self._is_granted() and self.fields and enough else None

    def record_tranche(self) -> str | None:
        rank, amount = self.number("rank"), self.number("amount")
        holds = all(
            rank == times(rows, "record_tranche") + 1
            and value(rows, "grant_amount") is not None
            and covers({"grant_amount": value(rows, "grant_amount")}, paid(rows) + amount)
            for rows in self._both()
        )
        return KEPT if self._was_signed() and holds and rank <= 3 else None

    def _both(self) -> tuple[Sequence[Row], Sequence[Row]]:
        """What was known of the moment, and what is known now: nothing is paid twice by an earlier date."""
        return self.rows, self.all_rows

    def record_certification(self) -> str | None:
        return self._if_in({"in_training", "in_post"}, KEPT)

    def leave_for_training(self) -> str | None:
        return self._if_in({"in_post"}, KEPT)

    def renew_contract(self) -> str | None:
        if self.state != "in_post":
            return None
        lasting = self.said("contract_type") in ("CDI", "TIT")
        given, ends = self.fields.get("contract_ends_on"), self.said("contract_ends_on")
        holds = (
            (lasting or given is not None)
            and (given is None or not lasting)
            and (not isinstance(ends, date) or ends > self.day("contract_starts_on"))
        )
        return KEPT if holds else None

    def confirm_equipment(self) -> str | None:
        return self._if_in(CONTRACTED, KEPT)

    def return_post(self) -> str | None:
        return self._if_in({"post_vacant"}, "post_returned")

    def end_convention(self) -> str | None:
        return self._if_in(OPEN, "convention_ended") if self._was_signed() else None

    def withdraw(self) -> str | None:
        return self._if_in(OPEN, "withdrawn")


def covers(values: Mapping[str, Value], amount: int) -> bool:
    grant = values["grant_amount"]
    return not isinstance(grant, int) or amount <= grant


def half_up(rate: int, months: Value) -> int:
    if not isinstance(months, int):
        raise TypeError("the funded months are not set")
    return (2 * rate * months + 24) // 48


def minimum_wage(territory: str, day: date) -> int | None:
    if territory == "987" or day > WAGES_KNOWN_UNTIL:
        return None
    return max(((since, wage) for since, wage in WAGES if since <= day), default=(day, None))[1]
