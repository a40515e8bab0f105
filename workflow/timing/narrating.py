"""A life, or a path that could not be lived, as dated sentences in French and English."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from workflow.calendar import zone_of
from workflow.definition import Definition, Label
from workflow.errors import Happening
from workflow.history import HistoryEntry
from workflow.timing.exploring import Visit
from workflow.timing.lives import TERRITORY, Life


def told(definition: Definition, life: Life) -> tuple[Happening, ...]:
    """What the engine entered, without reminders."""
    return tuple(_entry(definition, entry) for entry in life.entries if entry.kind != "reminder")


def supposed(
    definition: Definition, path: Sequence[Visit], days: Sequence[int], begins_on: date
) -> tuple[Happening, ...]:
    """What a path says, on the days that the clocks allow."""
    return tuple(_steps(definition, path, days, begins_on))


def at(moment: datetime, fr: str, en: str) -> Happening:
    """Something else that a path shows, at its moment."""
    return Happening(moment.astimezone(zone_of(TERRITORY)), fr, en)


def _entry(definition: Definition, entry: HistoryEntry) -> Happening:
    state = definition.states[str(entry.to_state)].label if entry.to_state in definition.states else None
    fr, en = _sentences(definition, entry.kind, str(entry.deadline or entry.trigger), state)
    return at(entry.occurred_at, fr, en)


def _sentences(definition: Definition, kind: str, name: str, state: Label | None) -> tuple[str, str]:
    fr, en = (state.fr, state.en) if state else ("", "")
    if kind == "placed":
        return f"placement créé : {fr}", f"placed: {en}"
    if kind in ("timeout", "missed", "milestone"):
        label = definition.deadlines[name].label
        told_fr = {"timeout": f"échue, → {fr}", "missed": "échue, avis seulement", "milestone": "jalon"}[kind]
        told_en = {"timeout": f"falls due, → {en}", "missed": "falls due, a notice only", "milestone": "milestone"}
        return f"échéance {label.fr} ({name}) {told_fr}", f"deadline {label.en} ({name}) {told_en[kind]}"
    label = _trigger_label(definition, name)
    arrow_fr, arrow_en = ("", "") if kind == "recorded" else (f" → {fr}", f" → {en}")
    return f"{label.fr} ({name}){arrow_fr}", f"{label.en} ({name}){arrow_en}"


def _trigger_label(definition: Definition, name: str) -> Label:
    moves = (*definition.transitions.get(name, ()), *(each for each in definition.automatic if each.trigger == name))
    return next((move.label for move in moves if move.label is not None), Label(name, name))


def _steps(definition: Definition, path: Sequence[Visit], days: Sequence[int], begins_on: date) -> Iterator[Happening]:
    kinds = {"moved": "transition"}
    for visit, day in zip(path, days, strict=True):
        kind = visit.step.kind
        if kind in ("waited", "rested", "passed"):
            continue
        local = datetime.combine(begins_on + timedelta(days=day), time(0 if visit.node.midnight else 12))
        moment = local.replace(tzinfo=zone_of(TERRITORY)).astimezone(UTC)
        label = definition.states[visit.node.state].label
        yield at(moment, *_sentences(definition, kinds.get(kind, kind), visit.step.name, label))
