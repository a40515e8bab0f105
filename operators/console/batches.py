"""Many placements at once: chosen on the list and frozen, tried, confirmed by their count, carried out, told.

What was previewed is what is acted on: an item that changed meanwhile, or was refused in the preview, is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console.batch_forms import act_inputs, offered, public_part, withheld_of
from operators.console.batch_items import Asked, verdict_on
from operators.console.batch_work import Work
from operators.console.forms import Input, filled, said_in
from operators.console.lists import LONGEST_TEXT
from operators.console.placements import FILTERS
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.filters import all_placements, placement_filter
from settings import WrongUsage
from storage.batches import Act, Batch, BatchItem, Verdict
from storage.queries import PlacementItem
from workflow.brake import ClockBehind
from workflow.errors import NotFound

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

MOST: Final = 1000
"""So many placements at once: a preview of more takes longer than a browser likes to wait."""

_PATIENCE_S: Final = 2.0
_NOTE: Final = "note"


@screen.get("/batches", "placement.act")
def show_batches(visit: Here) -> Any:
    """One's own batches."""
    found = visit.app.store.batches.of_account(visit.who.id)
    rows = [(batch, visit.app.store.batches.counts(batch.id), _is_running(visit, batch)) for batch in found]
    return visit.page("batches.html", rows=rows)


@screen.post("/batches", "placement.act")
def choose(visit: Here, form: Form) -> Any:
    """Freeze what was ticked, or all that the filters find, at the revisions of now. Raises WrongUsage."""
    chosen = (
        _all_found(visit, form) if form.get("all") else _ticked(visit, [str(each) for each in form.getlist("chosen")])
    )
    if not chosen:
        raise WrongUsage("Aucun dossier n’est coché.", "No placement is ticked.")
    if len(chosen) > MOST:
        raise WrongUsage(f"Au plus {MOST} dossiers à la fois : resserrez les filtres.",
                         f"At most {MOST} placements at once: narrow the filters.")  # fmt: skip
    mine = [(item.id, item.revision) for item in chosen if visit.allowed_on(item, "placement.act")]
    number = visit.app.store.batches.freeze(visit.who.id, mine, len(chosen) - len(mine), visit.console.real.now())
    return visit.go(f"/batches/{number}")


def _all_found(visit: Visit, form: FormData) -> list[PlacementItem]:
    said = {name: str(form[name]).strip()[:LONGEST_TEXT] for name in FILTERS if str(form.get(name, "")).strip()}
    found: list[PlacementItem] = []
    for item in all_placements(visit.app, placement_filter(visit.app, said, visit.reach())):
        found.append(item)
        if len(found) > MOST:
            break
    return found


def _ticked(visit: Visit, references: Sequence[str]) -> list[PlacementItem]:
    found = (visit.app.queries.placement(each, visit.reach()) for each in dict.fromkeys(references))
    return [item for item in found if item is not None]


@screen.get("/batches/{batch}", "placement.act")
def show_batch(visit: Here, batch: str) -> Any:
    """What was chosen and what may be done with it; once confirmed, how far it is and what became of each."""
    found = _own(visit, batch)
    items = visit.app.store.batches.items(found.id)
    if found.status == "draft":
        return visit.page(
            "batch_chosen.html", batch=found, items=items, rows=_rows(items), offers=offered(visit, items)
        )
    if "wait" in visit.request.query_params:
        _work(visit).wait(found.id, _PATIENCE_S)
        return visit.go(f"/batches/{found.id}")
    return _progress(visit, found)


def _progress(visit: Visit, batch: Batch, status: int = 200, wrong: str | None = None) -> Any:
    running = _is_running(visit, batch)
    now = _own(visit, batch.id)
    act = now.act or Act(None, {}, ())
    # What an older definition had, and the present one has not, is told without its form.
    inputs = {each.name: each for each in act_inputs(visit, act.trigger)} if _is_known(visit, act.trigger) else {}
    items = visit.app.store.batches.items(batch.id)
    return visit.page(
        "batch.html", status, batch=now, items=items, rows=_rows(items), running=running, wrong=wrong,
        counts=visit.app.store.batches.counts(batch.id), act=act,
        asked=[inputs[name] for name in act.withheld if name in inputs],
        said=act.texts, inputs=inputs, title=_title(visit, act.trigger),
    )  # fmt: skip


def _rows(items: Sequence[BatchItem]) -> list[tuple[BatchItem, Verdict]]:
    return [(each, each.verdict) for each in items]


@screen.get("/batches/{batch}/note", "placement.act")
def show_note(visit: Here, batch: str) -> Any:
    """The form of a remark on each."""
    return _form(visit, _draft(visit, batch), None, {})


@screen.post("/batches/{batch}/note", "placement.act")
def note(visit: Here, batch: str, form: Form) -> Any:
    """Preview a remark on each, or enter it."""
    return _step(visit, _draft(visit, batch), None, form)


@screen.get("/batches/{batch}/fire/{trigger}", "placement.act")
def show_fire(visit: Here, batch: str, trigger: str) -> Any:
    """The form of a trigger for each."""
    return _form(visit, _draft(visit, batch), trigger, {})


@screen.post("/batches/{batch}/fire/{trigger}", "placement.act")
def fire(visit: Here, batch: str, trigger: str, form: Form) -> Any:
    """Preview a transition of each, or carry it out."""
    return _step(visit, _draft(visit, batch), trigger, form)


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
    again = [each for each in act_inputs(visit, found.act.trigger) if each.name in found.act.withheld]
    typed = {name: text for name, text in said_in(again, form).items() if text}
    if len(typed) < len(again):
        wrong = visit.say("Ce qui n’est gardé nulle part est à saisir de nouveau.",
                          "What is kept nowhere has to be typed again.")  # fmt: skip
        return _progress(visit, found, 422, wrong)
    visit.app.store.batches.turn(found.id, "stopped", "running")
    _work(visit).start(Asked(found.id, found.act.trigger, {**found.act.texts, **typed}), visit.labels)
    return visit.go(f"/batches/{found.id}?wait=1")


@dataclass(frozen=True, slots=True)
class Tried:
    """A dry run: what would become of each item, and how many are ready."""

    rows: Sequence[tuple[BatchItem, Verdict]]
    preview: str

    @property
    def ready(self) -> int:
        return sum(verdict.status == "ready" for _, verdict in self.rows)


def _step(visit: Visit, batch: Batch, trigger: str | None, form: FormData) -> Any:
    inputs = act_inputs(visit, trigger)
    said = {name: text for name, text in said_in(inputs, form).items() if text}
    asked = Asked(batch.id, trigger, said)
    if form.get("step") == "confirm":
        return _confirm(visit, batch, asked, inputs, form)
    if form.get("step") == "edit":
        return _form(visit, batch, trigger, said)
    missing = [each.name for each in inputs if each.required and each.name not in said]
    if missing:
        needed = visit.say("C’est nécessaire.", "This is needed.")
        return _form(visit, batch, trigger, said, {name: [needed] for name in missing}, 422)
    try:
        return _preview(visit, batch, asked, inputs, _tried(visit, batch, asked))
    except WrongUsage as error:
        return _form(visit, batch, trigger, said, {"at": [visit.say(error.message, error.message_en)]}, 422)
    except ClockBehind as behind:
        return _form(visit, batch, trigger, said, {"": [behind.held.sentence(visit.lang)]}, 503)


def _tried(visit: Visit, batch: Batch, asked: Asked) -> Tried:
    preview = visit.app.engine.preview
    rows = [
        (each, verdict_on(visit.app, visit.labels, visit.who, asked, each, preview, "ready"))
        for each in visit.app.store.batches.items(batch.id)
    ]
    name = visit.app.store.batches.previewed(batch.id, [(each.position, verdict) for each, verdict in rows])
    return Tried(rows, name)


def _confirm(visit: Visit, batch: Batch, asked: Asked, inputs: Sequence[Input], form: FormData) -> Any:
    tried = Tried(_rows(visit.app.store.batches.items(batch.id)), str(form.get("preview", "")))
    if "".join(str(form.get("count", "")).split()) != str(tried.ready):
        wrong = visit.say(f"Pour confirmer, saisissez le nombre de dossiers : {tried.ready}.",
                          f"To confirm, type the number of placements: {tried.ready}.")  # fmt: skip
        return _preview(visit, batch, asked, inputs, tried, 422, wrong)
    act = Act(asked.trigger, public_part(visit, asked), withheld_of(visit, asked))
    if not visit.app.store.batches.begin(batch.id, tried.preview, act):
        told = visit.say("La sélection a été vérifiée ailleurs entre-temps : relisez ce qui se passera.",
                         "The selection was checked elsewhere meanwhile: read again what will happen.")  # fmt: skip
        return _preview(visit, batch, asked, inputs, _tried(visit, batch, asked), 409, told)
    _work(visit).start(asked, visit.labels)
    return visit.go(f"/batches/{batch.id}?wait=1")


def _preview(
    visit: Visit, batch: Batch, asked: Asked, inputs: Sequence[Input], tried: Tried, status: int = 200,
    wrong: str | None = None,
) -> Any:  # fmt: skip
    return visit.page(
        "batch_preview.html", status, batch=batch, tried=tried, wrong=wrong, title=_title(visit, asked.trigger),
        inputs=filled(inputs, asked.texts, {}), action=_path(batch, asked.trigger),
    )  # fmt: skip


def _form(
    visit: Visit, batch: Batch, trigger: str | None, said: Mapping[str, str],
    errors: Mapping[str, Sequence[str]] | None = None, status: int = 200,
) -> Any:  # fmt: skip
    inputs = filled(act_inputs(visit, trigger), said, errors or {})
    count = len(visit.app.store.batches.items(batch.id))
    return visit.page(
        "batch_ask.html", status, batch=batch, inputs=inputs, title=_title(visit, trigger), count=count,
        action=_path(batch, trigger), wrong=bool(errors), others=(errors or {}).get("", ()),
    )  # fmt: skip


def _title(visit: Visit, trigger: str | None) -> str:
    if trigger is None:
        return visit.say("Ajouter une remarque", "Add a remark")
    return visit.labels.triggers[trigger][visit.lang]


def _is_known(visit: Visit, trigger: str | None) -> bool:
    return trigger is None or trigger in visit.app.engine.current_rules().definition.transitions


def _path(batch: Batch, trigger: str | None) -> str:
    return f"/batches/{batch.id}/{_NOTE if trigger is None else f'fire/{trigger}'}"


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


def _is_running(visit: Visit, batch: Batch) -> bool:
    return batch.status == "running" and _work(visit).is_running(batch.id)
