"""Reads the lives from which heat is worked out, placement by placement, and what stands and runs now."""

from itertools import groupby

from app import App
from operators.definitions.heat import Heat, Tally, heat_of
from storage.queries import PlacementFilter
from workflow.definition import Definition
from workflow.standing import standing


def heat_in(app: App, definition: Definition) -> Heat:
    """The heat of a definition's states and deadlines in a database, by the whole history."""
    tally = Tally()
    for _, life in groupby(app.queries.entries(grouped=True), key=lambda each: each.placement):
        tally.add(standing([each.chained() for each in life]))
    counts = app.store.counts
    return heat_of(definition, tally, counts.states(PlacementFilter()), counts.deadlines(PlacementFilter()).deadlines)
