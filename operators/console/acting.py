"""Asking for a transition, and remarks: what operators do every day. Also late facts, for who may correct."""

from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData

from operators.addresses import path_of
from operators.console.asking import Said, Sheet, ask, common_words, set_words
from operators.console.forms import (
    Input,
    fields_said,
    input_of,
    is_asked,
    moment_input,
    reason_inputs,
    reason_said,
)
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.moments import parse_moment
from storage.queries import PlacementItem
from workflow.brake import ClockBehind
from workflow.calendar import local_day, zone_of
from workflow.commands import Answer, Fire, Moment, Note
from workflow.definition import Definition
from workflow.errors import NotFound, TransitionRefused
from workflow.facts import Facts

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]


@screen.get("/placements/{reference:reference}/fire/{trigger}", "placement.act")
def show_fire(visit: Here, reference: str, trigger: str) -> Any:
    """The form of a trigger, made from the definition."""
    item = visit.find(reference, "placement.act")
    return ask(visit, item, _fire_sheet(visit, item, trigger), None)


@screen.post("/placements/{reference:reference}/fire/{trigger}", "placement.act")
def fire(visit: Here, reference: str, trigger: str, form: Form) -> Any:
    """Preview a transition, or carry it out."""
    item = visit.find(reference, "placement.act")
    return ask(visit, item, _fire_sheet(visit, item, trigger), form)


def _fire_sheet(visit: Visit, item: PlacementItem, trigger: str) -> Sheet:
    view = visit.app.engine.view(item.reference)
    definition, facts = view.rules.definition, view.facts
    if trigger not in definition.transitions:
        raise NotFound(trigger)
    label = visit.labels.triggers[trigger][visit.lang]
    late = visit.allowed_on(item, "placement.correct")

    def request(said: Said) -> Fire:
        return Fire(
            reference=item.reference, trigger=trigger, actor=visit.who.name, fields=fields_said(said.texts),
            at=moment_said(said), roles=visit.roles_on(item), reason=reason_said(said.texts), key=said.key,
            expect=said.expect, late=bool(said.get("late")), dates="french",
        )  # fmt: skip

    def words(said: Said) -> list[str]:
        late_word = ["--late"] if said.get("late") else []
        return ["fire", item.reference, trigger, *set_words(said, visit), *common_words(said), *late_word]

    inputs = _inputs(visit, definition, facts, trigger, _answer(visit, item, trigger))
    return Sheet(
        path_of(item.reference, "fire", trigger), label, label, [*inputs, *([_late(visit)] if late else [])],
        request, words,
    )  # fmt: skip


def _answer(visit: Visit, item: PlacementItem, trigger: str) -> Answer | None:
    """What the engine asks for with a trigger now; None where nothing may be asked at all."""
    try:
        found = visit.app.engine.can(item.reference, trigger, roles=visit.roles_on(item))
    except (TransitionRefused, ClockBehind):
        return None
    return found[0] if found[0].to is not None else None


def _inputs(visit: Visit, definition: Definition, facts: Facts, trigger: str, answer: Answer | None) -> list[Input]:
    """What a trigger needs and takes here; where it has no transition here, all that it may take somewhere."""
    edges = definition.transitions[trigger]
    everything = tuple(dict.fromkeys(name for edge in edges for name in (*edge.needs, *edge.takes)))
    needs, takes = (answer.needs, answer.takes) if answer else ((), everything)
    kept = {name for edge in edges for name in edge.kept}
    today = local_day(visit.now, facts.territory)
    dated_by = next((edge.dated_by for edge in edges if edge.dated_by), None)
    inputs = [
        input_of(
            definition, name, visit.lang, required=is_asked(facts, name, needs, kept), today=today,
            value=today.isoformat() if name == dated_by else "",
        )
        for name in dict.fromkeys((*needs, *takes)) if name != "reason"
    ]  # fmt: skip
    label = definition.fields[dated_by].label[visit.lang] if dated_by else None
    moment = moment_input(zone_of(facts.territory).key, visit.lang, dated_by=label)
    return [*inputs, *reason_inputs(definition, visit.lang, required="reason" in needs), moment]


def _late(visit: Visit) -> Input:
    return Input(
        "late",
        visit.say("Fait tardif", "Late fact"),
        "check",
        aside=True,
        hint=visit.say(
            "Ce que l’échéancier a fait depuis est annulé, puis recalculé. Demande un motif.",
            "What the scheduler did since is reversed, then computed anew. Needs a reason.",
        ),
    )


def moment_said(said: Said) -> Moment:
    """When it happened; None where nothing was said. Raises WrongUsage."""
    text = said.get("at")
    return parse_moment(text, "«") if text else None


@screen.get("/placements/{reference:reference}/note", "placement.act")
def show_note(visit: Here, reference: str) -> Any:
    """The form of a remark."""
    item = visit.find(reference, "placement.act")
    return ask(visit, item, _note_sheet(visit, item), None)


@screen.post("/placements/{reference:reference}/note", "placement.act")
def note(visit: Here, reference: str, form: Form) -> Any:
    """Preview a remark, or enter it."""
    item = visit.find(reference, "placement.act")
    return ask(visit, item, _note_sheet(visit, item), form)


def _note_sheet(visit: Visit, item: PlacementItem) -> Sheet:
    def request(said: Said) -> Note:
        return Note(reference=item.reference, text=said.get("text"), actor=visit.who.name, expect=said.expect,
                    key=said.key)  # fmt: skip

    text = Input(
        "text",
        visit.say("Remarque", "Remark"),
        "textarea",
        required=True,
        hint=visit.say("Conservée avec les données personnelles.", "Kept with the personal data."),
    )
    title = visit.say("Ajouter une remarque", "Add a remark")
    return Sheet(
        path_of(item.reference, "note"), title, title, [text], request, lambda _: ["note", item.reference, "…"]
    )
