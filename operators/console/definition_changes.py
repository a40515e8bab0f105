"""What changed between two published versions, in words, and where running placements would meet it."""

from typing import Annotated, Any

from fastapi import Depends

from operators.console.definition import earlier_of
from operators.console.routing import Screen, current
from operators.console.visit import Visit
from operators.definitions.difference import SECTIONS, differences
from operators.definitions.whom import whom
from storage.queries import EVERYWHERE
from workflow.definition import Definition

screen = Screen()
Here = Annotated[Visit, Depends(current)]


@screen.get("/definition/changes", "definition.read")
def show_changes(visit: Here, before: str | None = None, after: str | None = None) -> Any:
    """The differences of two versions by their digests, by default of the last one and the one that it follows.

    How many placements they touch is told to who sees every placement.
    """
    old, new = _versions(visit, before, after)
    found = differences(old, new)
    sees_all = visit.may("placement.read") and set(EVERYWHERE) <= set(visit.reach())
    touches = whom(visit.app, old, found) if sees_all else None
    each = [None] * len(found) if touches is None else touches.each
    return visit.page(
        "definition_changes.html",
        before=old,
        after=new,
        differences=list(zip(found, each, strict=True)),
        sections=SECTIONS,
        touches=touches,
    )


def _versions(visit: Visit, before: str | None, after: str | None) -> tuple[Definition, Definition]:
    engine = visit.app.engine
    new = (engine.current_rules() if after is None else engine.rules(after)).definition
    with visit.app.store.reading() as reading:
        followed = earlier_of(list(reading.versions())).get(new.digest)
    digest = before or (new.digest if followed is None else followed.digest)
    return engine.rules(digest).definition, new
