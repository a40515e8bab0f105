"""The rules as published, their versions, and the deadline calculator."""

from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.responses import Response

from operators.api.caller import Caller
from operators.api.models.common import Listed
from operators.api.models.deadlines import Computed
from operators.api.models.definitions import Definition, Version
from operators.api.routing import Resource, answer, current
from operators.cli.batch_dates import Case
from operators.cli.output import day, instant
from operators.cli.shapes import definition_object, step_object
from settings import WrongUsage
from workflow import definition as language
from workflow.calendar import CalendarError

resource = Resource("definition")
Here = Annotated[Caller, Depends(current)]
Digest = Annotated[str | None, Query(max_length=100, description="Of this version; by default the one published last.")]
YAML = "application/yaml"


@resource.get("/definition", "definition.read", Definition, errors=(404,))
def definition(caller: Here, digest: Digest = None) -> Any:
    """One version of the rules: states, fields, transitions, deadlines, with their labels."""
    found = _found(caller, digest)
    return answer({
        **definition_object(found),
        "title": _label(found.title),
        "initial": found.initial,
        "timezone": found.timezone,
        "calendar": found.calendar,
        "roles": list(found.roles),
        "states": [_state(each) for each in found.states.values()],
        "fields": [_field(each) for each in found.fields.values()],
        "transitions": [_transition(each) for edges in found.transitions.values() for each in edges],
        "deadlines": [_deadline(each) for each in found.deadlines.values()],
        "reasons": {code: _label(label) for code, label in found.reasons.items()},
    }, caller)  # fmt: skip


@resource.get("/definition/source", "definition.read", media=YAML, errors=(404,))
def definition_source(caller: Here, digest: Digest = None) -> Any:
    """The exact bytes that were published."""
    return Response(_found(caller, digest).source, media_type=YAML)


@resource.get("/definition/versions", "definition.read", Listed[Version])
def versions(caller: Here) -> Any:
    """All that was published, the newest first."""
    with caller.app.store.reading() as reading:
        found = sorted(reading.versions(), key=lambda each: each.published_at, reverse=True)
    placements = caller.app.store.counts.by_definition()
    items = [
        {"name": each.name, "version": each.version, "digest": each.digest, "published_at": instant(each.published_at),
         "placements": placements.get(each.digest, 0)}
        for each in found
    ]  # fmt: skip
    return answer({"items": items, "next": None}, caller)


@resource.get("/date", "console.enter", Computed)
def date(
    caller: Here,
    anchor: Annotated[str, Query(alias="from", max_length=100, description="When the clock starts.")],
    territory: Annotated[str, Query(max_length=10, description="Département: gives zone and holidays.")],
    within: Annotated[str, Query(max_length=100, description='"15 days", "4 months", "48 hours".')],
    counting: Annotated[str, Query(max_length=20)] = "calendar",
    roll: Annotated[str, Query(max_length=20)] = "none",
) -> Any:
    """Compute a legal deadline."""
    case = Case("", anchor, territory, within, counting, roll)
    try:
        due = case.due(caller.app.engine.current_rules().calendar)
    except CalendarError as error:
        raise WrongUsage(f"La date ne peut être calculée : {error.fr}.",
                         f"The date cannot be computed: {error.en}.") from None  # fmt: skip
    steps = [step_object(step, caller.lang) for step in due.steps]
    dates = {"last_day": day(due.last_day), "instant": instant(due.instant), "due_at": instant(due.instant)}
    return answer({**case.as_object(), **dates, "steps": steps}, caller)


def _found(caller: Caller, digest: str | None) -> language.Definition:
    engine = caller.app.engine
    with caller.absent("Aucune version publiée n'a cette empreinte.", "No published version has this digest."):
        return (engine.current_rules() if digest is None else engine.rules(digest)).definition


def _label(label: language.Label | None) -> dict[str, str] | None:
    return None if label is None else {"fr": label.fr, "en": label.en}


def _state(state: language.State) -> dict[str, Any]:
    return {"name": state.name, "label": _label(state.label), "phase": state.phase, "final": state.final}


def _field(field: language.Field) -> dict[str, Any]:
    return {
        "name": field.name, "type": field.type, "label": _label(field.label), "required": field.required,
        "personal": field.personal, "values": [item.value for item in field.values],
    }  # fmt: skip


def _transition(edge: language.Transition) -> dict[str, Any]:
    return {
        "trigger": edge.trigger, "label": _label(edge.label), "from": sorted(edge.sources), "to": edge.to,
        "by": sorted(edge.by), "needs": list(edge.needs), "takes": list(edge.takes),
    }  # fmt: skip


def _deadline(spec: language.Deadline) -> dict[str, Any]:
    return {"name": spec.name, "label": _label(spec.label), "while": sorted(spec.span), "then": spec.then,
            "legal_basis": _label(spec.legal_basis)}  # fmt: skip
