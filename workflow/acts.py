"""What a request asks of the one door: what it has in common with all others, and the decision that answers it."""

from collections.abc import Mapping

from workflow.adjusting import decide_adjust
from workflow.carrying_out import Act
from workflow.commands import Adjust, Amend, Erase, Fire, Request, Reverse
from workflow.correcting import decide_amend, decide_reverse
from workflow.deciding import decide_fire
from workflow.erasing import decide_erase


def asked(request: Request) -> tuple[Fire, Act]:
    """The request as who asks of what placement, under which key, at which revision; and what decides it."""
    if isinstance(request, Reverse):
        said = {"extend_to": str(request.extend_to), "waive": str(request.waive)}
        return _common(request, "reverse", said), lambda journal, actor: decide_reverse(journal, request, actor)
    if isinstance(request, Amend):
        common = _common(request, "amend", request.fields)
        return common, lambda journal, actor: decide_amend(journal, request, actor)
    if isinstance(request, Adjust):
        said = {"deadline": request.deadline, "by": request.by or str(request.to)}
        return _common(request, request.kind, said), lambda journal, actor: decide_adjust(journal, request, actor)
    if isinstance(request, Erase):
        fire = Fire(reference=request.reference, trigger="erase", actor=request.actor, expect=request.expect)
        return fire, lambda journal, actor: decide_erase(journal, request, actor)
    return request, lambda journal, actor: decide_fire(journal, request, actor)


def _common(request: Reverse | Amend | Adjust, trigger: str, said: Mapping[str, str]) -> Fire:
    return Fire(
        reference=request.reference,
        trigger=trigger,
        actor=request.actor,
        fields=said,
        key=request.key,
        expect=request.expect,
    )
