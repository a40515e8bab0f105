"""Drawings and posters: every state, move and deadline is there, and no label breaks out of its string."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from operators.definitions.dot import dot
from operators.definitions.drawing import EVERYWHERE, Note, arrows, boxes, everywhere
from operators.definitions.heat import Tally, deadline_rows, heat_line, heat_of, rows
from operators.definitions.mermaid import mermaid
from operators.definitions.poster import poster_of
from operators.definitions.poster_html import poster_html
from operators.definitions.svg import can_draw, svg
from operators.definitions.tabled import drawn_grids
from tests.shipped import DEFINITIONS
from tests.unit.definitions import define, small
from tests.unit.laws.any_life import definition_of
from tests.world import World, instant, reach
from workflow.standing import standing

STANDARD = definition_of(DEFINITIONS["standard"])
PERMIT = definition_of(DEFINITIONS["building_permit"])
EVIL = r"""{fr: "x\"]; click a \"javascript:alert(1)\" <b>|end --> \\ {%}", en: "</style><script>alert(1)</script>"}"""
ALL = pytest.mark.parametrize("name", DEFINITIONS)


@ALL
def test_every_state_and_every_way_between_two_is_drawn(name: str) -> None:
    definition = definition_of(DEFINITIONS[name])
    ways = {
        (source, move.to)
        for moves in (*definition.transitions.values(), definition.automatic)
        for move in moves
        for source in move.sources
        if move.to is not None and move.to != source
    }
    drawn = {(arrow.source, arrow.target) for arrow in arrows(definition, "fr")}
    for source, target in ways:
        assert (source, target) in drawn or (EVERYWHERE, target) in drawn
    assert [box.name for box in boxes(definition, "fr")] == list(definition.states)


@ALL
def test_every_deadline_stands_on_each_state_that_it_spans(name: str) -> None:
    definition = definition_of(DEFINITIONS[name])
    common = everywhere(definition, "en")
    in_all = {clock.name for clock in common.clocks} if common else set()
    for box in boxes(definition, "en"):
        here = {spec.name for spec in definition.deadlines.values() if box.name in spec.span and not box.final}
        assert {clock.name for clock in box.clocks} | (in_all if not box.final else set()) == here
        assert {clock.name for clock in box.clocks if clock.paused} == {
            spec.name for spec in definition.deadlines.values() if box.name in spec.stops
        }


def test_what_a_deadline_fires_is_dashed_and_what_stands_still_says_so() -> None:
    text = dot(PERMIT, "en")
    assert (
        '"granted" -> "lapsed" [label="\xa0\xa0Validity of the permit\xa0\xa0", style=dashed, class="fired"];' in text
    )
    assert "Ⅱ Validity of the permit (3 years)" in text
    assert "        ⏸ Validity of the permit (3 years)" in mermaid(PERMIT, "en")
    assert "    granted --> lapsed : ⏱ Validity of the permit\n" in mermaid(PERMIT, "en")


def test_what_leaves_every_open_state_is_drawn_once() -> None:
    drawn = [arrow for arrow in arrows(STANDARD, "en") if arrow.target == "withdrawn"]
    assert [(arrow.source, arrow.text) for arrow in drawn] == [(EVERYWHERE, "Withdraw")]


def test_labels_cannot_break_out() -> None:
    definition = define(small(("waiting: {open_ended", f"waiting: {{label: {EVIL}, open_ended")))
    for lang in ("fr", "en"):
        [line] = [line for line in mermaid(definition, lang).splitlines() if line.startswith("    waiting : ")]
        assert not set('"<>{}[]|\\;:#%`') & set(line.removeprefix("    waiting : "))
        [line] = [line for line in dot(definition, lang).splitlines() if line.startswith('  "waiting" [')]
        assert re.fullmatch(r'  "waiting" \[label=<(?:<[^<>]*>|[^<>])*>, class="state open"\];', line)
        assert "<script" not in poster_html(poster_of(definition, lang))


@pytest.mark.skipif(not can_draw(), reason="Graphviz is not installed")
def test_the_drawing_is_whole_names_itself_and_knows_light_and_dark() -> None:
    drawn = svg(define(small(("waiting: {open_ended", f"waiting: {{label: {EVIL}, open_ended"))), "en")
    root = ElementTree.fromstring(drawn)  # noqa: S314 - drawn by us
    assert root.attrib["role"] == "img"
    assert [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")] == ["Small"]
    assert "prefers-color-scheme: dark" in drawn
    assert "".join(root.itertext()).count("</style><script>alert(1)</script>") == 1


def test_notes_shade_a_state_and_are_said_in_words() -> None:
    text = dot(PERMIT, "en", {"granted": Note("3 now", 4)})
    [line] = [line for line in text.splitlines() if line.startswith('  "granted" [')]
    assert 'class="state open heat4"' in line
    assert "<I>3 now</I>" in line


def test_heat_counts_stays_that_ended_and_what_deadlines_ended() -> None:
    world = World.starting(instant("2021-03-01T09:00"))
    world.place()
    reach(world, "candidate_shown")
    world.wait(days=20)
    tally = Tally()
    tally.add(standing(world.history()))
    heat = heat_of(STANDARD, tally, {"post_vacant": 1}, {"vacancy": 1})
    shown = heat.states["candidate_shown"]
    assert (shown.stays, shown.lapsed, shown.now) == (1, 1.0, 0)
    assert shown.median is not None
    assert timedelta(days=15) < shown.median < timedelta(days=16)
    assert (heat.deadlines["selection"].fired, heat.deadlines["vacancy"].running) == (1, 1)
    assert ["Candidate shown", "0", "1", "15 days", "100%"] in [list(row) for row in rows(STANDARD, heat, "en")]
    assert ("Fifteen days to choose", "0", "1", "0") in list(deadline_rows(STANDARD, heat, "en"))
    assert heat_line(shown, "fr") == "0 ici · médiane 15 jours · 100 % échus"


def test_a_reversed_move_ended_no_stay() -> None:
    from workflow.commands import Reverse

    world = World.starting(instant("2021-03-01T09:00"))
    world.place()
    reach(world, "candidate_selected")
    world.engine.ask(Reverse(reference="P", reason="other", actor="Grace", roles=("supervisor",)))
    tally = Tally()
    tally.add(standing(world.history()))
    assert "candidate_shown" not in tally.stays


class _Read(HTMLParser):
    """The words of a page, and whether its tags are balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.replace("\u00a0", " "))


@ALL
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_poster_says_every_state_trigger_and_deadline(name: str, lang: str) -> None:
    definition = definition_of(DEFINITIONS[name])
    page = _Read()
    page.feed(poster_html(poster_of(definition, lang)))
    said = " ".join(page.words)
    assert not page.open
    labels = [state.label for state in definition.states.values()]
    labels += [spec.label for spec in definition.deadlines.values()]
    labels += [spec.legal_basis for spec in definition.deadlines.values() if spec.legal_basis is not None]
    labels += [move.label for moves in definition.transitions.values() for move in moves if move.label is not None]
    assert [label[lang] for label in labels if label[lang] not in said] == []


def test_tables_say_all_that_is_drawn() -> None:
    states, moves = drawn_grids(PERMIT, "en")
    assert ("Permit granted", "Permit lapsed", "Validity of the permit", "deadline") in moves.rows
    assert len(states.rows) == len(PERMIT.states) + (everywhere(PERMIT, "en") is not None)
