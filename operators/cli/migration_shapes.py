"""A plan of migration as JSON, and as tables for people: each placement's dates, then what it comes to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from operators.cli.errors import blocker_object
from operators.cli.output import Page, day, instant
from operators.cli.shapes import definition_object
from workflow.migrating import DatePlan, Planned
from workflow.rules import Rules

Json = dict[str, Any]

_FATES = {
    "same": ("inchangée", "same"),
    "keep": ("gardée", "kept"),
    "recompute": ("recalculée", "computed anew"),
    "drop": ("supprimée", "dropped"),
    "open": ("commence", "begins"),
    "end": ("finit", "ends"),
}


def plan_object(rules: Rules, planned: Sequence[Planned], *, done: bool, lang: str) -> Json:
    """The answer of `definition plan` and `definition migrate`."""
    return {
        "definition": {**definition_object(rules.definition), "calendar": rules.calendar.version},
        "dry_run": not done,
        "items": [_item_object(each, lang, done=done) for each in planned],
        "totals": totals(planned),
    }


def totals(planned: Sequence[Planned]) -> Json:
    """What the plan comes to: placements, refusals, what fires at once, and how many dates become what."""
    able = [each for each in planned if not each.blockers]
    fates = Counter((date.name, date.fate) for each in able for date in each.dates)
    return {
        "placements": len(planned),
        "migrated": len(able),
        "refused": len(planned) - len(able),
        "idle": sum(each.idle for each in able),
        "settled": sum(each.settled for each in able),
        "fires": dict(Counter(name for each in able for name in each.fires)),
        "deadlines": {name: {fate: fates[name, fate] for n, fate in fates if n == name} for name, _ in fates},
    }


def _item_object(planned: Planned, lang: str, *, done: bool) -> Json:
    return {
        "reference": planned.reference,
        "revision": planned.revision,
        "version": planned.version,
        "state": planned.state,
        "to_state": planned.to_state,
        "done": done and not planned.blockers,
        "settled": planned.settled,
        "deadlines": [_date_object(each) for each in planned.dates],
        "fires": list(planned.fires),
        "idle": planned.idle,
        "blockers": [blocker_object(blocker, lang) for blocker in planned.blockers],
    }


def _date_object(plan: DatePlan) -> Json:
    return {"name": plan.name, "fate": plan.fate, "before": _ends(plan.before), "after": _ends(plan.after)}


def _ends(ends: tuple[date, datetime] | None) -> Json | None:
    return None if ends is None else {"last_day": day(ends[0]), "due_at": instant(ends[1])}


def write_plan(page: Page, rules: Rules, planned: Sequence[Planned], limit: int, *, done: bool) -> None:
    """The first placements line by line, then the totals."""
    target = f"{rules.definition.name} {rules.definition.version}, {rules.calendar.version}"
    page.heading(page.say(f"Vers {target} : {len(planned)} dossiers", f"To {target}: {len(planned)} placements"))
    columns = page.say("dossier|état|échéance|devient|dernier jour avant|dernier jour après|échoit aussitôt",
                       "placement|state|deadline|becomes|last day before|last day after|due at once")  # fmt: skip
    page.table(columns.split("|"), [row for each in planned[:limit] for row in _rows(page, each)])
    if len(planned) > limit:
        more = len(planned) - limit
        page.line(page.say(f"… et {more} autres (--limit).", f"… and {more} more (--limit)."))
    page.lines(_sentences(page, totals(planned), done=done))


def _rows(page: Page, planned: Planned) -> Iterable[tuple[str | None, ...]]:
    state = planned.state if planned.state == planned.to_state else f"{planned.state} → {planned.to_state}"
    if planned.blockers:
        reasons = " ; ".join(blocker.sentence(page.lang) for blocker in planned.blockers)
        yield planned.reference, state, None, page.say(f"refusé : {reasons}", f"refused: {reasons}"), None, None, None
        return
    shown = [each for each in planned.dates if each.fate != "same" or each.name in planned.fires]
    if not shown:
        yield planned.reference, state, None, page.say("rien ne change", "nothing changes"), None, None, None
    for each in shown:
        days = [None if ends is None else ends[0].isoformat() for ends in (each.before, each.after)]
        fires = page.say("oui", "yes") if each.name in planned.fires else None
        yield planned.reference, state, each.name, page.say(*_FATES[each.fate]), *days, fires


def _sentences(page: Page, total: Json, *, done: bool) -> Iterable[str]:
    for name, fates in total["deadlines"].items():
        said = ", ".join(f"{count} {page.say(*_FATES[fate])}" for fate, count in fates.items())
        yield f"{name}: {said}" if page.lang == "en" else f"{name} : {said}"
    for name, count in total["fires"].items():
        yield page.say(f"Échoit aussitôt : {name}, {count} fois.", f"Falls due at once: {name}, {count} times.")
    if total["settled"]:
        yield page.say(
            f"Inscrits d'abord, car échus : {total['settled']}.", f"Due and entered first: {total['settled']}."
        )
    if total["idle"]:
        yield page.say(f"Sans plus aucune échéance qui court : {total['idle']}.",
                       f"Left without any deadline that runs: {total['idle']}.")  # fmt: skip
    did = page.say("migrés" if done else "peuvent l'être", "migrated" if done else "can be")
    yield page.say(f"{total['migrated']} {did}, {total['refused']} refusés.",
                   f"{total['migrated']} {did}, {total['refused']} refused.")  # fmt: skip
