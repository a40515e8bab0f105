"""What a notice tells: what is due, when exactly, how the date came out, what to do, and where. Says it in a language.

Holds no personal value: what people read of a placement here is its reference, its host and its state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from operators.addresses import page_of
from operators.notices.subject import Subject
from operators.roles import roles_text
from workflow.calendar import local_day, territory, zone_of
from workflow.civil import wording
from workflow.definition import Deadline, Definition, FieldAnchor, Transition
from workflow.errors import ParcoursError
from workflow.facts import Facts
from workflow.views import explained

MOST_ACTIONS: Final = 6


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done about it: its label, and the command that does it."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class Told:
    """One notice in one language. `title` is also the subject of its e-mail; `steps` explain the date."""

    kind: str
    title: str
    reference: str
    host: str
    state: str
    deadline: str
    last_day: str
    due: str
    steps: tuple[str, ...]
    legal_basis: str | None
    awaits: str
    actions: tuple[Action, ...]
    follows: str | None
    command: str
    page: str | None
    sandbox: bool


def told(subject: Subject, lang: str, *, url: str | None, sandbox: bool) -> Told:
    """A notice as people read it; `url` is the console's address."""
    facts, definition, entry = subject.facts, subject.view.rules.definition, subject.entry
    spec = subject.deadline
    label = str(entry.deadline) if spec is None else spec.label[lang]
    due_at = entry.due_at or entry.occurred_at
    last = _last_day(subject, due_at)
    day = _day(last, lang)
    return Told(
        kind=entry.kind,
        title=title(entry.kind, label, facts.reference, day, lang),
        reference=facts.reference,
        host=str(facts.fields.get("host_name") or ""),
        state=state_label(definition, facts.state, lang),
        deadline=label,
        last_day=day,
        due=due_text(due_at, facts.territory, lang),
        steps=_steps(subject, due_at, lang),
        legal_basis=spec.legal_basis[lang] if spec is not None and spec.legal_basis is not None else None,
        awaits=roles_text(spec.awaits, lang) if spec is not None else "",
        actions=tuple(_actions(definition, facts, spec, lang)) if spec is not None and entry.kind != "timeout" else (),
        follows=_follows(definition, spec, entry.trigger, lang),
        command=f"parcours explain {facts.reference} {entry.deadline}",
        page=page_of(url, facts.reference),
        sandbox=sandbox,
    )


def title(kind: str, label: str, reference: str, day: str, lang: str) -> str:
    """The notice in one line."""
    said = {
        "reminder": (f"Rappel : {label}, dossier {reference}, avant la fin du {day}",
                     f"Reminder: {label}, placement {reference}, before the end of {day}"),
        "note": (f"Rappel : {label}, dossier {reference}, avant la fin du {day}",
                 f"Reminder: {label}, placement {reference}, before the end of {day}"),
        "missed": (f"Délai dépassé : {label}, dossier {reference}", f"Overdue: {label}, placement {reference}"),
        "milestone": (f"Échéance atteinte : {label}, dossier {reference}", f"Reached: {label}, placement {reference}"),
        "timeout": (f"Délai échu : {label}, dossier {reference}", f"Lapsed: {label}, placement {reference}"),
    }  # fmt: skip
    fr, en = said[kind]
    return en if lang == "en" else fr


def state_label(definition: Definition, state: str, lang: str) -> str:
    """A state's label; its name where the definition has none."""
    return definition.states[state].label[lang] if state in definition.states else state


def due_text(moment: datetime, code: str, lang: str) -> str:
    """An instant in the placement's own time, with the zone and the place that it holds for."""
    local, place = moment.astimezone(zone_of(code)), territory(code)
    if lang == "en":
        return f"{wording.moment_en(local)}, {place.zone} time ({code}, {place.name})"
    return f"{wording.moment_fr(local)}, fuseau {place.zone} ({code}, {place.name})"


def _day(day: date, lang: str) -> str:
    return wording.day_en(day) if lang == "en" else wording.day_fr(day)


def _last_day(subject: Subject, due_at: datetime) -> date:
    occurrence = subject.facts.occurrences.get(str(subject.entry.deadline))
    if occurrence is not None and occurrence.due_at == due_at:
        return occurrence.last_day
    return local_day(due_at, subject.facts.territory)


def _steps(subject: Subject, due_at: datetime, lang: str) -> tuple[str, ...]:
    """How the date came out; nothing where the deadline has another date by now."""
    try:
        explanation = explained(subject.view.rules, subject.facts, str(subject.entry.deadline))
    except ParcoursError:
        return ()
    if explanation.due_at != due_at:
        return ()
    return tuple(step.en if lang == "en" else step.fr for step in explanation.steps)


def _actions(definition: Definition, facts: Facts, spec: Deadline, lang: str) -> Iterator[Action]:
    """What those who are awaited can do now that ends the deadline, or gives it another date."""
    found: dict[str, Action] = {}
    for trigger, transitions in definition.transitions.items():
        for each in transitions:
            roles = [role for role in spec.awaits if role in each.by]
            if roles and facts.state in each.sources and trigger not in found and _matters(each, spec):
                found[trigger] = Action(
                    trigger if each.label is None else each.label[lang], _command(facts.reference, each, roles[0])
                )
    yield from list(found.values())[:MOST_ACTIONS]


def _matters(transition: Transition, spec: Deadline) -> bool:
    until = spec.until
    if until is not None and until.trigger == transition.trigger:
        return True
    fields = {anchor.field for anchor in spec.anchors if isinstance(anchor, FieldAnchor)}
    fields |= {until.field} if until is not None and until.field else set()
    if fields & {*transition.needs, *transition.takes}:
        return True
    return transition.to is not None and (transition.to not in spec.span or transition.to in spec.stops)


def _command(reference: str, transition: Transition, role: str) -> str:
    sets = "".join(f" --set {name}=…" for name in transition.needs)
    reason = " --reason …" if transition.reason_required else ""
    return f"parcours fire {reference} {transition.trigger} --role {role}{sets}{reason}"


def _follows(definition: Definition, spec: Deadline | None, fired: str | None, lang: str) -> str | None:
    """What happens, or has happened, at the end of the deadline by itself."""
    trigger = fired or (None if spec is None else spec.then)
    first = next(iter(definition.transitions.get(str(trigger), ())), None)
    if first is None:
        return None
    label = str(trigger) if first.label is None else first.label[lang]
    return label if first.to is None else f"{label} → {state_label(definition, first.to, lang)}"
