"""Pictures of definitions as tables for people, and their heat as JSON."""

from typing import Any

from operators.cli.output import Page
from operators.definitions.drawing import arrows, boxes, everywhere
from operators.definitions.heat import Heat, deadline_rows, rows
from workflow.definition import Definition

_KINDS = {
    "asked": ("demandée", "asked for"),
    "fired": ("échéance", "deadline"),
    "automatic": ("automatique", "automatic"),
}


def write_table(page: Page, definition: Definition, heat: Heat | None) -> None:
    """What the picture shows, in tables: states with deadlines, moves; with the heat, what it shades."""
    lang = page.lang
    common = everywhere(definition, lang)
    drawn = {box.name: box for box in (*boxes(definition, lang), *([common] if common else []))}
    page.table(page.say("état|échéances qui y courent", "state|deadlines that run there").split("|"),
               [(box.text, ", ".join(_clock(page, clock.text, clock.paused) for clock in box.clocks))
                for box in drawn.values()])  # fmt: skip
    page.line("")
    page.table(page.say("de|vers|par|comment", "from|to|by|how").split("|"),
               [(drawn[each.source].text, drawn[each.target].text, each.text, page.say(*_KINDS[each.kind]))
                for each in arrows(definition, lang)])  # fmt: skip
    if heat is not None:
        page.line("")
        write_heat(page, definition, heat)


def _clock(page: Page, text: str, paused: bool) -> str:
    return page.say(f"{text}, suspendue", f"{text}, paused") if paused else text


def write_heat(page: Page, definition: Definition, heat: Heat) -> None:
    """The table that says what the shades of the picture say."""
    page.table(page.say("état|maintenant|séjours finis|médiane|finis par une échéance",
                        "state|now|stays ended|median|ended by a deadline").split("|"),
               list(rows(definition, heat, page.lang)))  # fmt: skip
    page.line("")
    page.table(page.say("échéance|en cours|tombées|manquées", "deadline|running|fired|missed").split("|"),
               list(deadline_rows(definition, heat, page.lang)))  # fmt: skip


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
