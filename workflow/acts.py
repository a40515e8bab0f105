"""What a request asks of the one door: what it has in common with all others, and the decision that answers it."""

from collections.abc import Mapping

from workflow.adjusting import decide_adjust
from workflow.approving import decide_or_ask, decide_request
from workflow.carrying_out import Act, Repairs, never
from workflow.commands import Adjust, Amend, Correction, Decide, Erase, Fire, HoldData, Note, Remind, Request, Reverse
from workflow.correcting import decide_amend, decide_reverse
from workflow.deciding import decide_fire
from workflow.erasing import decide_erase, decide_hold
from workflow.facts import Facts
from workflow.remarks import decide_note, decide_remind, decide_void
from workflow.requested import Asked, act_of

REPAIRING = frozenset({"amend", "reverse", "move"})
"""The corrections that act on a placement with an incident, without settling it first."""


def asked(request: Request) -> tuple[Fire, Act, Repairs]:
    """The request as who asks of what placement, under which key, at which revision; and what decides it.

    The third says whether it may act on a placement with an incident.
    """
    if isinstance(request, Decide):
        common = _common(request, request.verdict, {"request": str(request.request)})
        return common, lambda journal, actor: decide_request(journal, request, actor, decision), _repairs(request)
    if isinstance(request, Note):
        return (
            _common(request, "note", {"text": request.text}),
            lambda journal, actor: decide_note(journal, request, actor),
            never,
        )
    if isinstance(request, Remind):
        common = _common(request, "remind", {"deadline": request.deadline})
        return common, lambda journal, actor: decide_remind(journal, request, actor), never
    if isinstance(request, HoldData):
        common = _common(request, "hold" if request.on else "release", {})
        return common, lambda journal, actor: decide_hold(journal, request, actor), never
    if isinstance(request, Erase):
        fire = Fire(reference=request.reference, trigger="erase", actor=request.actor, expect=request.expect)
        return fire, lambda journal, actor: decide_erase(journal, request, actor), never
    command = request if isinstance(request, Fire) else _common(request, *_said(request))
    return command, lambda journal, actor: decide_or_ask(journal, request, actor, decision(request)), _repairs(request)


def _repairs(request: Asked | Decide) -> Repairs:
    if not isinstance(request, Decide):
        return _always if act_of(request) in REPAIRING else never

    def repairs(facts: Facts) -> bool:
        waiting = [each.act for each in facts.requests if request.request in (None, each.seq)]
        return bool(waiting) and REPAIRING.issuperset(waiting)

    return repairs


def _always(_: Facts) -> bool:
    return True


def decision(request: Asked) -> Act:
    """What decides a request, whoever has to agree to it."""
    if isinstance(request, Fire):
        return lambda journal, actor: decide_fire(journal, request, actor)
    if isinstance(request, Reverse):
        return lambda journal, actor: decide_reverse(journal, request, actor)
    if isinstance(request, Amend):
        return lambda journal, actor: decide_amend(journal, request, actor)
    if isinstance(request, Adjust):
        return lambda journal, actor: decide_adjust(journal, request, actor)
    return lambda journal, actor: decide_void(journal, request, actor)


def _said(request: Correction) -> tuple[str, Mapping[str, str]]:
    """What a correction is called, and what two under one key must have in common."""
    if isinstance(request, Reverse):
        one = {} if request.entry is None else {"entry": str(request.entry)}
        return "reverse", {"extend_to": str(request.extend_to), "waive": str(request.waive), **one}
    if isinstance(request, Amend):
        return "amend", request.fields
    if isinstance(request, Adjust):
        return request.kind, {"deadline": request.deadline, "by": request.by or str(request.to)}
    return "void", {}


def _common(request: Correction | Decide | HoldData | Note | Remind, trigger: str, said: Mapping[str, str]) -> Fire:
    return Fire(
        reference=request.reference,
        trigger=trigger,
        actor=request.actor,
        fields=said,
        key=request.key,
        expect=request.expect,
    )
