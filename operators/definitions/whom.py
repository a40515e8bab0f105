"""Whom a change of definitions touches: the running placements that stand where it bites, counted and not planned."""

from collections.abc import Sequence
from dataclasses import dataclass

from app import App
from operators.definitions.difference import Difference
from storage.queries import Touched
from workflow.definition import Definition


@dataclass(frozen=True, slots=True)
class Whom:
    """`running`: all placements under the old rules that have not ended; `each` is beside the differences, in order.

    None stands beside those that bear on no state and no deadline of their own: fields, tables, reasons.
    """

    running: int
    placements: int
    each: tuple[Touched | None, ...]


def whom(app: App, before: Definition, found: Sequence[Difference]) -> Whom:
    """Count among the placements under the old version, or where that is not published, under all of its name."""
    with app.store.reading() as reading:
        named = [version.digest for version in reading.versions(before.name)]
    digests = [before.digest] if before.digest in named else named
    open_states = before.open_states
    counted = app.store.counts.touched
    each = tuple(
        counted(digests, open_states & set(one.states), one.deadlines) if one.states or one.deadlines else None
        for one in found
    )
    states = open_states & {name for one in found for name in one.states}
    deadlines = {name for one in found for name in one.deadlines}
    return Whom(
        running=counted(digests, open_states, ()).placements,
        placements=counted(digests, states, deadlines).placements,
        each=each,
    )
