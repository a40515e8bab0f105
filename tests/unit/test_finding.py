"""Who is spoken of where: opened values, compared with what somebody typed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_erasing import erase
from tests.world import CANARY, World, reach
from workflow.commands import Note
from workflow.finding import _plain, _speaking

FIRST, LAST = CANARY.split()


@pytest.fixture
def people(world: World) -> World:
    """One candidate on two posts, spoken of in a note on the second; a third post without anybody."""
    reach(world, "candidate_shown", "P")
    for reference in ("Q", "R"):
        world.place(reference)
    reach(world, "candidate_shown", "Q")
    world.engine.ask(Note(reference="Q", text=f"appel de {LAST.upper()}, puis de {FIRST}-Anne", actor="Ada"))
    world.clock.advance(timedelta(minutes=1))
    return world


def found(world: World, *texts: str) -> dict[str, set[str]]:
    placements = world.engine.find_person(texts).placements
    return {each.reference: {mention.name for mention in each.mentions} for each in placements}


def test_a_person_is_found_in_every_placement_by_name_and_by_reference(people: World) -> None:
    assert found(people, CANARY) == {"P": {"candidate_name"}, "Q": {"candidate_name"}}
    assert found(people, "C-P") == {"P": {"candidate_ref"}}
    assert found(people, "C-P", "C-Q") == {"P": {"candidate_ref"}, "Q": {"candidate_ref"}}


def test_accents_case_and_spaces_do_not_matter(people: World) -> None:
    plain = CANARY.replace("é", "e").upper().replace(" ", "   ")
    assert found(people, f" {plain} ") == found(people, CANARY)


def test_a_field_is_compared_as_a_whole_and_a_free_text_by_its_words(people: World) -> None:
    assert found(people, LAST) == {"Q": {"note"}}
    assert found(people, FIRST) == {"Q": {"note"}}
    assert found(people, LAST[:-1]) == {}
    assert found(people, "", "  ") == {}


def test_what_was_erased_is_not_found_and_what_is_left_is_named(people: World) -> None:
    (one, _) = people.engine.find_person([CANARY]).placements
    assert (one.others, one.held) == (("candidate_ref",), False)
    erase(people, "candidate_name")
    assert found(people, CANARY) == {"Q": {"candidate_name"}}


def test_the_name_of_somebody_who_acts_is_told_with_the_id(people: World) -> None:
    with people.store.reading() as reading:
        ids = {name: actor for actor, name in reading.actors()}
    assert people.engine.find_person(["ada"]).actors == (ids["Ada"],)
    assert people.engine.find_person([CANARY]).actors == ()


@given(st.text(min_size=1).filter(str.strip))
def test_whatever_a_name_is_it_is_found_as_it_was_typed(text: str) -> None:
    speaks = _speaking([text])
    assert speaks("candidate_name", text) == bool(_plain(text))
    assert speaks("note", f"… {text} …") == bool(_plain(text))
