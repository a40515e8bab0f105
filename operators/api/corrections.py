"""Corrections, for supervisors: of values, of a move or an entry, of a placement made by mistake, of a deadline."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends

from operators.api.acting import Asking, ask, texts_of
from operators.api.caller import Caller
from operators.api.models.changes import Outcome
from operators.api.models.corrections import AmendBody, Correction, ExtendBody, LineBody, MoveBody, ReverseBody
from operators.api.placements import ONE
from operators.api.routing import Resource, current
from operators.console.correcting import Line
from operators.moments import optional_moment
from settings import WrongUsage
from storage.queries import PlacementItem
from workflow.commands import Adjust, Amend, Reverse, Void

resource = Resource("corrections")
Here = Annotated[Caller, Depends(current)]
WAITS = {202: "It waits for a second person."}


@resource.post(f"{ONE}/amendment", "placement.correct", Outcome, also=WAITS)
def amend(caller: Here, reference: str, terms: Asking, body: AmendBody) -> Any:
    """Correct values of fields."""
    item, at = _found(caller, reference), optional_moment(body.at, "at")
    return ask(caller, terms, body.dry_run, lambda expect: Amend(
        reference=item.reference, fields=texts_of(body.fields), reason=body.reason, actor=caller.who.name,
        roles=caller.roles_on(item), accept_earlier=body.accept_earlier, at=at, expect=expect, key=terms.key,
    ))  # fmt: skip


@resource.post(f"{ONE}/reversal", "placement.correct", Outcome, also=WAITS)
def reverse(caller: Here, reference: str, terms: Asking, body: ReverseBody) -> Any:
    """Undo the last change of state with what followed it, or take back one entry."""
    item = _found(caller, reference)
    if body.extend_to is not None and body.waive:
        raise WrongUsage("extend_to ou waive : non les deux.", "extend_to or waive, not both.")
    return ask(caller, terms, body.dry_run, lambda expect: Reverse(
        reference=item.reference, reason=body.reason, actor=caller.who.name, roles=caller.roles_on(item),
        extend_to=body.extend_to, waive=body.waive, entry=body.entry, expect=expect, key=terms.key,
    ))  # fmt: skip


@resource.post(f"{ONE}/void", "placement.correct", Outcome, also=WAITS)
def void(caller: Here, reference: str, terms: Asking, body: Correction) -> Any:
    """Put aside a placement that was created by mistake; it does not come back."""
    item = _found(caller, reference)
    return ask(caller, terms, body.dry_run, lambda expect: Void(
        reference=item.reference, reason=body.reason, actor=caller.who.name, roles=caller.roles_on(item),
        expect=expect, key=terms.key,
    ))  # fmt: skip


@resource.post(f"{ONE}/deadlines/{{name}}/pause", "placement.correct", Outcome, also=WAITS)
def pause_deadline(caller: Here, reference: str, name: str, terms: Asking, body: LineBody) -> Any:
    """Stop the clock of a deadline: it fires nothing until it is resumed."""
    return _adjust(caller, reference, name, terms, "pause", body)


@resource.post(f"{ONE}/deadlines/{{name}}/resume", "placement.correct", Outcome, also=WAITS)
def resume_deadline(caller: Here, reference: str, name: str, terms: Asking, body: LineBody) -> Any:
    """Let the clock of a paused deadline run again."""
    return _adjust(caller, reference, name, terms, "resume", body)


@resource.post(f"{ONE}/deadlines/{{name}}/extension", "placement.correct", Outcome, also=WAITS)
def extend_deadline(caller: Here, reference: str, name: str, terms: Asking, body: ExtendBody) -> Any:
    """Make a deadline longer, counted as the deadline counts."""
    return _adjust(caller, reference, name, terms, "extension", body, by=body.by)


@resource.post(f"{ONE}/deadlines/{{name}}/move", "placement.correct", Outcome, also=WAITS)
def move_deadline(caller: Here, reference: str, name: str, terms: Asking, body: MoveBody) -> Any:
    """Give a deadline another last day."""
    return _adjust(caller, reference, name, terms, "move", body, to=body.to)


def _adjust(
    caller: Caller, reference: str, name: str, terms: Asking, kind: Line, body: LineBody, *,
    by: str | None = None, to: date | None = None,
) -> Any:  # fmt: skip
    item, at = _found(caller, reference), optional_moment(body.at, "at")
    return ask(caller, terms, body.dry_run, lambda expect: Adjust(
        reference=item.reference, deadline=name, kind=kind, reason=body.reason, actor=caller.who.name,
        roles=caller.roles_on(item), by=by, to=to, ground=body.ground, at=at, expect=expect, key=terms.key,
    ))  # fmt: skip


def _found(caller: Caller, reference: str) -> PlacementItem:
    return caller.find(reference, "placement.correct")
