"""Asking guards and conditions about a situation: all their blockers, and the outcome of each, for the history.

A guard never has an effect. What cannot be evaluated refuses, with a sentence that says why.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from operator import attrgetter

import msgspec

from workflow import blockers, due_dates
from workflow.calendar import local_day
from workflow.definition import Condition, EntryAnchor, Guard, Table
from workflow.errors import Blocker
from workflow.expressions import ExpressionFailed
from workflow.predicates import PREDICATES
from workflow.situation import Situation


class Blocked(Exception):
    """A function of an expression found the very reason why the guard cannot hold."""

    def __init__(self, blocker: Blocker) -> None:
        self.blocker = blocker
        super().__init__(blocker.message)


class Verdict(msgspec.Struct, frozen=True):
    """The outcome of each guard that was asked, and every reason why not."""

    outcomes: Mapping[str, bool]
    blockers: tuple[Blocker, ...]


_NOTHING_ASKED = Verdict({}, ())
_BUILT_IN: Mapping[str, Callable[[Situation], object]] = {
    "occurred_on": attrgetter("occurred_on"),
    "state": attrgetter("facts.state"),
    "role": attrgetter("role"),
    "reason_given": attrgetter("reason_given"),
}


def ask(situation: Situation, *, missing: Sequence[str] = (), counting: bool = False) -> Verdict:
    """Ask all guards of the situation's transition, but those that speak of the `missing` fields.

    `counting`: only those that count or sum entries.
    """
    if not situation.transition.guards:
        return _NOTHING_ASKED
    outcomes: dict[str, bool] = {}
    found: list[Blocker] = []
    variable, lookups = partial(_variable, situation), Lookups(situation)
    for guard in situation.transition.guards:
        if not _speaks_of(situation, guard, missing) and (not counting or _counts(situation, guard)):
            reasons = _blockers(situation, guard, variable, lookups)
            outcomes[guard.code] = not reasons
            found += [reason for reason in reasons if reason not in found]
    return Verdict(outcomes, tuple(found))


def holds(situation: Situation) -> bool:
    """Whether the condition that selects the situation's transition holds; true where it has none.

    What cannot be evaluated does not hold.
    """
    condition = situation.transition.when
    return condition is None or (_predicates_hold(situation, condition) and _expression_holds(situation, condition))


def _predicates_hold(situation: Situation, condition: Condition) -> bool:
    return all(PREDICATES[name](situation) for name in condition.predicates)


def _expression_holds(situation: Situation, condition: Condition) -> bool:
    if condition.expression is None:
        return True
    program = situation.rules.program(condition.expression)
    data = program.data(partial(_variable, situation), situation.given)
    try:
        return data.keys() >= program.needs and program.answer(data, Lookups(situation))
    except (Blocked, ExpressionFailed):
        return False


def _speaks_of(situation: Situation, guard: Guard, missing: Sequence[str]) -> bool:
    if not missing:
        return False
    if guard.require is None:
        return True
    return not situation.rules.program(guard.require).speaks_of.isdisjoint(missing)


def _counts(situation: Situation, guard: Guard) -> bool:
    return guard.require is not None and situation.rules.program(guard.require).uses_history


def _blockers(
    situation: Situation, guard: Guard, variable: Callable[[str], object], lookups: "Lookups"
) -> list[Blocker]:
    if guard.predicate is not None:
        return [] if PREDICATES[guard.predicate](situation) else [_refusal(guard), *_perhaps_erased(situation)]
    program = situation.rules.program(str(guard.require))
    data = program.data(variable, situation.given)
    if not data.keys() >= program.needs:
        return [_lacking(situation, name) for name in sorted(program.needs - data.keys())]
    try:
        return [] if program.answer(data, lookups) else [_refusal(guard)]
    except Blocked as blocked:
        return [blocked.blocker]
    except ExpressionFailed as failure:
        if failure.missing is not None:
            return [_lacking(situation, failure.missing)]
        return [blockers.guard_failed(guard.code, str(failure))]


def _lacking(situation: Situation, name: str) -> Blocker:
    erased = name in situation.facts.erased and name not in situation.given
    return blockers.value_erased([name]) if erased else blockers.field_needed(name)


def _perhaps_erased(situation: Situation) -> list[Blocker]:
    """A predicate says no more than no: that values which it may have looked for were erased is told beside."""
    erased = [name for name in situation.facts.erased if name not in situation.given]
    return [blockers.value_erased(erased)] if erased else []


def _refusal(guard: Guard) -> Blocker:
    return Blocker(guard.code, guard.message.fr, guard.message.en)


def _variable(situation: Situation, name: str) -> object:
    definition = situation.rules.definition
    if name in definition.fields:
        return situation.value(name)
    if name in definition.lists:
        return [item.value for item in definition.lists[name] if item.holds_on(situation.occurred_on)]
    return _BUILT_IN[name](situation)


class Lookups(msgspec.Struct, frozen=True):
    """The functions that expressions may call, answered for one situation."""

    situation: Situation

    def lookup(self, table: str, day: date) -> int:
        """The value of a dated table in the placement's territory; blocks where the table says nothing."""
        return _in_force(self.situation, self.situation.rules.definition.tables[table], day)

    def last_day(self, deadline: str) -> date:
        """The last day of a deadline, as it would be once the request is granted; blocks where it has no anchor."""
        spec = self.situation.rules.definition.deadlines[deadline]
        facts = self.situation.facts
        anchor = due_dates.anchored(facts, spec) or self._anchor_of_request(deadline)
        due = due_dates.dated(self.situation.rules, facts, spec, anchor) if anchor else None
        if due is None:
            raise Blocked(_no_date(deadline))
        return due[0]

    def _anchor_of_request(self, deadline: str) -> due_dates.Anchored | None:
        target = self.situation.transition.to
        for anchor in self.situation.rules.definition.deadlines[deadline].anchors:
            if isinstance(anchor, EntryAnchor) and anchor.state == target:
                return due_dates.Anchored(0, self.situation.occurred_on, self.situation.occurred_at)
        return None

    def entered(self, state: str) -> date:
        """The local day of the last entry into a state; blocks where it never was entered."""
        entry = self.situation.facts.entered.get(state)
        if entry is None:
            raise Blocked(blockers.not_since(self.situation.transition.trigger, state))
        return local_day(entry.last_at, self.situation.facts.territory)

    def count(self, trigger: str) -> int:
        """How many standing entries a trigger has."""
        return self.situation.facts.counts.get(trigger, 0)

    def total(self, field: str) -> int:
        """The sum of a field over the entries that set it."""
        values = (entry.fields.get(field) for entry in self.situation.before(self.situation.facts.seq))
        return sum(value for value in values if isinstance(value, int))


def _in_force(situation: Situation, table: Table, day: date) -> int:
    territory = str(situation.value("territory"))
    rows = [row for row in table.rows if territory in row.territories and row.from_on <= day]
    if not rows or day > table.known_until:
        raise Blocked(blockers.table_not_covered(table.name, territory, day, table.known_until))
    return max(rows, key=lambda row: row.from_on).value


def _no_date(deadline: str) -> Blocker:
    return Blocker(
        "deadline_not_started",
        f"l'échéance {deadline} n'a pas encore de date",
        f"the deadline {deadline} has no date yet",
        {"deadline": deadline},
    )
