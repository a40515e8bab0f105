"""Creating a placement: its reference, the fields that are required, and any other that waits for no trigger."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends
from starlette.datastructures import FormData

from operators.addresses import path_of
from operators.console.forms import FIELD, Input, fields_said, filled, input_of, said_in
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.sentences import blocker_text
from workflow.brake import ClockBehind
from workflow.commands import Place
from workflow.defaults import with_defaults
from workflow.definition import Definition, Value
from workflow.errors import StalePlacement, TransitionRefused
from workflow.placing import waiting_fields
from workflow.requests import read_fields

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]


@screen.get("/place", "placement.place")
def show_place(visit: Here) -> Any:
    """The form of a new placement."""
    return _form(visit, {}, {}, uuid4().hex)


@screen.post("/place", "placement.place")
def place(visit: Here, form: Form) -> Any:
    """Create it, where who asks may."""
    definition = visit.app.engine.current_rules().definition
    said = said_in(_inputs(visit, definition), form)
    fields, key = fields_said(said), str(form.get("key", ""))[:100] or uuid4().hex
    if not is_within(visit, fields):
        wrong = visit.say("Vous ne pouvez pas créer de dossier pour ce département ou cette structure.",
                          "You cannot create placements for this département or host.")  # fmt: skip
        return _form(visit, said, {FIELD + "territory": [wrong]}, key, 422)
    command = Place(reference=said.get("reference", ""), fields=fields, actor=visit.who.name, key=key, dates="french")
    try:
        done = visit.app.engine.place(command)
    except TransitionRefused as refused:
        return _form(visit, said, _errors(visit, refused), key, 422)
    except StalePlacement:
        taken = visit.say("Cette référence existe déjà.", "This reference exists already.")
        return _form(visit, said, {"reference": [taken]}, key, 409)
    except ClockBehind as behind:
        return _form(visit, said, {"": [behind.held.sentence(visit.lang)]}, key, 503)
    return visit.go(f"{path_of(done.reference)}?done=1")


def is_within(visit: Visit, fields: dict[str, str]) -> bool:
    """Whether the new placement would lie where who asks may create some; what is missing is the engine's matter."""
    definition = visit.app.engine.current_rules().definition
    known = {name: text for name, text in fields.items() if name in definition.fields}
    values = with_defaults(definition, read_fields(definition, known, "french", None).values)
    territory, host = values.get("territory"), values.get("host_siret")
    reach = visit.reach("placement.place")
    return territory is None or any(each.holds(_text(territory), _text(host)) for each in reach)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _inputs(visit: Visit, definition: Definition) -> list[Input]:
    waiting = waiting_fields(definition)
    reference = Input("reference", visit.say("Référence", "Reference"), required=True)
    own = [name for name in definition.fields if name not in waiting]
    inputs = [input_of(definition, name, visit.lang, required=_must_be_typed(definition, name)) for name in own]
    return [reference, *sorted(inputs, key=lambda each: not each.required)]


def _must_be_typed(definition: Definition, name: str) -> bool:
    spec = definition.fields[name]
    return spec.required and spec.default is None


def _errors(visit: Visit, refused: TransitionRefused) -> dict[str, list[str]]:
    """What is wrong, by input; the reference's own faults with it, all else above the form."""
    found: dict[str, list[str]] = {}
    for blocker in refused.blockers:
        name = "reference" if blocker.code == "reference_not_allowed" else ""
        field = FIELD + str(blocker.details["field"]) if "field" in blocker.details else name
        found.setdefault(field, []).append(blocker_text(blocker, visit.labels, visit.lang))
    return found


def _form(visit: Visit, said: dict[str, str], errors: dict[str, list[str]], key: str, status: int = 200) -> Any:
    inputs = filled(_inputs(visit, visit.app.engine.current_rules().definition), said, errors)
    return visit.page("place.html", status, inputs=inputs, others=errors.get("", []), key=key, wrong=bool(errors))
