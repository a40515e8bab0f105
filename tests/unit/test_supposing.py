"""What would follow if something happened: every date, in memory, and nothing written."""

from datetime import date

import pytest

from tests.world import World, contact, contract, instant, reach
from workflow.errors import TransitionRefused, UnknownName
from workflow.supposing import Supposition, WhatIf


def selected(days: float = 0) -> World:
    """One post whose candidate was selected on the 1st of March, so many days ago."""
    world = World.starting(instant("2021-03-01 10:00"))
    world.place()
    reach(world, "candidate_selected")
    world.sleep(days=days)
    return world


def dates(found: WhatIf) -> dict[str, date | None]:
    return {each.name: each.after and each.after.last_day for each in found.deadlines}


def test_every_date_is_the_one_that_then_follows_and_nothing_is_written():
    world = selected(days=1)
    today = world.now.date()
    before = world.history()
    said = [Supposition(what="contacted", at=today), Supposition(what="signed", at=today)]
    values = {"contract_ends_on": "2024-03-02", "contract_type": "CDD"}
    found = world.engine.what_if("P", said, values)
    assert world.history() == before
    world.ask("contact_training_body", "host", **contact(today))
    world.ask("sign_contract", "host", **contract(today))
    shown = {view.name: view.last_day for view in world.engine.view("P").deadlines}
    assert {name: day for name, day in dates(found).items() if day} == {n: d for n, d in shown.items() if d}
    assert (found.facts.state, dates(found)["signature"]) == ("contract_signed", None)


@pytest.mark.parametrize("word", ["sign_contract", "contract_signed", "contract_signed_on", "signed"])
def test_a_trigger_a_state_a_date_field_or_a_word_of_one_tells_what_is_meant(word: str):
    world = selected()
    world.ask("contact_training_body", "host", **contact(world.now.date()))
    found = world.engine.what_if("P", [Supposition(what=word, at=date(2021, 3, 2))])
    assert [each.trigger for each in found.supposed] == ["sign_contract"]


@pytest.mark.parametrize("word", ["sign_contract", "nonsense", "post"])
def test_what_means_nothing_here_or_more_than_one_thing_is_refused(word: str):
    with pytest.raises(UnknownName):
        selected().engine.what_if("P", [Supposition(what=word)])


def test_a_day_to_come_is_supposed_with_all_that_falls_due_before_it():
    found = selected().engine.what_if("P", [Supposition(what="shown", at=date(2021, 4, 10))])
    assert [entry.kind for entry in found.entries] == ["reminder", "reminder", "timeout", "transition"]
    assert dates(found)["selection"] == date(2021, 4, 25)


def test_a_day_before_a_timeout_is_supposed_without_it():
    found = selected(days=20).engine.what_if("P", [Supposition(what="contacted", at=date(2021, 3, 5))])
    assert (found.facts.state, dates(found)["vacancy"]) == ("post_vacant", date(2021, 9, 17))


def test_what_people_did_since_is_not_put_aside():
    world = selected(days=5)
    world.ask("contact_training_body", "host", **contact(world.now.date()))
    world.ask("sign_contract", "host", **contract(world.now.date()))
    with pytest.raises(TransitionRefused) as refused:
        world.engine.what_if("P", [Supposition(what="contacted", at=date(2021, 3, 2))])
    assert [blocker.code for blocker in refused.value.blockers] == ["operators_in_the_way"]


def test_a_value_that_cannot_be_read_is_refused():
    with pytest.raises(TransitionRefused):
        selected().engine.what_if("P", [Supposition(what="contacted")], {"training_body_contacted_on": "soon"})
