"""The placement's process once more, naive and slow, by hand from its description: the engine must agree.

It reads no definition and imports nothing that decides: a life is a plain list of rows, everything else is
worked out from that list anew, and days are counted one by one. Only the values that a test asks about are modelled.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONES = {
    "75": "Europe/Paris",
    "67": "Europe/Paris",
    "971": "America/Guadeloupe",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "987": "Pacific/Tahiti",
}
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

FINAL = {"convention_ended", "application_refused", "withdrawn", "post_returned"}
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

Value = str | int | date | None


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


@dataclass(frozen=True)
class Clock:
    """One line of the table of deadlines."""

    name: str
    anchor: str
    within: str
    span: set[str]
    then: str | None = None
    remind: tuple[str, ...] = ()


CLOCKS = [
    Clock("funding", "convention", "funded_months", OPEN, remind=("6m", "3m", "2m")),
    Clock("tranche_1", "tranche_1_due_on", "start", OPEN),
    Clock("tranche_2", "tranche_2_due_on", "start", OPEN),
    Clock("tranche_3", "tranche_3_due_on", "start", OPEN),
    Clock("contract_end", "contract_ends_on", "0d", {"in_post"}, remind=("2m", "30d")),
    Clock("convention", "convention", "convention_months", OPEN, "end_convention", ("6m", "3m", "2m")),
    Clock("training", "training_started_on", "4i", {"in_training"}, "take_up_post", ("15d",)),
    Clock(
        "signature",
        "@candidate_selected",
        "15d",
        {"candidate_selected", "training_body_contacted"},
        "lapse_signature",
        ("5d", "1d"),
    ),
    Clock("selection", "@candidate_shown", "15d", {"candidate_shown"}, "lapse_selection", ("5d", "1d")),
    Clock("vacancy", "@post_vacant", "6m", {"post_vacant"}, "return_post", ("1m",)),
    Clock("training_departure", "@contract_signed", "15d", {"contract_signed"}),
    Clock("no_candidate", "granted_on", "30d", {"ami_application"}),
    Clock("decision", "@ami_application", "2m", {"ami_application"}),
    Clock("equipment", "@in_post", "30d", {"in_post"}),
]
THEN_LEADS_TO = {
    "end_convention": "convention_ended",
    "take_up_post": "in_post",
    "lapse_signature": "post_vacant",
    "lapse_selection": "post_vacant",
    "return_post": "post_returned",
}


# Days, one by one


def day_after(day: date, days: int) -> date:
    for _ in range(days):
        day += timedelta(days=1)
    return day


def day_before(day: date, days: int) -> date:
    for _ in range(days):
        day -= timedelta(days=1)
    return day


def is_last_of_month(day: date) -> bool:
    return day_after(day, 1).month != day.month


@lru_cache(maxsize=10_000)
def months_away(day: date, months: int) -> date:
    """Walk until the same day number so many months away, or that month's last day where it has none."""
    step, left, current = (1 if months > 0 else -1), abs(months), day
    while left:
        before = current
        current += timedelta(days=step)
        left -= before.month != current.month
    while current.day != day.day and not (current.day < day.day and is_last_of_month(current)):
        current += timedelta(days=step)
    return current


def months_inclusive(day: date, months: int) -> date:
    """The first day counts: one day less, but for a day number that the last month does not have."""
    end = months_away(day, months)
    return day_before(end, 1) if end.day == day.day else end


def last_day_of(anchor: date, within: str) -> date:
    count = int(within[:-1])
    if within.endswith("d"):
        return day_after(anchor, count)
    return months_inclusive(anchor, count) if within.endswith("i") else months_away(anchor, count)


def reminder_day(last_day: date, text: str) -> date:
    count = int(text[:-1])
    return day_before(last_day, count) if text.endswith("d") else months_away(last_day, -count)


@dataclass(frozen=True)
class Running:
    """What one clock says at one point of a life: where it counts from, whether it runs, and until when."""

    anchor: tuple[str, int]
    runs: bool
    last_day: date
    due_at: datetime


@dataclass(frozen=True)
class Open:
    """An occurrence that is shown: running, or missed."""

    last_day: date
    due_at: datetime
    status: str
    since: datetime


class Life:
    """One placement from its application on, as a list of rows."""

    def __init__(self, territory: str, at: datetime) -> None:
        self.territory, self.zone = territory, ZoneInfo(ZONES[territory])
        self.rows: list[Row] = []
        self._told: list[dict[str, Running]] = []
        first: dict[str, Value] = {
            "funded_months": 24,
            "convention_months": 36,
            "grant_amount": RATES[territory],
        }
        self._add(Row("placed", at, "", "ami_application", fields=first))

    # Where and when

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def start(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    @property
    def state(self) -> str:
        return state_of(self.rows)

    @property
    def state_since(self) -> datetime:
        return moved_at(self.rows)

    def story(self) -> list[tuple[str, str | None, str | None, datetime]]:
        """What can be compared with a real history: kind, trigger, deadline, moment."""
        return [(row.kind, row.trigger, row.deadline, row.occurred_at) for row in self.rows]

    # Clocks

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        self._told.append({clock.name: told for clock in CLOCKS if (told := self._tell(clock))})

    def _tell(self, clock: Clock) -> Running | None:
        anchor = self._anchor(clock.anchor)
        if anchor is None:
            return None
        kind, index, on = anchor
        if clock.within == "start":
            last, due = on, self.start(on)
        else:
            months = value(self.rows, clock.within) if clock.within.endswith("months") else None
            last = last_day_of(on, clock.within if months is None else f"{months}i")
            due = self.start(day_after(last, 1))
        return Running((kind, index), self._runs(clock), last, due)

    def _anchor(self, name: str) -> tuple[str, int, date] | None:
        if name == "convention":
            start = self._anchor("convention_starts_on")
            signed = entries_into(self.rows, "contract_signed")
            return start or (("@", signed[0], self.day(self.rows[signed[0]].occurred_at)) if signed else None)
        if name.startswith("@"):
            entered = entries_into(self.rows, name[1:])
            return ("@", entered[-1], self.day(self.rows[entered[-1]].occurred_at)) if entered else None
        day, index = value_and_setter(self.rows, name)
        return (name, index, day) if isinstance(day, date) else None

    def _runs(self, clock: Clock) -> bool:
        if self.state not in clock.span:
            return False
        after_signature = clock.name.startswith(("funding", "convention", "tranche"))
        if after_signature and not entries_into(self.rows, "contract_signed"):
            return False
        if clock.name.startswith("tranche"):
            return times(self.rows, "record_tranche") < int(clock.name[-1])
        if clock.name == "decision":
            return value(self.rows, "granted_on") is None
        return clock.name != "equipment" or times(self.rows, "confirm_equipment") == 0

    def occurrence(self, name: str) -> Open | None:
        """The occurrence of a clock that is running or missed now."""
        now = self._told[-1].get(name)
        if now is None or not now.runs:
            return None
        first = last = len(self._told) - 1
        while first and self._same(first - 1, name, now):
            first -= 1
        if any(self._same(index, name, now) for index in range(first)):
            return None
        ends = [row.kind for row in self.rows[first + 1 :] if row.deadline == name and row.kind != "reminder"]
        if "timeout" in ends:
            return None
        moved = next(
            (i for i in range(last, first, -1) if self._told[i][name] != self._told[i - 1][name]), first
        )
        since = max(self.rows[moved].occurred_at, moved_at(self.rows[: moved + 1]))
        shown = now
        if ends:
            closed = next(
                i
                for i in range(first + 1, last + 1)
                if self.rows[i].deadline == name and self.rows[i].kind != "reminder"
            )
            shown = self._told[closed][name]
        return Open(shown.last_day, shown.due_at, "missed" if ends else "running", since)

    def _same(self, index: int, name: str, now: Running) -> bool:
        told = self._told[index].get(name)
        return told is not None and told.runs and told.anchor == now.anchor

    def open(self) -> dict[str, tuple[date, datetime, str]]:
        """The clocks that are shown: last day, instant, status."""
        found = {clock.name: self.occurrence(clock.name) for clock in CLOCKS}
        return {name: (o.last_day, o.due_at, o.status) for name, o in found.items() if o is not None}

    # Time passes

    def settle(self, until: datetime) -> None:
        """Everything that falls due by a moment, one by one, in order."""
        while True:
            event = min(self._events(), default=None)
            if event is None or event[0] > until:
                return
            at, rank, order, _ = event
            clock = CLOCKS[order]
            if rank == 0:
                self._add(Row("reminder", at, self.state, self.state, deadline=clock.name))
            elif clock.then is None:
                kind = "milestone" if clock.within == "start" else "missed"
                self._add(Row(kind, at, self.state, self.state, deadline=clock.name))
            else:
                self._add(Row("timeout", at, self.state, THEN_LEADS_TO[clock.then], clock.then, clock.name))

    def _events(self) -> Iterator[tuple[datetime, int, int, int]]:
        for order, clock in enumerate(CLOCKS):
            occurrence = self.occurrence(clock.name)
            if occurrence is None or occurrence.status != "running":
                continue
            for number, text in enumerate(clock.remind):
                at = self.start(reminder_day(occurrence.last_day, text))
                if occurrence.since < at < occurrence.due_at and not self._was_sent(clock.name, at):
                    yield at, 0, order, number
            at = max(occurrence.due_at, occurrence.since)
            yield (at, 1, order, 0) if clock.then is None else (max(at, self.state_since), 2, order, 0)

    def _was_sent(self, name: str, at: datetime) -> bool:
        return any(r.kind == "reminder" and r.deadline == name and r.occurred_at == at for r in self.rows)

    # People ask

    def fire(
        self,
        trigger: str,
        now: datetime,
        fields: Mapping[str, Value],
        *,
        at: datetime | None = None,
        role: str | None = None,
        reason: bool = False,
    ) -> bool:
        """Settle, then carry out a request or refuse it; tells which."""
        self.settle(now)
        moment = self._moment(trigger, now, fields, at)
        if moment > now or moment < self.rows[0].occurred_at:
            return False
        ask = Request(self, trigger, moment, fields, role, reason)
        target = ask.target()
        if target is None or (target != KEPT and moment < self.state_since):
            return False
        kind, after = ("recorded", self.state) if target == KEPT else ("transition", target)
        given = {**fields, **ask.followed()}
        self._add(Row(kind, moment, self.state, after, trigger, fields=given))
        if kind == "transition" and after == "candidate_selected":
            self._already_contacted(moment)
        return True

    def _already_contacted(self, moment: datetime) -> None:
        if value(self.rows, "training_body_contacted_on") is not None:
            name = "training_body_already_contacted"
            self._add(Row("automatic", moment, self.state, "training_body_contacted", name))

    def _moment(
        self, trigger: str, now: datetime, fields: Mapping[str, Value], at: datetime | None
    ) -> datetime:
        day = fields.get(DATED_BY.get(trigger, ""))
        if at is not None or not isinstance(day, date):
            return at or now
        latest = max(self.rows[-1].occurred_at, self.state_since)
        return max(self.start(day), latest) if self.day(latest) == day else self.start(day)

    def known_at(self, moment: datetime) -> list[Row]:
        """What a fact of this moment is judged by."""
        if moment >= self.state_since:
            return self.rows
        return [row for row in self.rows if row.occurred_at <= moment]


# What the rows say


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
    return next(
        (r.fields["selected_candidate_ref"] for r in reversed(rows) if r.trigger == "select_candidate"), None
    )


# What the process allows

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

    life: Life
    trigger: str
    at: datetime
    fields: Mapping[str, Value]
    role: str | None
    reason: bool

    def __post_init__(self) -> None:
        self.rows = self.life.known_at(self.at)
        self.state = state_of(self.rows)
        self.on = self.life.day(self.at)

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
        rate, months = RATES[self.life.territory], self.fields.get("funded_months")
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
        return None if times(self.life.rows, "grant_post") else self._if_in({"ami_application"}, KEPT)

    def refuse_application(self) -> str | None:
        return None if self._is_granted() else self._if_in({"ami_application"}, "application_refused")

    def show_candidate(self) -> str | None:
        if self.state == "candidate_shown":
            return KEPT
        return (
            self._if_in({"ami_application", "post_vacant"}, "candidate_shown") if self._is_granted() else None
        )

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
        minimum = minimum_wage(self.life.territory, starts)
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
        first = self.life.day(self.rows[signed[0]].occurred_at) if signed else self.on
        return months_inclusive(start if isinstance(start, date) else first, 36)

    def start_training(self) -> str | None:
        if self.state != "contract_signed" or self.day("training_started_on") < self.day(
            "contract_starts_on"
        ):
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
        enough = all(
            covers({"grant_amount": value(rows, "grant_amount"), **said}, paid(rows)) for rows in self._both()
        )
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
        return self.rows, self.life.rows

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


def paid(rows: Sequence[Row]) -> int:
    amounts = (row.fields.get("amount") for row in rows if row.trigger == "record_tranche")
    return sum(amount for amount in amounts if isinstance(amount, int))


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
