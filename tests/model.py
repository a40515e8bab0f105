"""The placement's process once more, naive and slow, by hand from its description: the engine must agree.

It reads no definition and imports nothing that decides: a life is a plain list of rows, everything else is
worked out from that list anew, and days are counted one by one. Only what a test asks about is modelled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tests.model_days import day_after, last_day_of, local_day, reminder_day, start_of
from tests.model_process import DATED_BY, KEPT, OPEN, RATES, Request
from tests.model_rows import Row, Value, entries_into, moved_at, state_of, times, value, value_and_setter

RETENTION = {
    "candidates": (24, {"candidate_ref", "candidate_name", "selected_candidate_ref"}),
    "contract": (60, {"monthly_gross", "break_motive", "result"}),
    "remarks": (24, {"text"}),
}
FINAL = {"convention_ended", "application_refused", "withdrawn", "post_returned"}


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
        self.territory = territory
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
        return local_day(at, self.territory)

    def start(self, day: date) -> datetime:
        return start_of(day, self.territory)

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
        moved = next((i for i in range(last, first, -1) if self._told[i][name] != self._told[i - 1][name]), first)
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
            event = min([*self._events(), *self._expiries()], default=None)
            if event is None or event[0] > until:
                return
            at, rank, order, _ = event
            if rank == 3:
                self._add(Row("erasure", at, self.state, self.state, emptied=list(RETENTION)[order]))
                continue
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

    def _expiries(self) -> Iterator[tuple[datetime, int, int, int]]:
        for order, (name, (months, fields)) in enumerate(RETENTION.items()):
            newest = self._newest(name, fields)
            if newest is not None and self.state in FINAL:
                last = last_day_of(self.day(self.state_since), f"{months}m")
                yield max(self.start(day_after(last, 1)), newest), 3, order, 0

    def _newest(self, name: str, fields: set[str]) -> datetime | None:
        """When the newest value of a category was set that was not erased."""
        erased = max((index for index, row in enumerate(self.rows) if row.emptied == name), default=-1)
        rows = [row for row in self.rows[erased + 1 :] if _sets(row, fields)]
        return max((row.occurred_at for row in rows), default=None)

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
        ask = Request(self.territory, trigger, moment, fields, role, reason, self.known_at(moment), self.rows)
        target = ask.target()
        if target is None or (target != KEPT and moment < self.state_since):
            return False
        kind, after = ("recorded", self.state) if target == KEPT else ("transition", target)
        given = {**fields, **ask.followed()}
        self._add(Row(kind, moment, self.state, after, trigger, fields=given, text=reason))
        if kind == "transition" and after == "candidate_selected":
            self._already_contacted(moment)
        return True

    def _already_contacted(self, moment: datetime) -> None:
        if value(self.rows, "training_body_contacted_on") is not None:
            name = "training_body_already_contacted"
            self._add(Row("automatic", moment, self.state, "training_body_contacted", name))

    def _moment(self, trigger: str, now: datetime, fields: Mapping[str, Value], at: datetime | None) -> datetime:
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


def _sets(row: Row, fields: set[str]) -> bool:
    named = {name for name, given in row.fields.items() if given is not None} | ({"text"} if row.text else set())
    return not named.isdisjoint(fields)
