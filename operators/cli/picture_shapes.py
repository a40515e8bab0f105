"""Pictures of definitions as tables for people, and their heat as JSON."""

from typing import Any

from operators.cli.output import Page
from operators.definitions.heat import Heat
from operators.definitions.tabled import drawn_grids, heat_grids
from workflow.definition import Definition


def write_table(page: Page, definition: Definition, heat: Heat | None) -> None:
    """What the picture shows, in tables: states with deadlines, moves; with the heat, what it shades."""
    warm = [] if heat is None else heat_grids(definition, heat, page.lang)
    for number, grid in enumerate((*drawn_grids(definition, page.lang), *warm)):
        if number:
            page.line("")
        page.table(grid.columns, grid.rows)


def heat_object(heat: Heat | None) -> dict[str, Any] | None:
    """The heat in numbers: medians in seconds, shares from 0 to 1."""
    if heat is None:
        return None
    return {
        "states": {
            name: {
                "now": each.now,
                "stays": each.stays,
                "median_s": None if each.median is None else each.median.total_seconds(),
                "lapsed": each.lapsed,
            }
            for name, each in heat.states.items()
        },
        "deadlines": {
            name: {"running": each.running, "fired": each.fired, "missed": each.missed}
            for name, each in heat.deadlines.items()
        },
    }
