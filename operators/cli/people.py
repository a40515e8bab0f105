"""What people read of a placement: entries, outcomes, deadlines as tables, in their language, its zone."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from operators.cli.output import Page
from operators.moments import local_text
from workflow.calendar import zone_of
from workflow.definition import VOIDED, Definition
from workflow.history import MOVED, ChainedEntry, HistoryEntry
from workflow.requested import ASKED, OPTION
from workflow.standing import reversed_by
from workflow.views import DeadlineView
from workflow.waiting import ABOUT, ACT, APPROVED, REFUSED, REQUESTED, STEP, WITHDRAWN, answered_by

if TYPE_CHECKING:
    from app import App
    from operators.moved import Moved
    from workflow.commands import Otherwise, Outcome
    from workflow.facts import Waiting

_STATUS = {
    "running": ("en cours", "running"),
    "paused": ("suspendue", "paused"),
    "missed": ("manquée", "missed"),
    "not_started": ("pas commencée", "not started"),
}


_STEPS = {
    REQUESTED: ("demande", "request"),
    APPROVED: ("approuve", "approves"),
    REFUSED: ("refuse", "refuses"),
    WITHDRAWN: ("retire", "withdraws"),
}


def state_label(definition: Definition, state: str | None, lang: str) -> str:
    """A state's label with its name: `Contrat signé (contract_signed)`."""
    if state is None:
        return ""
    if state == VOIDED:
        return ("voided" if lang == "en" else "annulé") + f" ({VOIDED})"
    return f"{definition.states[state].label[lang]} ({state})" if state in definition.states else state


def field_label(definition: Definition, name: str, lang: str) -> str:
    """A field's label with its name."""
    return f"{definition.fields[name].label[lang]} ({name})" if name in definition.fields else name


def status_label(page: Page, status: str) -> str:
    """The status of a deadline in the page's language."""
    return page.say(*_STATUS[status]) if status in _STATUS else status


def write_outcome(page: Page, app: "App", outcome: "Outcome", moved: "Sequence[Moved] | None" = None) -> None:
    """Where the placement is now, what was due before, what the command entered, which deadlines it moved."""
    facts, zone = outcome.facts, zone_of(outcome.facts.territory)
    definition = app.engine.rules(facts.definition).definition
    state = state_label(definition, facts.state, page.lang)
    page.heading(page.say(f"{outcome.reference} : {state}, révision {facts.revision}",
                          f"{outcome.reference}: {state}, revision {facts.revision}"))  # fmt: skip
    if outcome.repeated:
        page.line(page.say("Déjà fait sous cette clé : voici la réponse d'alors.",
                           "Done before under this key: here is what was answered then."))  # fmt: skip
    if outcome.settled:
        page.line(page.say("Échu avant la demande :", "Due before the request:"))
        write_entries(page, app, outcome.settled, zone)
    write_entries(page, app, outcome.entries, zone)
    if outcome.waits is not None:
        page.line(waits_text(page, outcome.waits))
    if moved:
        page.line()
        columns = page.say("échéance|dernier jour avant|dernier jour après", "deadline|last day before|last day after")
        page.table(columns.split("|"), [_moved_row(each, zone) for each in moved])
    if outcome.otherwise:
        _write_otherwise(page, outcome, zone)


def _write_otherwise(page: Page, outcome: "Outcome", zone: ZoneInfo) -> None:
    """What has ended stays; with the values corrected it would have ended on another day."""
    page.line()
    page.line(page.say("Ce qui est échu le reste. Avec cette correction, la date aurait été :",
                       "What has ended stays as it is. With this correction the date would have been:"))  # fmt: skip
    columns = page.say("échéance|écriture|dernier jour|aurait été", "deadline|entry|last day|would have been")
    page.table(columns.split("|"), [_otherwise_row(page, each, zone) for each in outcome.otherwise])


def _otherwise_row(page: Page, each: "Otherwise", zone: ZoneInfo) -> tuple[str | int, ...]:
    if each.would_end_on is None or each.would_be_due_at is None:
        return each.deadline, each.seq, each.last_day.isoformat(), page.say("aucune", "none")
    if each.would_end_on == each.last_day:
        return each.deadline, each.seq, local_text(each.due_at, zone), local_text(each.would_be_due_at, zone)
    return each.deadline, each.seq, each.last_day.isoformat(), each.would_end_on.isoformat()


def waits_text(page: Page, waiting: "Waiting") -> str:
    """That a correction waits, for whom, and under which number."""
    roles = ", ".join(waiting.by)
    what = f"{waiting.act} {waiting.about}".rstrip()
    return page.say(f"Attend une approbation : demande n° {waiting.seq}, {what}, à approuver par {roles}.",
                    f"Waits for approval: request no. {waiting.seq}, {what}, by {roles}.")  # fmt: skip


def _moved_row(moved: "Moved", zone: ZoneInfo) -> tuple[str | None, ...]:
    days = [None if view is None else view.last_day for view in (moved.before, moved.after)]
    if days[0] == days[1]:
        moments = [None if view is None else view.due_at for view in (moved.before, moved.after)]
        return moved.name, *(local_text(moment, zone) for moment in moments)
    return moved.name, *(None if day is None else day.isoformat() for day in days)


def write_entries(page: Page, app: "App", items: Iterable[ChainedEntry], zone: ZoneInfo) -> None:
    """History entries as a table, oldest first, with names in place of actors' ids; reversed ones are marked."""
    entries = list(items)
    undone, answered = reversed_by(entries), answered_by(entries)
    columns = page.say("n°|survenu le|quoi|de|vers|champs|échéance|motif|par",
                       "seq|occurred at|what|from|to|fields|deadline|reason|by")  # fmt: skip
    with app.store.reading() as reading:
        names = {item.entry.actor: reading.actor(item.entry.actor) or item.entry.actor for item in entries}
    rows = [
        _entry_row(page, e, zone, names[e.actor], undone.get(e.seq), answered.get(e.seq))
        for e in (item.entry for item in entries)
    ]
    page.table(columns.split("|"), rows)


def _entry_row(
    page: Page, entry: HistoryEntry, zone: ZoneInfo, who: str, undone: int | None, answered: int | None
) -> tuple[str | int | None, ...]:
    kept = entry.from_state == entry.to_state
    # A placement's first entry sets a dozen fields at once, which `show` tells better.
    named = () if entry.kind == "placed" else {*entry.fields, *entry.commitments} - {"reason"}
    # What a request says besides the values that it asks for is told with its kind.
    changed = {name.removeprefix(ASKED) for name in named if not name.startswith((OPTION, MOVED, "approval."))}
    return (
        entry.seq,
        local_text(entry.occurred_at, zone),
        _what(page, entry, undone, answered),
        None if kept else entry.from_state,
        None if kept else entry.to_state,
        " ".join(sorted(changed)),
        entry.deadline,
        entry.reason,
        who,
    )


def _what(page: Page, entry: HistoryEntry, undone: int | None, answered: int | None) -> str:
    """The kind of an entry, its trigger, and whether it is late, reverses another, was reversed or answered."""
    said: list[str] = [entry.kind if entry.trigger is None else f"{entry.kind} {entry.trigger}"]
    if entry.kind == "migration":
        said.append(f"→ {entry.definition.name} {entry.definition.version}")
    if entry.kind == "approval":
        step = page.say(*_STEPS[str(entry.fields[STEP])])
        said = [f"{step} {entry.fields[ACT]} {entry.fields[ABOUT]}".rstrip()]
    if entry.concerns is not None:
        said.append(page.say(f"(concerne {entry.concerns})", f"(concerns {entry.concerns})"))
    if entry.late:
        said.append(page.say("(à temps, inscrit tard)", "(in time, entered late)"))
    if undone is not None:
        said.append(page.say(f"(annulé par {undone})", f"(reversed by {undone})"))
    if answered is not None:
        said.append(page.say(f"(réponse : {answered})", f"(answered by {answered})"))
    return " ".join(said)


def write_deadlines(page: Page, deadlines: Iterable[DeadlineView], zone: ZoneInfo) -> None:
    """The deadlines of one placement: last day, instant, status, what fires, reminders."""
    columns = page.say("échéance|dernier jour|instant|état|effet|rappels",
                       "deadline|last day|instant|status|then|reminders")  # fmt: skip
    page.table(columns.split("|"), [_deadline_row(page, view, zone) for view in deadlines])


def _deadline_row(page: Page, view: DeadlineView, zone: ZoneInfo) -> tuple[str | None, ...]:
    reminders = (f"{r.at.astimezone(zone):%Y-%m-%d}{'*' if r.sent else ''}" for r in view.reminders)
    last_day = None if view.last_day is None else view.last_day.isoformat()
    due = local_text(view.due_at, zone)
    return view.name, last_day, due, status_label(page, view.status), view.then, " ".join(reminders)
