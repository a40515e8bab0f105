"""Personal data of a placement, for supervisors: giving out what is kept, erasing it, a legal hold; and suppositions.

Giving out is entered in the log of accesses first. Nothing is erased but as many values as a dry run has named.
"""

from typing import Annotated, Any

from fastapi import Depends

from operators.api.acting import Asking, ask, texts_of
from operators.api.caller import Caller
from operators.api.models.changes import Outcome
from operators.api.models.persons import EraseBody, HoldBody, Person
from operators.api.models.supposing import SupposeBody, Supposed
from operators.api.placements import ONE
from operators.api.problems import Trouble
from operators.api.routing import Resource, answer, current
from operators.cli.shapes import supposed_object
from operators.console.person_forms import export_object
from operators.moments import optional_moment
from settings import WrongUsage
from storage.queries import PlacementItem
from workflow.commands import Erase, HoldData
from workflow.supposing import Supposition

resource = Resource("persons")
Here = Annotated[Caller, Depends(current)]


@resource.post(f"{ONE}/personal-data", "person.manage", Person, errors=(404,))
def personal_data(caller: Here, reference: str) -> Any:
    """All that is kept of persons, to be given out (GDPR art. 15); entered in the log of accesses first."""
    item = caller.find(reference, "person.manage")
    shown = export_object(caller.app.engine.persons(item.reference), None, caller.lang)
    names = {value["field"] for value in shown["values"]}
    caller.app.store.accounts.record_access(caller.who.id, item.id, names, caller.console.real.now())
    return answer(shown, caller)


@resource.post(f"{ONE}/erasure", "person.manage", Outcome)
def erase(caller: Here, reference: str, terms: Asking, body: EraseBody) -> Any:
    """Erase personal data for ever: as many values as a dry run named, which has to be said."""
    item = caller.find(reference, "person.manage")
    if body.everything == bool(body.fields):
        raise WrongUsage("fields ou everything : l'un des deux.", "fields or everything: one of the two.")

    def request(expect: int | None) -> Erase:
        return Erase(
            reference=item.reference, ground=body.ground, decision=body.decision, actor=caller.who.name,
            fields=tuple(body.fields), roles=caller.roles_on(item), expect=expect,
        )  # fmt: skip

    if not body.dry_run:
        _refuse_another_count(caller, request(terms.expected(caller, False)), body.count)
    return ask(caller, terms, body.dry_run, request)


def _refuse_another_count(caller: Caller, request: Erase, count: int | None) -> None:
    found = caller.app.engine.preview(request)
    named = sum(len(str(each.entry.fields.get("erased", "")).split()) for each in found.entries)
    if count != named:
        raise Trouble(422, "count_differs", f"L'effacement porte sur {named} valeurs : dites count.",
                      f"The erasure is of {named} values: say count.")  # fmt: skip


@resource.post(f"{ONE}/hold", "person.manage", Outcome)
def hold(caller: Here, reference: str, terms: Asking, body: HoldBody) -> Any:
    """Begin or end a legal hold: while it stands nothing is erased."""
    item = caller.find(reference, "person.manage")
    return ask(caller, terms, body.dry_run, lambda expect: HoldData(
        reference=item.reference, on=body.on, reason=body.reason, actor=caller.who.name, roles=caller.roles_on(item),
        expect=expect, key=terms.key,
    ))  # fmt: skip


@resource.post(f"{ONE}/suppositions", "placement.read", Supposed, errors=(404, 409))
def suppose(caller: Here, reference: str, body: SupposeBody) -> Any:
    """Every date that would follow if something happened; nothing is written."""
    item: PlacementItem = caller.find(reference)
    said = [Supposition(what=each.what, at=optional_moment(each.at, "at")) for each in body.suppose]
    found = caller.app.engine.what_if(item.reference, said, dict(texts_of(body.fields)))
    return answer(supposed_object(item.reference, found), caller)
