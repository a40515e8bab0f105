"""Corrections, for supervisors: of values, of a move or an entry, of a placement made by mistake, of a deadline."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import Depends
from starlette.datastructures import FormData

from operators.addresses import path_of
from operators.console.acting import moment_said
from operators.console.asking import Said, Sheet, ask, common_words
from operators.console.forms import FIELD, Input, input_of, moment_input, reason_inputs, reason_said, typed
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from settings import WrongUsage
from storage.queries import PlacementItem
from workflow.calendar import zone_of
from workflow.commands import Adjust, Amend, Reverse, Void
from workflow.definition import Label
from workflow.errors import NotFound
from workflow.views import PlacementView

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]
Line = Literal["pause", "resume", "extension", "move"]

LINE_LABELS: Final[Mapping[str, Label]] = {
    "pause": Label("Suspendre l’échéance", "Pause the deadline"),
    "resume": Label("Reprendre l’échéance", "Resume the deadline"),
    "extension": Label("Prolonger l’échéance", "Extend the deadline"),
    "move": Label("Déplacer l’échéance", "Move the deadline"),
}


@screen.get("/placements/{reference:reference}/amend", "placement.correct")
def show_amend(visit: Here, reference: str) -> Any:
    """The values as they are, to be corrected."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _amend_sheet(visit, item), None)


@screen.post("/placements/{reference:reference}/amend", "placement.correct")
def amend(visit: Here, reference: str, form: Form) -> Any:
    """Preview corrected values, or enter them."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _amend_sheet(visit, item), form)


def _amend_sheet(visit: Visit, item: PlacementItem) -> Sheet:
    view = visit.app.engine.view(item.reference)
    before = _present(view)

    def changed(said: Said) -> dict[str, str]:
        """What differs from the value that is there; personal values are not shown, and none typed means none meant."""
        texts = {name.removeprefix(FIELD): text for name, text in said.texts.items() if name.startswith(FIELD)}
        return {name: text for name, text in texts.items() if text != before.get(name, "")}

    def request(said: Said) -> Amend:
        return Amend(
            reference=item.reference, fields=changed(said), reason=reason_said(said.texts), actor=visit.who.name,
            roles=visit.roles_on(item), accept_earlier=bool(said.get("earlier")), expect=said.expect, key=said.key,
            dates="french",
        )  # fmt: skip

    def words(said: Said) -> list[str]:
        fields = view.rules.definition.fields
        sets = [f"{name}={'…' if fields[name].personal else text}" for name, text in changed(said).items()]
        earlier = ["--accept-earlier"] if said.get("earlier") else []
        return ["amend", item.reference, *(word for each in sets for word in ("--set", each)), *common_words(said),
                *earlier]  # fmt: skip

    title = visit.say("Corriger des valeurs", "Correct values")
    return Sheet(path_of(item.reference, "amend"), title, title, _amend_inputs(visit, view, before), request, words)


def _present(view: PlacementView) -> dict[str, str]:
    """The public values that are set, as they would be typed."""
    fields = view.rules.definition.fields
    return {name: typed(fields[name], value) for name, value in view.facts.fields.items() if name in fields}


def _amend_inputs(visit: Visit, view: PlacementView, before: Mapping[str, str]) -> list[Input]:
    definition = view.rules.definition
    shown = [name for name in definition.fields if view.facts.is_set(name)]
    values = [input_of(definition, name, visit.lang, value=before.get(name, "")) for name in shown]
    return [*values, *reason_inputs(definition, visit.lang, required=True), earlier_input(visit)]


def earlier_input(visit: Visit) -> Input:
    """What asks whether deadlines may come forward."""
    hint = visit.say("Sinon, une échéance ouverte qui avancerait garde son jour.",
                     "Else an open deadline that would come forward keeps its day.")  # fmt: skip
    return Input(
        "earlier", visit.say("Accepter des échéances plus proches", "Accept earlier deadlines"), "check", hint=hint
    )


@screen.get("/placements/{reference:reference}/reverse", "placement.correct")
def show_reverse(visit: Here, reference: str) -> Any:
    """The form of a reversal."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _reverse_sheet(visit, item), None)


@screen.post("/placements/{reference:reference}/reverse", "placement.correct")
def reverse(visit: Here, reference: str, form: Form) -> Any:
    """Preview a reversal, or carry it out."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _reverse_sheet(visit, item), form)


def _reverse_sheet(visit: Visit, item: PlacementItem) -> Sheet:
    definition = visit.app.engine.view(item.reference).rules.definition

    def request(said: Said) -> Reverse:
        extend_to, waive = _day(said.get("extend_to")), bool(said.get("waive"))
        if extend_to is not None and waive:
            raise WrongUsage(
                "Un autre dernier jour, ou la levée : non les deux.", "Another last day, or waiving: not both."
            )
        return Reverse(
            reference=item.reference, reason=reason_said(said.texts), actor=visit.who.name, roles=visit.roles_on(item),
            extend_to=extend_to, waive=waive, entry=_number(said.get("entry")), expect=said.expect, key=said.key,
        )  # fmt: skip

    def words(said: Said) -> list[str]:
        extend = ["--extend-to", said.get("extend_to")] if said.get("extend_to") else []
        entry = ["--entry", said.get("entry")] if said.get("entry") else []
        waive = ["--waive"] if said.get("waive") else []
        return ["reverse", item.reference, *common_words(said), *extend, *waive, *entry]

    title = visit.say("Annuler le dernier passage", "Reverse the last move")
    inputs = [*reason_inputs(definition, visit.lang, required=True), *reverse_inputs(visit)]
    return Sheet(path_of(item.reference, "reverse"), title, title, inputs, request, words, _reversal(visit), grave=True)


def _reversal(visit: Visit) -> str:
    return visit.say(
        "Le dernier changement d’état et ce qui l’a suivi ne comptent plus ; l’historique les garde.",
        "The last change of state and what followed it count no more; the history keeps them.",
    )


def reverse_inputs(visit: Visit) -> list[Input]:
    """What a reversal may say besides its reason."""
    say = visit.say
    return [
        Input("extend_to", say("Nouveau dernier jour des échéances alors passées",
                               "New last day of deadlines that have passed then"), "date"),
        Input("waive", say("Lever ces échéances", "Waive these deadlines"), "check"),
        Input("entry", say("Annuler plutôt l’écriture n°", "Reverse entry no. … instead"), "text",
              hint=say("Une correction, ou une ligne d’échéance.", "An amendment, or a line of a deadline.")),
    ]  # fmt: skip


@screen.get("/placements/{reference:reference}/void", "placement.correct")
def show_void(visit: Here, reference: str) -> Any:
    """The form of putting aside."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _void_sheet(visit, item), None)


@screen.post("/placements/{reference:reference}/void", "placement.correct")
def void(visit: Here, reference: str, form: Form) -> Any:
    """Preview putting a placement aside, or do it."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _void_sheet(visit, item), form)


def _void_sheet(visit: Visit, item: PlacementItem) -> Sheet:
    definition = visit.app.engine.view(item.reference).rules.definition

    def request(said: Said) -> Void:
        return Void(reference=item.reference, reason=reason_said(said.texts), actor=visit.who.name,
                    roles=visit.roles_on(item), expect=said.expect, key=said.key)  # fmt: skip

    title = visit.say("Mettre de côté", "Put aside")
    intro = visit.say("Pour un dossier créé par erreur. Il ne revient pas.",
                      "For a placement created by mistake. It does not come back.")  # fmt: skip
    return Sheet(
        path_of(item.reference, "void"), title, title, reason_inputs(definition, visit.lang, required=True), request,
        lambda said: ["void", item.reference, *common_words(said)], intro, grave=True,
    )  # fmt: skip


@screen.get("/placements/{reference:reference}/deadlines/{name}/{kind}", "placement.correct")
def show_adjust(visit: Here, reference: str, name: str, kind: Line) -> Any:
    """The form of a line in the ledger of a deadline."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _adjust_sheet(visit, item, name, kind), None)


@screen.post("/placements/{reference:reference}/deadlines/{name}/{kind}", "placement.correct")
def adjust(visit: Here, reference: str, name: str, kind: Line, form: Form) -> Any:
    """Preview such a line, or enter it."""
    item = visit.find(reference, "placement.correct")
    return ask(visit, item, _adjust_sheet(visit, item, name, kind), form)


def _adjust_sheet(visit: Visit, item: PlacementItem, name: str, kind: Line) -> Sheet:
    view = visit.app.engine.view(item.reference)
    if name not in view.rules.definition.deadlines:
        raise NotFound(name)

    def request(said: Said) -> Adjust:
        return Adjust(
            reference=item.reference, deadline=name, kind=kind, reason=reason_said(said.texts), actor=visit.who.name,
            roles=visit.roles_on(item), by=said.get("by") or None, to=_day(said.get("to")),
            ground=said.get("ground") or None, at=moment_said(said), expect=said.expect, key=said.key,
        )  # fmt: skip

    def words(said: Said) -> list[str]:
        how = {"extension": ["--by", said.get("by")], "move": ["--to", said.get("to")]}.get(kind, [])
        return ["deadline", {"extension": "extend"}.get(kind, kind), item.reference, name, *how, *common_words(said)]

    title = f"{LINE_LABELS[kind][visit.lang]} : {view.rules.definition.deadlines[name].label[visit.lang]}"
    path = path_of(item.reference, "deadlines", name, kind)
    return Sheet(path, title, LINE_LABELS[kind][visit.lang], _adjust_inputs(visit, view, kind), request, words)


def _adjust_inputs(visit: Visit, view: PlacementView, kind: Line) -> list[Input]:
    lang = visit.lang
    ground = Input(
        "ground", visit.say("Fondement juridique", "Legal ground"), hint=visit.say("Facultatif.", "Optional.")
    )
    moment = moment_input(zone_of(view.facts.territory).key, lang)
    reasons = reason_inputs(view.rules.definition, lang, required=True)
    return [*how_inputs(visit, kind), *reasons, ground, moment]


def how_inputs(visit: Visit, kind: str) -> list[Input]:
    """By how much, or to which day."""
    say = visit.say
    return {
        "extension": [Input("by", say("De combien", "By how much"), required=True,
                            hint=say("par exemple « 10 days », « 1 month »", "such as “10 days”, “1 month”"))],
        "move": [Input("to", say("Nouveau dernier jour", "New last day"), "date", required=True)],
    }.get(kind, [])  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUsage(f"{text!r} n'est pas une date : 2021-03-16.", f"{text!r} is no date: 2021-03-16.") from None


def _number(text: str) -> int | None:
    if text and not text.isdecimal():
        raise WrongUsage(f"{text!r} n'est pas un numéro d'écriture.", f"{text!r} is no number of an entry.")
    return int(text[:9]) if text else None
