"""People of whom placements speak, for supervisors: finding a person, giving out what is kept of them, erasing it.

How a person is called is typed into a form and stands in no address and no log. Finding shows no value; giving values
out is entered in the log of accesses, placement by placement, before it is done.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from operators.console.person_forms import GROUNDS, export_object
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.sentences import blocker_text
from settings import WrongUsage
from storage.queries import EVERYWHERE, PlacementItem
from workflow.brake import ClockBehind
from workflow.commands import Erase, Outcome
from workflow.errors import StalePlacement, TransitionRefused
from workflow.finding import Found, Mentioned

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

_WAYS: Final = 20
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Spoken:
    """A placement within reach that speaks of the person, and what of it was seen."""

    item: PlacementItem
    mentioned: Mentioned

    @property
    def fields(self) -> list[str]:
        """The names of what speaks of the person."""
        return list(dict.fromkeys(each.name for each in self.mentioned.mentions))

    @property
    def seen(self) -> str:
        """Stands for this placement exactly as it was found: another mention or revision gives another text."""
        parts = [str(self.mentioned.revision), *sorted(each.commitment for each in self.mentioned.mentions)]
        return f"{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:32]}:{self.mentioned.reference}"


@dataclass(frozen=True, slots=True)
class Erased:
    """One placement of an erasure: how many values went, or would go; or why none."""

    reference: str
    fields: Sequence[str]
    others: Sequence[str]
    count: int
    why_not: str = ""


@screen.get("/people", "person.manage")
def show_people(visit: Here) -> Any:
    """Asks how the person is called."""
    return visit.page("persons.html", ways="", spoken=None, found=None, wrong=None, everywhere=False, grounds=GROUNDS)


@screen.post("/people", "person.manage")
def find(visit: Here, form: Form) -> Any:
    """Which placements speak of the person: by which fields, not what they say."""
    try:
        texts = _texts(form)
    except WrongUsage as error:
        return visit.page("persons.html", 422, ways="", spoken=None, found=None, grounds=GROUNDS, everywhere=False,
                          wrong=visit.say(error.message, error.message_en))  # fmt: skip
    found, spoken = _found(visit, texts)
    return visit.page("persons.html", ways="\n".join(texts), spoken=spoken, found=found, wrong=None, grounds=GROUNDS,
                      everywhere=visit.reach("person.manage") == EVERYWHERE)  # fmt: skip


@screen.post("/people/export", "person.manage")
def export(visit: Here, form: Form) -> Any:
    """What is kept of the person, as JSON to be given out (GDPR art. 15); all that is kept there if that is asked."""
    _, spoken = _found(visit, _texts(form))
    everything = bool(form.get("everything"))
    now, shown = visit.console.real.now(), []
    for each in spoken:
        view = visit.app.engine.persons(each.item.reference)
        about = None if everything else {(one.seq, one.name) for one in each.mentioned.mentions}
        said = export_object(view, about, visit.lang)
        names = {value["field"] for value in said["values"]}
        visit.app.store.accounts.record_access(visit.who.id, each.item.id, names, now)
        shown.append(said)
    text = json.dumps({"placements": shown}, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="person.json"', "Cache-Control": "no-store"}
    return Response(text + "\n", media_type="application/json", headers=headers)


@screen.post("/people/erase", "person.manage")
def erase(visit: Here, form: Form) -> Any:
    """Preview erasing the person from all placements found, or do it; those that changed since are left alone."""
    texts, confirming = _texts(form), form.get("step") == "confirm"
    seen = [str(each) for each in form.getlist("seen")]
    _, spoken = _found(visit, texts)
    asked = _Asked(str(form.get("ground", "")), str(form.get("decision", "")).strip(), bool(form.get("everything")))
    try:
        tried = [asked.tried(visit, each, None) for each in spoken]
        ready = sum(not each.why_not for each in tried)
        if not confirming:
            return _preview(visit, texts, asked, spoken, tried)
        if "".join(str(form.get("count", "")).split()) != str(form.get("ready", "")) or not ready:
            wrong = visit.say(f"Pour confirmer, saisissez le nombre de dossiers : {ready}.",
                              f"To confirm, type the number of placements: {ready}.")  # fmt: skip
            return _preview(visit, texts, asked, spoken, tried, 422, wrong)
        return visit.page("person_erased.html", items=_act(visit, asked, spoken, tried, seen))
    except ClockBehind as behind:
        return _preview(visit, texts, asked, [], [], 503, behind.held.sentence(visit.lang))


@dataclass(frozen=True, slots=True)
class _Asked:
    """On which ground and decision, and whether all that is kept there goes, or what speaks of the person."""

    ground: str
    decision: str
    everything: bool

    def request(self, visit: Visit, each: Spoken, correlation: str | None) -> Erase:
        narrow = () if self.everything else tuple(one.commitment for one in each.mentioned.mentions)
        return Erase(
            reference=each.item.reference, ground=self.ground, decision=self.decision, actor=visit.who.name,
            commitments=narrow, roles=visit.roles_on(each.item), expect=each.mentioned.revision,
            correlation=correlation,
        )  # fmt: skip

    def tried(self, visit: Visit, each: Spoken, correlation: str | None) -> Erased:
        """Erase where there is a correlation, else preview it."""
        engine = visit.app.engine
        of = (each.item.reference, each.fields, each.mentioned.others)
        try:
            outcome = (engine.preview if correlation is None else engine.ask)(self.request(visit, each, correlation))
        except StalePlacement:
            return Erased(*of, 0, _changed(visit))
        except TransitionRefused as refused:
            return Erased(*of, 0, " ".join(blocker_text(one, visit.labels, visit.lang) for one in refused.blockers))
        return Erased(*of, _count(outcome))


def _act(
    visit: Visit, asked: _Asked, spoken: Sequence[Spoken], tried: Sequence[Erased], seen: Sequence[str]
) -> list[Erased]:
    """Erase what was previewed, as it was previewed; all else is told, and left alone."""
    correlation = f"bulk:{uuid4().hex}"
    as_seen = {each.item.reference: each for each in spoken if each.seen in seen}
    previewed = list(dict.fromkeys(text.partition(":")[2] for text in seen))
    done = [asked.tried(visit, as_seen[name], correlation) for name in previewed if name in as_seen]
    changed = [name for name in previewed if name not in as_seen]
    # What was refused in the preview is told with its reason, and not tried: nobody confirmed it.
    others = [replace(each, count=0, why_not=each.why_not or _changed(visit)) for each in tried
              if each.reference not in previewed]  # fmt: skip
    return [*done, *(Erased(name, (), (), 0, _changed(visit)) for name in changed), *others]


def _preview(
    visit: Visit, texts: Sequence[str], asked: _Asked, spoken: Sequence[Spoken], tried: Sequence[Erased],
    status: int = 200, wrong: str | None = None,
) -> Any:  # fmt: skip
    return visit.page(
        "person_erase.html", status, ways="\n".join(texts), asked=asked, items=tried, wrong=wrong, grounds=GROUNDS,
        seen=[each.seen for each, one in zip(spoken, tried, strict=True) if not one.why_not],
        ready=sum(not each.why_not for each in tried),
    )  # fmt: skip


def _texts(form: FormData) -> tuple[str, ...]:
    """The ways in which the person is called, one a line. Raises WrongUsage for none."""
    lines = (" ".join(line.split())[:_LONGEST] for line in str(form.get("ways", "")).splitlines())
    texts = tuple(line for line in lines if line)[:_WAYS]
    if not texts:
        raise WrongUsage("Dites comment la personne est nommée.", "Say how the person is called.")
    return texts


def _found(visit: Visit, texts: Sequence[str]) -> tuple[Found, list[Spoken]]:
    """What was found, and of it the placements that are open to who asks."""
    found, reach = visit.app.engine.find_person(texts), visit.reach("person.manage")
    return found, list(_within(visit, found.placements, reach))


def _within(visit: Visit, mentioned: Iterable[Mentioned], reach: Any) -> Iterable[Spoken]:
    for each in mentioned:
        item = visit.app.queries.placement(each.reference, reach)
        if item is not None:
            yield Spoken(item, each)


def _count(outcome: Outcome) -> int:
    """How many values the erasure names."""
    return sum(len(str(each.entry.fields.get("erased", "")).split()) for each in outcome.entries)


def _changed(visit: Visit) -> str:
    return visit.say("Modifié depuis la vérification : rien n’y a été effacé.",
                     "Changed since the check: nothing was erased there.")  # fmt: skip
