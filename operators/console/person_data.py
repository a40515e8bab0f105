"""The personal data of one placement, for supervisors: erasing some of them, and the legal hold that forbids it."""

from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.datastructures import FormData

from operators.addresses import path_of
from operators.console.asking import Said, Sheet, ask, common_words
from operators.console.forms import Input, reason_inputs, reason_said
from operators.console.person_forms import GROUNDS, TEXTS
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from settings import WrongUsage
from storage.queries import PlacementItem
from workflow.commands import Erase, HoldData

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]
_WHICH: Final = "erase."


@screen.get("/placements/{reference:reference}/hold", "person.manage")
def show_hold(visit: Here, reference: str) -> Any:
    """The form of a legal hold, or of its end where one stands."""
    item = visit.find(reference, "person.manage")
    return ask(visit, item, _hold_sheet(visit, item), None)


@screen.post("/placements/{reference:reference}/hold", "person.manage")
def hold(visit: Here, reference: str, form: Form) -> Any:
    """Preview the hold or its end, or enter it."""
    item = visit.find(reference, "person.manage")
    return ask(visit, item, _hold_sheet(visit, item), form)


def _hold_sheet(visit: Visit, item: PlacementItem) -> Sheet:
    view = visit.app.engine.view(item.reference)
    begins = not view.facts.held

    def request(said: Said) -> HoldData:
        return HoldData(reference=item.reference, on=begins, reason=reason_said(said.texts), actor=visit.who.name,
                        roles=visit.roles_on(item), expect=said.expect, key=said.key)  # fmt: skip

    title = visit.say("Conserver : rien ne sera effacé", "Hold: nothing will be erased") if begins else (
        visit.say("Lever la conservation légale", "End the legal hold"))  # fmt: skip
    intro = visit.say("Tant que dure un litige ou un contrôle.", "While a dispute or a control lasts.") if begins else (
        visit.say("Ce qui a expiré entre-temps sera effacé.", "What expired meanwhile will be erased."))  # fmt: skip
    return Sheet(
        path_of(item.reference, "hold"), title, title,
        reason_inputs(view.rules.definition, visit.lang, required=True), request,
        lambda said: ["person", "hold" if begins else "release", item.reference, *common_words(said)], intro,
    )  # fmt: skip


@screen.get("/placements/{reference:reference}/erase", "person.manage")
def show_erase(visit: Here, reference: str) -> Any:
    """The form of an erasure."""
    item = visit.find(reference, "person.manage")
    return ask(visit, item, _erase_sheet(visit, item), None)


@screen.post("/placements/{reference:reference}/erase", "person.manage")
def erase(visit: Here, reference: str, form: Form) -> Any:
    """Preview an erasure, or do it."""
    item = visit.find(reference, "person.manage")
    return ask(visit, item, _erase_sheet(visit, item), form)


def _erase_sheet(visit: Visit, item: PlacementItem) -> Sheet:
    kept = _kept(visit, item)

    def request(said: Said) -> Erase:
        names = [name for name in kept if said.get(_WHICH + name)]
        if not names:
            raise WrongUsage("Cochez ce qui est à effacer.", "Tick what is to be erased.")
        return Erase(reference=item.reference, ground=said.get("ground"), decision=said.get("decision"),
                     actor=visit.who.name, fields=names, roles=visit.roles_on(item), expect=said.expect)  # fmt: skip

    def words(said: Said) -> list[str]:
        chosen = [word for name in kept if said.get(_WHICH + name) for word in ("--field", name)]
        return ["person", "erase", item.reference, *chosen, "--ground", said.get("ground"), "--decision",
                said.get("decision")]  # fmt: skip

    title = visit.say("Effacer des données personnelles", "Erase personal data")
    intro = visit.say("Sans retour. L’historique dira quoi, quand, par qui, sur quel fondement ; non la valeur.",
                      "For ever. The history will say what, when, by whom, on which ground; no value.")  # fmt: skip
    checks = [Input(_WHICH + name, label, "check") for name, label in kept.items()]
    return Sheet(path_of(item.reference, "erase"), title, title, [*checks, *decision_inputs(visit)], request, words,
                 intro, grave=True)  # fmt: skip


def _kept(visit: Visit, item: PlacementItem) -> dict[str, str]:
    """The names of what is kept of persons, with their labels; not what it says."""
    view = visit.app.engine.persons(item.reference)
    fields, lang = view.rules.definition.fields, visit.lang
    names = dict.fromkeys(each.name for each in view.values if not each.erased)
    return {
        name: (fields[name].label[lang] if name in fields else TEXTS[name][lang] if name in TEXTS else name)
        for name in names
    }


def decision_inputs(visit: Visit) -> list[Input]:
    """What asks for the ground of an erasure, and for its decision."""
    grounds = [(code, label[visit.lang]) for code, label in GROUNDS.items()]
    hint = visit.say("La référence de votre dossier, sans espace : elle reste. Par exemple DPD-2022/7.",
                     "Your file’s reference, without spaces: it stays. Such as DPO-2022/7.")  # fmt: skip
    return [
        Input("ground", visit.say("Fondement (RGPD, article 17)", "Ground (GDPR, article 17)"), "select",
              required=True, choices=grounds),
        Input("decision", visit.say("Décision", "Decision"), required=True, hint=hint),
    ]  # fmt: skip
