"""What a picture of a definition shows, as tables: for who cannot see it, on a page and on the command line alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from operators.definitions.drawing import Clock, arrows, boxes, everywhere
from operators.definitions.heat import Heat, deadline_rows, rows
from workflow.definition import Definition, Label

_STATES = Label("états", "states"), Label("état|échéances qui y courent", "state|deadlines that run there")
_MOVES = Label("passages", "moves"), Label("de|vers|par|comment", "from|to|by|how")
_STAYS = (
    Label("séjours", "stays"),
    Label(
        "état|maintenant|séjours finis|médiane|finis par une échéance",
        "state|now|stays ended|median|ended by a deadline",
    ),
)
_DEADLINES = (
    Label("échéances", "deadlines"),
    Label("échéance|en cours|tombées|manquées", "deadline|running|fired|missed"),
)
_KINDS = {
    "asked": Label("demandée", "asked for"),
    "fired": Label("échéance", "deadline"),
    "automatic": Label("automatique", "automatic"),
}


@dataclass(frozen=True, slots=True)
class Grid:
    """One table; `numbers` where all but its first column are."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: bool = False


def drawn_grids(definition: Definition, lang: str) -> Iterator[Grid]:
    """What is drawn: states with deadlines, then moves."""
    common = everywhere(definition, lang)
    drawn = {box.name: box for box in (*boxes(definition, lang), *([common] if common else []))}
    states = [(box.text, ", ".join(_clock(clock, lang) for clock in box.clocks)) for box in drawn.values()]
    yield _grid(_STATES, lang, states)
    moves = [
        (drawn[each.source].text, drawn[each.target].text, each.text, _KINDS[each.kind][lang])
        for each in arrows(definition, lang)
    ]
    yield _grid(_MOVES, lang, moves)


def heat_grids(definition: Definition, heat: Heat, lang: str) -> Iterator[Grid]:
    """What the shades say: stays in states, then what became of deadlines."""
    yield _grid(_STAYS, lang, list(rows(definition, heat, lang)), numbers=True)
    yield _grid(_DEADLINES, lang, list(deadline_rows(definition, heat, lang)), numbers=True)


def _grid(named: tuple[Label, Label], lang: str, lines: Sequence[Sequence[str]], *, numbers: bool = False) -> Grid:
    title, columns = named
    return Grid(title[lang].capitalize(), columns[lang].split("|"), lines, numbers)


def _clock(clock: Clock, lang: str) -> str:
    if not clock.paused:
        return clock.text
    return f"{clock.text}, paused" if lang == "en" else f"{clock.text}, suspendue"
