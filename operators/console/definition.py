"""The rules as published: states with counts, transitions, deadlines, versions, a diagram, what the checks find."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import PlainTextResponse, Response

from operators.console.apart import NotAnswered
from operators.console.checking import Told, checked
from operators.console.routing import Screen, current
from operators.console.visit import Visit
from operators.definitions.drawing import Note
from operators.definitions.mermaid import mermaid
from operators.definitions.svg import can_draw, svg
from operators.dwelling import SAMPLE, Dwell, dwell_times
from operators.heat import notes
from operators.times import length_text
from settings import WrongUsage
from storage.queries import PlacementFilter
from workflow.changes import Published
from workflow.civil.wording import length_en, length_fr
from workflow.definition import Deadline, Definition, FieldLength

screen = Screen()
Here = Annotated[Visit, Depends(current)]


@screen.get("/definition", "definition.read")
def show_definition(visit: Here, digest: str | None = None, check: bool = False) -> Any:
    """One version, by default the one published last."""
    definition = _definition(visit, digest)
    counts = visit.app.store.counts
    with visit.app.store.reading() as reading:
        versions = sorted(reading.versions(), key=lambda each: each.published_at, reverse=True)
    here = next(each for each in versions if each.digest == definition.digest)
    found, unchecked = _found(visit, here) if check else (None, "")
    return visit.page(
        "definition.html",
        definition=definition,
        versions=versions,
        earlier=earlier_of(versions),
        placements=visit.count("definitions", counts.by_definition),
        states=_states(visit),
        dwell=_dwell(visit),
        sample=SAMPLE,
        length_text=length_text,
        lengths={name: _length(definition, spec, visit.lang) for name, spec in definition.deadlines.items()},
        findings=found,
        unchecked=unchecked,
        can_draw=can_draw(),
        mermaid=mermaid(definition, visit.lang),
    )


def earlier_of(versions: Sequence[Published]) -> Mapping[str, Published]:
    """The version that each one follows, by digest: the highest below it of the same name."""
    found = {}
    for each in versions:
        below = [one for one in versions if one.name == each.name and one.version < each.version]
        if below:
            found[each.digest] = max(below, key=lambda one: one.version)
    return found


def _reach(visit: Visit) -> Any:
    return visit.reach() if visit.may("placement.read") else ()


@screen.get("/definition/diagram.svg", "definition.read")
def show_diagram(visit: Here, digest: str | None = None) -> Any:
    """The states and transitions as a drawing, where the server can draw."""
    noted = notes(_states(visit), _dwell(visit), visit.lang) if visit.may("placement.read") else {}
    drawn = _drawing(_definition(visit, digest), visit.lang, noted)
    return (
        Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
        if drawn
        else PlainTextResponse("Graphviz?\n", 404)
    )


@screen.get("/definition/source", "definition.read")
def show_source(visit: Here, digest: str | None = None) -> Any:
    """The exact bytes that were published."""
    definition = _definition(visit, digest)
    name = f"{definition.name}-{definition.version}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(definition.source, media_type="application/yaml", headers=headers)


def _definition(visit: Visit, digest: str | None) -> Definition:
    rules = visit.app.engine.current_rules() if digest is None else visit.app.engine.rules(digest)
    return rules.definition


def _states(visit: Visit) -> Mapping[str, int]:
    """How many placements open to who asks are in each state: what the list of each would count."""
    which = PlacementFilter(within=_reach(visit))
    return visit.count(("states", which), lambda: visit.app.store.counts.states(which))


def _dwell(visit: Visit) -> Mapping[str, Dwell]:
    """How long stays in each state lasted, of placements open to who asks; of some minutes ago at most."""
    within = _reach(visit)
    return visit.console.seldom.get(("dwell", within), lambda: dwell_times(visit.app.store.search, within))[0]


def _drawing(definition: Definition, lang: str, noted: Mapping[str, Note]) -> str | None:
    try:
        return svg(definition, lang, noted)
    except WrongUsage:
        return None


def _found(visit: Visit, version: Published) -> tuple[Sequence[Told], str]:
    """What today's checks find in what was published, or why they could not be made."""
    try:
        return checked(version, visit.lang), ""
    except NotAnswered as refused:
        return (), visit.say(refused.fr, refused.en)


def _length(definition: Definition, spec: Deadline, lang: str) -> str:
    if isinstance(spec.length, FieldLength):
        return definition.fields[spec.length.field].label[lang]
    counting = spec.length.counting or spec.counting
    return length_en(spec.length, counting) if lang == "en" else length_fr(spec.length, counting)
