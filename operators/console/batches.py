"""Many placements at once: the pages on which they are chosen, tried, confirmed by their count, followed.

What is done is done by operators/batches; here is what a browser sends, and what it is shown.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import Depends
from starlette.datastructures import FormData

from operators.batches import steps
from operators.batches.acts import Asked, Line, resumed
from operators.batches.steps import PreviewOvertaken, Tried, rows_of
from operators.batches.work import Work
from operators.console.batch_forms import act_inputs, is_known, offered, running, title_of
from operators.console.forms import Input, filled, said_in
from operators.console.lists import LONGEST_TEXT
from operators.console.placements import FILTERS
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.filters import placement_filter
from settings import WrongUsage
from storage.batches import Act, Batch
from storage.queries import PlacementItem
from workflow.brake import ClockBehind
from workflow.errors import NotFound

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]
Correction = Literal["amend", "reverse", "void"]
Hold = Literal["hold", "release"]

_PATIENCE_S: Final = 2.0
_NOTHING: Final = Act("note", None, {}, ())


@screen.get("/batches", "placement.act")
def show_batches(visit: Here) -> Any:
    """One's own batches."""
    found = visit.app.store.batches.of_account(visit.who.id).items
    rows = [(each, visit.app.store.batches.counts(each.id), _work(visit).is_carried_out(each)) for each in found]
    titles = {each.id: title_of(visit, each.act.kind, each.act.name) for each in found if each.act is not None}
    return visit.page("batches.html", rows=rows, titles=titles)


@screen.post("/batches", "placement.act")
def choose(visit: Here, form: Form) -> Any:
    """Freeze what was ticked, or all that the filters find, at the revisions of now. Raises WrongUsage."""
    ticked = [str(each) for each in form.getlist("chosen")]
    if not form.get("all") and not ticked:
        raise WrongUsage("Aucun dossier n’est coché.", "No placement is ticked.")
    chosen = _all_found(visit, form) if form.get("all") else steps.checked(_ticked(visit, ticked))
    mine = [(item.id, item.revision) for item in chosen if visit.allowed_on(item, "placement.act")]
    number = visit.app.store.batches.freeze(visit.who.id, mine, len(chosen) - len(mine), visit.console.real.now())
    return visit.go(f"/batches/{number}")


def _all_found(visit: Visit, form: FormData) -> list[PlacementItem]:
    said = {name: str(form[name]).strip()[:LONGEST_TEXT] for name in FILTERS if str(form.get(name, "")).strip()}
    return steps.all_found(visit.app, placement_filter(visit.app, said, visit.reach()))


def _ticked(visit: Visit, references: Sequence[str]) -> list[PlacementItem]:
    found = (visit.app.queries.placement(each, visit.reach()) for each in dict.fromkeys(references))
    return [item for item in found if item is not None]


@screen.get("/batches/{batch}", "placement.act")
def show_batch(visit: Here, batch: str) -> Any:
    """What was chosen and what may be done with it; once confirmed, how far it is and what became of each."""
    found = _own(visit, batch)
    if found.status == "draft":
        items = visit.app.store.batches.items(found.id)
        return visit.page(
            "batch_chosen.html", batch=found, items=items, rows=rows_of(items), offers=offered(visit, items),
            deadlines=running(visit, items),
        )  # fmt: skip
    if "wait" in visit.request.query_params:
        _work(visit).wait(found.id, _PATIENCE_S)
        return visit.go(f"/batches/{found.id}")
    return _progress(visit, found)


def _progress(visit: Visit, batch: Batch, status: int = 200, wrong: str | None = None) -> Any:
    carried_out = _work(visit).is_carried_out(batch)
    now = _own(visit, batch.id)
    act = now.act or _NOTHING
    # What an older definition had, and the present one has not, is told without its form.
    known = act_inputs(visit, act.kind, act.name) if is_known(visit, act.kind, act.name) else []
    inputs = {each.name: each for each in known}
    items = visit.app.store.batches.items(batch.id)
    return visit.page(
        "batch.html", status, batch=now, items=items, rows=rows_of(items), running=carried_out, wrong=wrong,
        counts=visit.app.store.batches.counts(batch.id), act=act,
        asked=[inputs[name] for name in act.withheld if name in inputs],
        said=act.texts, inputs=inputs, title=title_of(visit, act.kind, act.name),
    )  # fmt: skip


@screen.get("/batches/{batch}/note", "placement.act")
def show_note(visit: Here, batch: str) -> Any:
    """The form of a remark on each."""
    return _form(visit, _draft(visit, batch), "note", None, {})


@screen.post("/batches/{batch}/note", "placement.act")
def note(visit: Here, batch: str, form: Form) -> Any:
    """Preview a remark on each, or enter it."""
    return _step(visit, _draft(visit, batch), "note", None, form)


@screen.get("/batches/{batch}/fire/{trigger}", "placement.act")
def show_fire(visit: Here, batch: str, trigger: str) -> Any:
    """The form of a trigger for each."""
    return _form(visit, _draft(visit, batch), "fire", trigger, {})


@screen.post("/batches/{batch}/fire/{trigger}", "placement.act")
def fire(visit: Here, batch: str, trigger: str, form: Form) -> Any:
    """Preview a transition of each, or carry it out."""
    return _step(visit, _draft(visit, batch), "fire", trigger, form)


@screen.get("/batches/{batch}/remind/{name}", "placement.act")
def show_remind(visit: Here, batch: str, name: str) -> Any:
    """What a reminder to whoever is awaited does."""
    return _form(visit, _draft(visit, batch), "remind", name, {})


@screen.post("/batches/{batch}/remind/{name}", "placement.act")
def remind(visit: Here, batch: str, name: str, form: Form) -> Any:
    """Preview who would be reminded of a deadline, or remind them."""
    return _step(visit, _draft(visit, batch), "remind", name, form)


@screen.get("/batches/{batch}/correct/{kind}", "placement.correct")
def show_correct(visit: Here, batch: str, kind: Correction) -> Any:
    """The form of a correction of each."""
    return _form(visit, _draft(visit, batch), kind, None, {})


@screen.post("/batches/{batch}/correct/{kind}", "placement.correct")
def correct(visit: Here, batch: str, kind: Correction, form: Form) -> Any:
    """Preview a correction of each, or enter it."""
    return _step(visit, _draft(visit, batch), kind, None, form)


@screen.get("/batches/{batch}/deadlines/{name}/{kind}", "placement.correct")
def show_adjust(visit: Here, batch: str, name: str, kind: Line) -> Any:
    """The form of a line in the ledger of a deadline of each."""
    return _form(visit, _draft(visit, batch), kind, name, {})


@screen.post("/batches/{batch}/deadlines/{name}/{kind}", "placement.correct")
def adjust(visit: Here, batch: str, name: str, kind: Line, form: Form) -> Any:
    """Preview such a line, or enter it."""
    return _step(visit, _draft(visit, batch), kind, name, form)


@screen.get("/batches/{batch}/data/{kind}", "person.manage")
def show_hold(visit: Here, batch: str, kind: Hold) -> Any:
    """The form of a legal hold of each, or of its end."""
    return _form(visit, _draft(visit, batch), kind, None, {})


@screen.post("/batches/{batch}/data/{kind}", "person.manage")
def hold(visit: Here, batch: str, kind: Hold, form: Form) -> Any:
    """Preview a legal hold of each, or enter it."""
    return _step(visit, _draft(visit, batch), kind, None, form)


@screen.post("/batches/{batch}/stop", "placement.act")
def stop(visit: Here, batch: str) -> Any:
    """Do no further item."""
    found = _own(visit, batch)
    visit.app.store.batches.turn(found.id, "running", "stopped")
    _work(visit).wait(found.id, _PATIENCE_S)
    return visit.go(f"/batches/{found.id}")


@screen.post("/batches/{batch}/go", "placement.act")
def go_on(visit: Here, batch: str, form: Form) -> Any:
    """Go on with what was stopped, or interrupted by a restart: what is done is not done again."""
    found = _own(visit, batch)
    if found.act is None:
        raise NotFound(batch)
    again = [each for each in act_inputs(visit, found.act.kind, found.act.name) if each.name in found.act.withheld]
    typed = {name: text for name, text in said_in(again, form).items() if text}
    if len(typed) < len(again):
        wrong = visit.say("Ce qui n’est gardé nulle part est à saisir de nouveau.",
                          "What is kept nowhere has to be typed again.")  # fmt: skip
        return _progress(visit, found, 422, wrong)
    steps.go_on(visit.app, _work(visit), resumed(found.id, found.act, typed))
    return visit.go(f"/batches/{found.id}?wait=1")


def _step(visit: Visit, batch: Batch, kind: str, name: str | None, form: FormData) -> Any:
    inputs = act_inputs(visit, kind, name)
    said = {each: text for each, text in said_in(inputs, form).items() if text}
    asked = Asked(batch.id, kind, name, said)
    if form.get("step") == "confirm":
        return _confirm(visit, batch, asked, inputs, form)
    if form.get("step") == "edit":
        return _form(visit, batch, kind, name, said)
    missing = [each.name for each in inputs if each.required and not _is_said(each, said)]
    if missing:
        needed = visit.say("C’est nécessaire.", "This is needed.")
        return _form(visit, batch, kind, name, said, {each: [needed] for each in missing}, 422)
    try:
        tried = steps.tried(visit.app, visit.labels, visit.who, asked)
        return _preview(visit, batch, asked, inputs, tried)
    except WrongUsage as error:
        return _form(visit, batch, kind, name, said, {_faulty(said): [visit.say(error.message, error.message_en)]}, 422)
    except ClockBehind as behind:
        return _form(visit, batch, kind, name, said, {"": [behind.held.sentence(visit.lang)]}, 503)


def _is_said(each: Input, said: Mapping[str, str]) -> bool:
    """Whether it was typed; other words stand for a reason that was not chosen."""
    return each.name in said or (each.name == "reason" and "words" in said)


def _faulty(said: Mapping[str, str]) -> str:
    """The input that a sentence about a moment or a day speaks of."""
    return next((name for name in ("extend_to", "to", "at") if name in said), "")


def _confirm(visit: Visit, batch: Batch, asked: Asked, inputs: Sequence[Input], form: FormData) -> Any:
    tried = Tried(rows_of(visit.app.store.batches.items(batch.id)), str(form.get("preview", "")))
    if "".join(str(form.get("count", "")).split()) != str(tried.ready):
        wrong = visit.say(f"Pour confirmer, saisissez le nombre de dossiers : {tried.ready}.",
                          f"To confirm, type the number of placements: {tried.ready}.")  # fmt: skip
        return _preview(visit, batch, asked, inputs, tried, 422, wrong)
    try:
        steps.confirm(visit.app, _work(visit), asked, tried.preview)
    except PreviewOvertaken:
        told = visit.say("La sélection a été vérifiée ailleurs entre-temps : relisez ce qui se passera.",
                         "The selection was checked elsewhere meanwhile: read again what will happen.")  # fmt: skip
        again = steps.tried(visit.app, visit.labels, visit.who, asked)
        return _preview(visit, batch, asked, inputs, again, 409, told)
    return visit.go(f"/batches/{batch.id}?wait=1")


def _preview(
    visit: Visit, batch: Batch, asked: Asked, inputs: Sequence[Input], tried: Tried, status: int = 200,
    wrong: str | None = None,
) -> Any:  # fmt: skip
    return visit.page(
        "batch_preview.html", status, batch=batch, tried=tried, wrong=wrong, inputs=filled(inputs, asked.texts, {}),
        title=title_of(visit, asked.kind, asked.name), action=_path(batch, asked.kind, asked.name),
    )  # fmt: skip


def _form(
    visit: Visit, batch: Batch, kind: str, name: str | None, said: Mapping[str, str],
    errors: Mapping[str, Sequence[str]] | None = None, status: int = 200,
) -> Any:  # fmt: skip
    inputs = filled(act_inputs(visit, kind, name), said, errors or {})
    count = len(visit.app.store.batches.items(batch.id))
    return visit.page(
        "batch_ask.html", status, batch=batch, inputs=inputs, title=title_of(visit, kind, name), count=count,
        action=_path(batch, kind, name), wrong=bool(errors), others=(errors or {}).get("", ()), kind=kind,
    )  # fmt: skip


def _path(batch: Batch, kind: str, name: str | None) -> str:
    if kind in ("note", "fire", "remind"):
        own = kind if name is None else f"{kind}/{name}"
    elif name is not None:
        own = f"deadlines/{name}/{kind}"
    else:
        own = f"{'data' if kind in ('hold', 'release') else 'correct'}/{kind}"
    return f"/batches/{batch.id}/{own}"


def _own(visit: Visit, number: str) -> Batch:
    """One's own batch. Raises NotFound for any other: it is not told from one that is not there."""
    found = visit.app.store.batches.find(number)
    if found is None or found.account != visit.who.id:
        raise NotFound(number)
    return found


def _draft(visit: Visit, number: str) -> Batch:
    found = _own(visit, number)
    if found.status != "draft":
        raise WrongUsage("Ce lot a déjà été confirmé : sa page dit ce qu’il en est.",
                         "This batch was confirmed already: its page tells how it stands.")  # fmt: skip
    return found


def _work(visit: Visit) -> Work:
    work: Work = visit.request.app.state.work
    return work
