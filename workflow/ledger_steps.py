"""Tells in French and English how the ledger of a deadline made its date: pauses, extensions, a move, a waiver.

Repeats no rule: it asks `ledger` for each result and says what lies between them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from workflow.calendar import Due, Length, Step, local_day, parse_length, rolled, zone_of
from workflow.civil import wording
from workflow.civil.steps import end_steps, iso, roll_steps
from workflow.definition import Label, State
from workflow.facts import Occurrence
from workflow.ledger import (
    START,
    STOP,
    Count,
    LedgerItem,
    covered,
    extended,
    extensions,
    given_back,
    is_kept,
    merged,
    moved,
    moved_exactly,
    standing_line,
    stretches,
)

_BEFORE_LINES = 2
"""The steps of a day that was set, before any pause or extension."""


def ledger_steps(
    strict: Due, occurrence: Occurrence, length: Length, count: Count, states: Mapping[str, State]
) -> tuple[Step, ...]:
    """Every step from the anchor to the date that an occurrence has; empty where the facts give another today.

    `strict` is what the rule alone gives, without roll; `states` are those that a clock may stand still in.
    """
    told = _exact_steps if length.exact is not None else _civil_steps
    steps, day = told(strict, occurrence.ledger, count, states)
    if day != occurrence.last_day:
        return ()
    ends = end_steps(occurrence.last_day, occurrence.due_at, count.territory)
    now = _paused_now(occurrence, count, states)
    return (*strict.steps[:-2], *steps, *now, *ends, *_waived(occurrence, count))


def _civil_steps(
    strict: Due, ledger: Sequence[LedgerItem], count: Count, states: Mapping[str, State]
) -> tuple[list[Step], date]:
    day, lines = moved(strict.last_day, ledger)
    steps = [_by_the_rule(strict.last_day)]
    steps += _set(day, ledger, lines)
    for first, after in covered(stretches(lines), count.territory):
        day = given_back(day, first, after, count)
        steps.append(_paused(first, after, day, _cause(lines, first, after, count, states)))
    for length in extensions(lines):
        day = extended(day, length, count)
        steps.append(_extended(parse_length(length), day, count))
    if is_kept(ledger) and len(steps) == _BEFORE_LINES:
        return steps, day
    last = rolled(day, count.roll, count.territory, count.calendar)
    if count.roll != "none":
        steps += roll_steps(day, last, count.territory, count.calendar)
    return steps, last


def _exact_steps(
    strict: Due, ledger: Sequence[LedgerItem], count: Count, states: Mapping[str, State]
) -> tuple[list[Step], date]:
    instant, lines = moved_exactly(strict.instant, ledger, count.territory)
    steps = _set(moved(strict.last_day, ledger)[0], ledger, lines)
    for first, after in merged(stretches(lines)):
        instant += after - first
        days = (local_day(first, count.territory), local_day(after, count.territory))
        steps.append(_paused_exactly(first, after, count, _cause(lines, *days, count, states)))
    for length in extensions(lines):
        instant += parse_length(length).exact or timedelta()
        steps.append(_extended(parse_length(length), local_day(instant, count.territory), count))
    return steps, local_day(instant, count.territory)


def _by_the_rule(day: date) -> Step:
    return Step("by_the_rule", f"Par la règle seule : {wording.day_fr(day)}.",
                f"By the rule alone: {wording.day_en(day)}.", {"day": day.isoformat()})  # fmt: skip


def _set(day: date, ledger: Sequence[LedgerItem], lines: Sequence[LedgerItem]) -> list[Step]:
    """The step that sets the day outright, where one does."""
    if lines is ledger:
        return []
    return [_kept(day) if is_kept(ledger) else _moved(day)]


def _kept(day: date) -> Step:
    return Step("kept", f"Date gardée quand les règles ont changé : {wording.day_fr(day)}.",
                f"Date kept when the rules changed: {wording.day_en(day)}.", {"day": day.isoformat()})  # fmt: skip


def _moved(day: date) -> Step:
    return Step("moved", f"Dernier jour fixé au {wording.day_fr(day)}.", f"Last day set to {wording.day_en(day)}.",
                {"day": day.isoformat()})  # fmt: skip


def _cause(lines: Sequence[LedgerItem], first: date, after: date, count: Count, states: Mapping[str, State]) -> Label:
    """What stopped the clock in a stretch, behind the word: the states that did; nothing for a person's act alone."""
    stops = [item for item in lines if item.kind == STOP and first <= local_day(item.at, count.territory) <= after]
    return _by_states(dict.fromkeys(str(item.value) for item in stops), states)


def _by_states(names: Sequence[str] | dict[str, None], states: Mapping[str, State]) -> Label:
    labels = [states[name].label if name in states else Label(name, name) for name in names]
    if not labels:
        return Label("", "")
    fr, en = (", ".join(f"« {each.fr} »" for each in labels), ", ".join(f"“{each.en}”" for each in labels))
    return Label(f" par l'état {fr}", f" by the state {en}")


def _paused(first: date, after: date, day: date, cause: Label) -> Step:
    last = after - timedelta(days=1)
    if last < first:
        when_fr, when_en = f"le {wording.day_fr(first)}, sans effet", f"on {wording.day_en(first)}, without effect"
    else:
        when_fr = f"du {wording.day_fr(first)} au {wording.day_fr(last)}, jours rendus"
        when_en = f"from {wording.day_en(first)} to {wording.day_en(last)}, days given back"
    return Step("paused", f"Suspendue{cause.fr} {when_fr} : {wording.day_fr(day)}.",
                f"Paused{cause.en} {when_en}: {wording.day_en(day)}.",
                {"from": first.isoformat(), "until": after.isoformat(), "day": day.isoformat()})  # fmt: skip


def _paused_exactly(first: datetime, after: datetime, count: Count, cause: Label) -> Step:
    zone = zone_of(count.territory)
    start, end = first.astimezone(zone), after.astimezone(zone)
    return Step(
        "paused",
        f"Suspendue{cause.fr} du {wording.moment_fr(start)} au {wording.moment_fr(end)}, temps rendu.",
        f"Paused{cause.en} from {wording.moment_en(start)} to {wording.moment_en(end)}, time given back.",
        {"from": iso(first), "until": iso(after)},
    )


def _extended(length: Length, day: date, count: Count) -> Step:
    counting = count.counting if length.unit == "days" else "calendar"
    counting = length.counting or counting
    return Step(
        "extended",
        f"Prolongée de {wording.length_fr(length, counting)} : {wording.day_fr(day)}.",
        f"Extended by {wording.length_en(length, counting)}: {wording.day_en(day)}.",
        {"count": length.count, "unit": length.unit, "counting": counting, "day": day.isoformat()},
    )


def _paused_now(occurrence: Occurrence, count: Count, states: Mapping[str, State]) -> Iterator[Step]:
    if occurrence.closed is not None:
        return
    by_hand = standing_line(occurrence.ledger, "pause", "resume")
    if by_hand is not None:
        local = by_hand.at.astimezone(zone_of(count.territory))
        yield Step("paused", f"Suspendue depuis le {wording.moment_fr(local)} : rien n'échoit d'ici à la reprise.",
                   f"Paused since {wording.moment_en(local)}: nothing falls due until it is resumed.",
                   {"from": iso(by_hand.at)})  # fmt: skip
    stop = standing_line(occurrence.ledger, STOP, START)
    if stop is not None:
        local, cause = stop.at.astimezone(zone_of(count.territory)), _by_states([str(stop.value)], states)
        yield Step("paused", f"Suspendue{cause.fr} depuis le {wording.moment_fr(local)} : "
                   "rien n'échoit tant qu'il dure.",
                   f"Paused{cause.en} since {wording.moment_en(local)}: nothing falls due as long as it lasts.",
                   {"from": iso(stop.at), "state": str(stop.value)})  # fmt: skip


def _waived(occurrence: Occurrence, count: Count) -> Iterator[Step]:
    if occurrence.closed == "waived":
        at = next(item.at for item in reversed(occurrence.ledger) if item.kind == "move" and item.value is None)
        local = at.astimezone(zone_of(count.territory))
        yield Step("waived", f"Levée le {wording.moment_fr(local)} : l'échéance n'a plus d'effet.",
                   f"Waived on {wording.moment_en(local)}: it does not fire.", {"at": iso(at)})  # fmt: skip
