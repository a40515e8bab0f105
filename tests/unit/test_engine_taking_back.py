"""A single entry taken back: an amendment or a line of a ledger, as long as nothing later rests on it."""

from datetime import date
from typing import Any

import pytest

from tests.world import World, instant, reach
from workflow.commands import Adjust, Amend, Note, Outcome, Reverse
from workflow.errors import TransitionRefused


def correct(world: World, command: Any, /, **said: Any) -> Outcome:
    common = {"reference": "P", "actor": "Ada", "roles": ("supervisor",), "reason": "other"}
    return world.engine.ask(command(**{**common, **said}))


def adjust(world: World, kind: str, deadline: str = "selection", **said: Any) -> int:
    """Enter a line of a ledger; its seq."""
    return correct(world, Adjust, deadline=deadline, kind=kind, **said).entries[0].entry.seq


def amend(world: World, **fields: str) -> int:
    return correct(world, Amend, fields=fields).entries[0].entry.seq


def take_back(world: World, seq: int, **said: Any) -> Outcome:
    return correct(world, Reverse, entry=seq, **said)


def refused(world: World, seq: int, **said: Any) -> set[str]:
    with pytest.raises(TransitionRefused) as refusal:
        take_back(world, seq, **said)
    return {blocker.code for blocker in refusal.value.blockers}


@pytest.fixture
def shown(world: World) -> World:
    reach(world, "candidate_shown")
    return world


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("extension", {"by": "10 days"}),
        ("move", {"to": date(2021, 3, 28)}),
        ("pause", {}),
    ],
)
def test_line_of_a_ledger_taken_back_gives_the_date_of_before(shown: World, kind: str, said: dict[str, Any]) -> None:
    before = shown.engine.view("P").deadlines
    seq = adjust(shown, kind, **said)
    assert shown.engine.view("P").deadlines != before
    [reversal] = (item.entry for item in take_back(shown, seq).entries)
    assert (reversal.kind, reversal.concerns, reversal.from_state) == ("reversal", seq, reversal.to_state)
    assert shown.engine.view("P").deadlines == before
    assert shown.faults() == []


def test_resumption_taken_back_leaves_the_clock_paused(shown: World) -> None:
    adjust(shown, "pause")
    shown.sleep(days=3)
    seq = adjust(shown, "resume")
    take_back(shown, seq)
    assert [view.status for view in shown.engine.view("P").deadlines if view.name == "selection"] == ["paused"]
    shown.wait(days=60)
    assert shown.state() == "candidate_shown"
    assert shown.faults(swept=True) == []


def test_lines_are_taken_back_the_last_one_first(shown: World) -> None:
    first, second = adjust(shown, "extension", by="10 days"), adjust(shown, "extension", by="5 days")
    assert refused(shown, first) == {"entries_since"}
    take_back(shown, second)
    take_back(shown, first)
    assert shown.due("selection") == instant("2021-01-19T23:00")
    assert refused(shown, first) == {"entry_not_standing"}


def test_lines_of_other_deadlines_and_remarks_are_in_nobodys_way(world: World) -> None:
    reach(world, "contract_signed")
    seq = adjust(world, "extension", "convention", by="10 days")
    adjust(world, "extension", "training_departure", by="5 days")
    world.engine.ask(Note(reference="P", text="All is well", actor="Ada"))
    take_back(world, seq)
    assert world.faults() == []


def test_waiver_taken_back_needs_a_date_for_what_is_overdue(shown: World) -> None:
    shown.wait(days=20)
    waiver = correct(shown, Reverse, waive=True).entries[-1].entry.seq
    assert shown.due("selection") is None
    assert refused(shown, waiver) == {"date_needed"}
    outcome = take_back(shown, waiver, extend_to=date(2021, 2, 1))
    assert [item.entry.kind for item in outcome.entries] == ["reversal", "move"]
    assert shown.due("selection") == instant("2021-02-01T23:00")
    assert shown.faults() == []


def test_amendment_taken_back_gives_values_and_dates_of_before(world: World) -> None:
    reach(world, "contract_signed")
    before = world.engine.view("P")
    seq = amend(world, convention_months="24", monthly_gross="1950")
    assert [item.entry.kind for item in world.history()][-2:] == ["amendment", "extension"]
    outcome = take_back(world, seq)
    assert [item.entry.concerns for item in outcome.entries] == [seq + 1, seq], "with the day kept for it"
    after = world.engine.view("P")
    assert (after.facts.fields, after.personal, after.deadlines) == (
        before.facts.fields, before.personal, before.deadlines
    )  # fmt: skip
    assert world.faults() == []


def test_amendment_on_which_something_rests_stays(world: World) -> None:
    reach(world, "contract_signed")
    seq = amend(world, monthly_gross="1950")
    world.ask("start_training", "host", training_started_on=world.now.date())
    assert refused(world, seq) == {"entries_since"}
    correct(world, Reverse)
    take_back(world, seq)
    assert world.faults() == []


def test_reminders_that_were_sent_stay_sent(shown: World) -> None:
    shown.wait(days=11)
    seq = adjust(shown, "extension", by="10 days")
    shown.wait(days=2)
    take_back(shown, seq)
    shown.wait(days=2)
    reminders = [at for kind, _, _, at in shown.story() if kind == "reminder"]
    assert reminders == sorted(set(reminders))
    assert shown.faults(swept=True) == []


def test_only_amendments_and_lines_of_a_ledger_are_taken_back_by_number(shown: World) -> None:
    assert refused(shown, 3) == {"entry_not_reversible"}
    assert refused(shown, 1) == {"entry_not_reversible"}
    assert refused(shown, 99) == {"entry_not_standing"}
    assert refused(shown, 99, roles=(), reason=None) == {"role_needed", "reason_needed", "entry_not_standing"}
    reversal = correct(shown, Reverse).entries[0].entry.seq
    assert refused(shown, reversal) == {"entry_not_standing"}
