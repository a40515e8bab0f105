"""One placement: where it is and why it waits, its dates, what may be done, its values, its history, its seal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends

from operators.commands import shell_words
from operators.console.routing import Screen, current
from operators.console.visit import Visit
from operators.sentences import blocker_text, unblocked_by
from operators.timeline import ACTS, Line, actor_names, timeline
from operators.value_texts import value_text
from operators.why import why
from storage.queries import PlacementItem
from workflow.brake import ClockBehind
from workflow.commands import Answer
from workflow.definition import SCHEDULER
from workflow.errors import TransitionRefused
from workflow.persons import PersonalView
from workflow.views import DeadlineView, Explanation, PlacementView

screen = Screen()
Here = Annotated[Visit, Depends(current)]


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its label, its text; None where it is personal and not revealed."""

    name: str
    label: str
    text: str | None
    personal: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline with how its date was computed."""

    view: DeadlineView
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class Possible:
    """One trigger: whether who looks may ask for it now, else why not, and who may."""

    answer: Answer
    label: str
    why_not: tuple[str, ...]
    who: tuple[str, ...]


@screen.get("/placements/{reference:reference}", "placement.read")
def show_placement(visit: Here, reference: str) -> Any:
    """The placement, its personal values masked."""
    item = visit.find(reference)
    return _page(visit, item, {})


@screen.post("/placements/{reference:reference}/reveal", "personal.reveal")
def reveal(visit: Here, reference: str) -> Any:
    """The placement with its personal values shown; entered in the log of accesses before they are."""
    item = visit.find(reference, "personal.reveal")
    values = visit.app.engine.persons(reference).values
    shown = [each for each in values if each.value is not None]
    visit.app.store.accounts.record_access(
        visit.who.id, item.id, {each.name for each in shown}, visit.console.real.now()
    )
    return _page(visit, item, {(each.seq, each.name): each for each in shown})


def _page(visit: Visit, item: PlacementItem, revealed: Mapping[tuple[int, str], PersonalView]) -> Any:
    view = visit.app.engine.view(item.reference)
    possible, refusal = _possible(visit, item)
    return visit.page(
        "placement.html",
        item=item,
        view=view,
        definition=view.rules.definition,
        reasons=why(view, visit.labels, visit.lang),
        deadlines=[_deadline(visit, item, each) for each in view.deadlines],
        possible=possible,
        refusal=refusal,
        rows=_rows(view, visit.lang, bool(revealed)),
        texts=_texts(revealed),
        lines=_lines(visit, item, view),
        unsealed=visit.app.store.counts.unsealed(item.id),
        revealed=bool(revealed),
        may_reveal=visit.allowed_on(item, "personal.reveal") and bool(view.facts.personal),
        may_act=visit.allowed_on(item, "placement.act"),
        may_correct=visit.allowed_on(item, "placement.correct"),
        roles=visit.roles_on(item),
        value_text=value_text,
        show_command=shell_words("show", item.reference),
        done=_done(visit),
        acts=ACTS,
    )


def _done(visit: Visit) -> str | None:
    """What was just done here, where the browser comes from a form."""
    query = visit.request.query_params
    if query.get("done", "").isdecimal():
        return visit.say(f"C’est inscrit : écriture n° {query['done']}.", f"It is entered: entry no. {query['done']}.")
    if query.get("waits", "").isdecimal():
        return visit.say(f"La demande n° {query['waits']} attend l’accord d’une autre personne.",
                         f"Request no. {query['waits']} waits for another person’s approval.")  # fmt: skip
    return None


def _deadline(visit: Visit, item: PlacementItem, view: DeadlineView) -> Deadline:
    started = view.anchored_at is not None
    return Deadline(view, visit.app.engine.explain(item.reference, view.name) if started else None)


def _possible(visit: Visit, item: PlacementItem) -> tuple[list[Possible], str | None]:
    """What may be asked for, possible things first; or why nothing may, where that is so."""
    try:
        answers = visit.app.engine.can(item.reference, roles=visit.roles_on(item))
    except TransitionRefused as refused:
        return [], " ".join(blocker_text(each, visit.labels, visit.lang) for each in refused.blockers)
    except ClockBehind as behind:
        return [], behind.held.sentence(visit.lang)
    offered = [answer for answer in answers if answer.by != (SCHEDULER,)]
    found = [_offer(visit, answer) for answer in offered]
    return sorted(found, key=lambda each: not each.answer.allowed), None


def _offer(visit: Visit, answer: Answer) -> Possible:
    label = visit.labels.triggers.get(answer.trigger)
    whys = tuple(blocker_text(each, visit.labels, visit.lang) for each in answer.blockers)
    # A sentence about roles names them already.
    told = any(unblocked_by(each) for each in answer.blockers)
    who = () if told else tuple(role for role in answer.by if role != SCHEDULER)
    return Possible(answer, label[visit.lang] if label else answer.trigger, whys, who)


def _rows(view: PlacementView, lang: str, revealed: bool) -> list[Row]:
    """The fields that are set, in the definition's order."""
    facts, rows = view.facts, []
    for name, spec in view.rules.definition.fields.items():
        if spec.personal and facts.is_set(name):
            text = value_text(spec, view.personal.get(name), lang) if revealed else None
            rows.append(Row(name, spec.label[lang], text, personal=True))
        elif not spec.personal and facts.fields.get(name) is not None:
            rows.append(Row(name, spec.label[lang], value_text(spec, facts.fields[name], lang), personal=False))
    return rows


def _texts(revealed: Mapping[tuple[int, str], PersonalView]) -> Mapping[int, list[PersonalView]]:
    """Personal values by the entry that set them."""
    found: dict[int, list[PersonalView]] = {}
    for (seq, _), each in revealed.items():
        found.setdefault(seq, []).append(each)
    return found


def _lines(visit: Visit, item: PlacementItem, view: PlacementView) -> list[Line]:
    """The history, the newest entry first."""
    with visit.app.store.reading() as reading:
        entries = reading.history(item.id)
        found = {entry.entry.actor: reading.actor(entry.entry.actor) for entry in entries}
    names = actor_names({actor: name or actor for actor, name in found.items()}, visit.lang)
    return timeline(entries, view.rules.definition, visit.labels, names, visit.lang)[::-1]
