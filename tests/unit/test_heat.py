"""Notes on the states of a drawing: a count, a stay, and a shade that says no more than the count does."""

from datetime import timedelta

from operators.dwelling import Dwell
from operators.graphs import dot
from operators.heat import SHADES, Note, notes
from tests.unit.definitions import STATES_YAML
from workflow.loader import load_definition


def test_more_placements_are_a_stronger_shade() -> None:
    shades = [note.shade for note in notes({"a": 0, "b": 1, "c": 50, "d": 100}, {}, "fr").values()]
    assert shades == [SHADES[0], SHADES[1], SHADES[2], SHADES[4]]


def test_note_is_read_without_its_colour() -> None:
    told = notes({"a": 3}, {"a": Dwell(timedelta(days=12), 5), "b": Dwell(timedelta(seconds=5), 1)}, "en")
    assert {name: note.text for name, note in told.items()} == {"a": "3 · 12 days", "b": "0 · less than a minute"}


def test_note_stands_under_the_name_of_its_state() -> None:
    drawn = dot(load_definition(STATES_YAML), "fr", {"post_vacant": Note("3 · 12 jours", "#f5b87a")})
    (line,) = (line for line in drawn.splitlines() if line.startswith('  "post_vacant" ['))
    assert line == '  "post_vacant" [label="Poste vacant\\n3 · 12 jours", style="rounded,filled", fillcolor="#f5b87a"];'
    assert drawn.count("fillcolor") == 1
