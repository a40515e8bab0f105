"""Which deadlines run, in which order they fall due, and when an occurrence ends: on small definitions."""

from datetime import date

from tests.unit.definitions import SMALL, changed
from tests.world import World, instant
from workflow.deadlines import events, next_event

REQUIRED = """\
fields:
  territory: {type: territory, required: true}
  host_name: {type: text}
  host_siret: {type: siret}
  host_type: {type: text}
"""


def world_of(text: str, at: str = "2021-03-01T09:00") -> World:
    """A world with one placement of a small definition, in Paris."""
    world = World.starting(instant(at), changed(text, ("fields:\n", REQUIRED)).encode())
    world.place()
    return world


def fell_due(world: World) -> list[tuple[str, str | None]]:
    return [(kind, name) for kind, _, name, _ in world.story() if name is not None]


CROWD = (
    SMALL
    + """\
  last: {after: open, within: 15 days, while: open, then: close}
  nudge: {after: open, within: 20 days, while: open, remind: [4 days before], then: close}
  notice: {after: open, within: 15 days, while: open}
"""
)


def test_at_one_instant_reminders_come_first_then_notices_then_the_rest_in_order() -> None:
    text = changed(CROWD, ("answer: {after: open,", "answer: {before: [last, nudge], after: open,"))
    world = world_of(changed(text, ("last: {", "last: {before: [nudge], ")))
    world.sleep(days=40)
    world.engine.sweep()
    assert fell_due(world) == [("reminder", "nudge"), ("missed", "notice"), ("timeout", "answer")]
    assert len({at for *_, name, at in world.story() if name}) == 1
    assert world.faults(swept=True) == []


def test_what_falls_due_first_is_what_wakes() -> None:
    world = world_of(SMALL)
    view = world.engine.view("P")
    event = next_event(view.rules, view.facts)
    assert event is not None
    assert (event.moment, event.deadline, event.is_reminder) == (instant("2021-03-16T23:00"), "answer", False)
    assert world.engine.next_wake() == event.moment
    assert len(list(events(view.rules, view.facts))) == 1


def test_an_occurrence_ends_on_leaving_its_states() -> None:
    world = world_of(SMALL)
    world.ask("pass_on", "clerk")
    assert world.engine.view("P").deadlines == ()
    assert world.engine.next_wake() is None


MORE_TRANSITIONS = """\
  set: {from: [open, waiting], by: [clerk], takes: [due_on, months]}
  come_back: {from: waiting, to: open, by: [clerk]}
deadlines:
"""
ANSWER = """\
  answer:
    after: {field: due_on}
    within: 15 days
    while: open
    if_unset: waits
    remind: [5 days before, 3 days after]
  other:
    after: open
    within: {field: months, unit: months}
    while: open
    remind: [1 month before]
    then: close
"""
DATED = changed(
    SMALL,
    ("deadlines:\n", MORE_TRANSITIONS),
    ("  answer: {after: open, within: 15 days, while: open, then: close}\n", ANSWER),
    ("open: {}", "open: {open_ended: true}"),
)


def test_a_deadline_waits_for_the_date_it_counts_from() -> None:
    world = world_of(DATED)
    shown = {view.name: view.status for view in world.engine.view("P").deadlines}
    assert shown == {"answer": "not_started", "other": "running"}
    world.ask("set", "clerk", due_on=date(2021, 3, 10))
    assert world.due("answer") == instant("2021-03-25T23:00")


def test_an_occurrence_that_was_left_does_not_begin_again_on_the_same_anchor() -> None:
    world = world_of(DATED)
    world.ask("set", "clerk", due_on=date(2021, 3, 10))
    world.ask("pass_on", "clerk")
    world.ask("come_back", "clerk")
    assert world.due("answer") is None
    world.ask("set", "clerk", due_on=date(2021, 3, 11))
    assert world.due("answer") == instant("2021-03-26T23:00")


def test_the_same_date_again_is_no_new_anchor() -> None:
    world = world_of(DATED)
    world.ask("set", "clerk", due_on=date(2021, 3, 10))
    before = world.engine.view("P").facts.occurrences["answer"]
    world.ask("set", "clerk", due_on=date(2021, 3, 10))
    assert world.engine.view("P").facts.occurrences["answer"] == before


def test_a_reminder_of_the_past_is_not_sent_and_leaves_no_entry() -> None:
    world = world_of(DATED)
    world.ask("set", "clerk", due_on=date(2021, 2, 18))
    assert world.due("answer") == instant("2021-03-05T23:00")
    shown = {view.name: view for view in world.engine.view("P").deadlines}["answer"]
    assert [(reminder.at, reminder.sent) for reminder in shown.reminders] == [
        (instant("2021-02-27T23:00"), False),
        (instant("2021-02-20T23:00"), False),
    ]
    world.wait(days=10)
    assert fell_due(world) == [("missed", "answer")]


def test_reminders_after_the_anchor_and_before_the_last_day_are_sent_in_turn() -> None:
    world = world_of(DATED)
    world.ask("set", "clerk", due_on=date(2021, 3, 10))
    world.wait(days=30)
    assert [entry for entry in world.story() if entry[2] == "answer"] == [
        ("reminder", None, "answer", instant("2021-03-12T23:00")),
        ("reminder", None, "answer", instant("2021-03-19T23:00")),
        ("missed", None, "answer", instant("2021-03-25T23:00")),
    ]


def test_a_length_read_from_a_field_moves_with_it() -> None:
    world = world_of(DATED)
    assert world.due("other") == instant("2021-09-01T22:00")
    world.ask("set", "clerk", months=3)
    assert world.due("other") == instant("2021-06-01T22:00")


def test_a_period_cut_short_to_the_past_ends_when_it_was_cut() -> None:
    world = world_of(DATED)
    world.wait(days=100)
    world.ask("set", "clerk", months=2)
    world.engine.sweep()
    entry = world.history()[-1].entry
    assert (entry.kind, entry.occurred_at, entry.due_at) == (
        "timeout",
        world.now,
        instant("2021-05-01T22:00"),
    )
    assert world.faults(swept=True) == []


def test_a_missed_deadline_is_shown_until_its_span_ends_and_never_misses_twice() -> None:
    world = world_of(DATED)
    world.ask("set", "clerk", due_on=date(2021, 3, 10))
    world.wait(days=60)
    shown = {view.name: view.status for view in world.engine.view("P").deadlines}
    assert shown["answer"] == "missed"
    assert fell_due(world).count(("missed", "answer")) == 1
    world.ask("pass_on", "clerk")
    assert world.engine.view("P").deadlines == ()


def test_a_deadline_in_hours_counts_from_the_instant() -> None:
    world = world_of(changed(SMALL, ("within: 15 days", "within: 48 hours")), "2021-03-27T09:00")
    assert world.due("answer") == instant("2021-03-29T09:00")


def test_what_a_guard_refuses_is_missed_with_the_guard() -> None:
    never = "{code: never, require: 'has(due_on)', message: {fr: Jamais, en: Never}}"
    guarded = f"to: closed, by: [clerk, scheduler], guards: [{never}]}}"
    world = world_of(
        changed(SMALL, ("to: closed, by: [clerk, scheduler]}", guarded), ("open: {}", "open: {open_ended: true}"))
    )
    world.wait(days=20)
    entry = world.history()[-1].entry
    assert (entry.kind, entry.deadline, entry.guards, entry.trigger) == (
        "missed",
        "answer",
        {"never": False},
        None,
    )
    assert world.state() == "open"
