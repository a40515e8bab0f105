"""What happens to placements every day: creating one, a transition, a remark; and what is entered late."""

from typing import Annotated, Any

from fastapi import Depends

from operators.api.acting import Asking, Key, address_of, ask, texts_of
from operators.api.caller import Caller
from operators.api.models.changes import FireBody, NoteBody, Outcome, PlaceBody
from operators.api.placements import ONE, etag
from operators.api.problems import Trouble
from operators.api.routing import Resource, answer, current
from operators.cli.shapes import outcome_object
from operators.console.placing import is_within
from operators.console.policy import Action
from operators.moments import optional_moment
from workflow.commands import Fire, Note, Place

resource = Resource("acts")
Here = Annotated[Caller, Depends(current)]


@resource.post(
    "/placements", "placement.place", Outcome, errors=(409,), also={201: "It was created; asked again, 200."}
)
def place(caller: Here, key: Key, body: PlaceBody) -> Any:
    """Create a placement, where who asks may."""
    fields = dict(texts_of(body.fields))
    if not is_within(caller, fields):
        raise Trouble(403, "forbidden", "Ce jeton ne crée pas de dossier pour ce département ou cette structure.",
                      "This token creates no placements for this département or host.")  # fmt: skip
    command = Place(reference=body.reference, fields=fields, actor=caller.who.name, at=optional_moment(body.at, "at"),
                    key=key)  # fmt: skip
    done = caller.app.engine.place(command)
    shown = outcome_object(caller.app.engine, done)
    headers = {"ETag": etag(shown["revision"]), "Location": address_of(done.reference)}
    return answer(shown, caller, 200 if done.repeated else 201, **headers)


@resource.post(f"{ONE}/transitions", "placement.act", Outcome, also={202: "It waits for a second person."})
def fire(caller: Here, reference: str, terms: Asking, body: FireBody) -> Any:
    """Ask for a transition."""
    return _fire(caller, reference, terms, body, "placement.act", late=False)


@resource.post(f"{ONE}/late-facts", "placement.correct", Outcome, also={202: "It waits for a second person."})
def enter_late(caller: Here, reference: str, terms: Asking, body: FireBody) -> Any:
    """Enter a transition that happened before others were entered: what the scheduler did since is reversed."""
    return _fire(caller, reference, terms, body, "placement.correct", late=True)


def _fire(caller: Caller, reference: str, terms: Asking, body: FireBody, action: Action, *, late: bool) -> Any:
    item = caller.find(reference, action)
    at = optional_moment(body.at, "at")
    return ask(caller, terms, body.dry_run, lambda expect: Fire(
        reference=item.reference, trigger=body.trigger, actor=caller.who.name, fields=texts_of(body.fields), at=at,
        roles=caller.roles_on(item), reason=body.reason, key=terms.key, expect=expect, late=late,
    ))  # fmt: skip


@resource.post(f"{ONE}/notes", "placement.act", Outcome)
def note(caller: Here, reference: str, terms: Asking, body: NoteBody) -> Any:
    """Attach a remark."""
    item = caller.find(reference, "placement.act")
    at = optional_moment(body.at, "at")
    return ask(caller, terms, body.dry_run, lambda expect: Note(
        reference=item.reference, text=body.text, actor=caller.who.name, at=at, expect=expect, key=terms.key,
    ))  # fmt: skip
