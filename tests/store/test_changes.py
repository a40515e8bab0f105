"""What every store promises about changes: all or nothing, compare-and-set, each part kept as given."""

from collections.abc import Callable

import pytest

from tests.store.backends import Backend
from tests.store.builders import (
    START,
    after,
    change,
    entry,
    facts_of,
    incident,
    notice,
    placed,
    row,
)
from workflow.changes import Change, Remembered
from workflow.errors import IntegrityBroken, StalePlacement
from workflow.history import GENESIS, broken_link
from workflow.store import Store, UnitOfWork

Apply = Callable[..., None]


def test_placement_is_found_by_its_reference(store: Store, apply: Apply) -> None:
    new = placed("P1", state="validated", fields={"territory": "2A", "amount": 160312, "granted": True})
    apply(new)
    with store.reading() as view:
        assert view.find("P1") == new.after
        assert view.find("P2") is None


def test_many_references_are_known_at_once(store: Store, apply: Apply) -> None:
    new = [placed(f"P{number}") for number in range(1203)]
    apply(*new)
    with store.reading() as view:
        known = view.known([*(f"P{number}" for number in range(1203)), "nobody"])
    assert known == {made.after.reference: made.after for made in new}


def test_history_comes_back_to_the_byte(store: Store, apply: Apply) -> None:
    first = placed("P1")
    second = change(first.after, 3)
    apply(first, placed("P2"))
    apply(second)
    with store.reading() as view:
        history = view.history(first.after.id)
        assert list(history) == [*first.entries, *second.entries]
        assert broken_link(history) is None
        assert list(view.history("nobody")) == []


def test_stale_change_writes_none_of_the_others(store: Store, apply: Apply) -> None:
    one, two = placed("P1"), placed("P2")
    apply(one, two)
    apply(change(two.after))
    with pytest.raises(StalePlacement) as stale, store.writing() as work:
        work.apply([change(one.after), change(two.after), placed("P3")])
    assert stale.value.reference == "P2"
    with store.reading() as view:
        assert (view.find("P1"), view.find("P3")) == (one.after, None)
        assert len(view.history(one.after.id)) == 1


def test_transaction_goes_on_after_a_stale_change(store: Store, apply: Apply) -> None:
    one = placed("P1")
    apply(one)
    with store.writing() as work:
        with pytest.raises(StalePlacement):
            work.apply([placed("P2"), placed("P1", id="another")])
        work.apply([change(one.after)])
    with store.reading() as view:
        assert [view.find("P1"), view.find("P2")] == [change(one.after).after, None]


@pytest.mark.parametrize(
    ("changes", "whose"),
    [
        ([placed("P1", id="another")], "P1"),
        ([placed("P2"), placed("P2", id="another")], "P2"),
        ([change(placed("P9").after)], "P9"),
        ([change(placed("P1").after), change(change(placed("P1").after).after)], "P1"),
        ([change(placed("P1").after, 0), change(placed("P1").after)], "P1"),
    ],
    ids=["reference exists", "placed twice", "not there", "changed twice", "changed by nothing and again"],
)
def test_stale_change_is_named(store: Store, apply: Apply, changes: list[Change], whose: str) -> None:
    apply(placed("P1"))
    with pytest.raises(StalePlacement) as stale:
        apply(*changes)
    assert stale.value.reference == whose


def test_exception_rolls_the_transaction_back(store: Store) -> None:
    def fail(work: UnitOfWork) -> None:
        work.apply([placed("P1")])
        work.actor_id("Camille")
        raise LookupError

    token = store.change_token()
    with pytest.raises(LookupError), store.writing() as work:
        fail(work)
    with store.reading() as view:
        assert view.find("P1") is None
        assert view.next_wake() is None
    assert store.change_token() == token


def test_work_is_durable_once_its_transaction_gave_something(store: Store) -> None:
    def work(unit: UnitOfWork) -> str:
        unit.apply([placed("P1")])
        return "done"

    assert store.transact(work) == "done"
    with store.reading() as view:
        assert view.find("P1") is not None


def test_work_that_fails_leaves_nothing(store: Store) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.apply([placed("P1")])
        raise LookupError

    token = store.change_token()
    with pytest.raises(LookupError):
        store.transact(work)
    with store.reading() as view:
        assert view.find("P1") is None
    assert store.change_token() == token


def test_open_view_does_not_see_what_is_committed_meanwhile(store: Store, apply: Apply) -> None:
    with store.reading() as view:
        assert view.find("P1") is None
        apply(placed("P1"))
        assert view.find("P1") is None
    with store.reading() as view:
        assert view.find("P1") is not None


def test_transaction_sees_what_it_wrote(store: Store) -> None:
    new = placed("P1", wakes_at=after(1))
    with store.writing() as work:
        work.apply([new])
        assert work.find("P1") == new.after
        assert work.next_wake() == after(1)
        assert list(work.due(after(2), 5)) == [new.after]


def test_fork_of_the_history_is_refused(store: Store, apply: Apply) -> None:
    one = placed("P1")
    apply(one)
    forked = entry(one.after, 2, GENESIS)
    with pytest.raises(IntegrityBroken):
        apply(Change(before_seq=1, after=change(one.after).after, entries=(forked,), wakes_at=None))
    with store.reading() as view:
        assert view.find("P1") == one.after
        assert list(view.history(one.after.id)) == list(one.entries)


def test_broken_change_lets_nothing_of_its_transaction_pass(store: Store, apply: Apply) -> None:
    one = placed("P1")
    apply(one)
    again = Change(before_seq=1, after=one.after, entries=one.entries, wakes_at=None)
    with pytest.raises(IntegrityBroken), store.writing() as work:
        work.apply([placed("P2"), again])
    with store.reading() as view:
        assert view.find("P2") is None


def test_unpublished_definition_is_refused(store: Store, apply: Apply) -> None:
    with pytest.raises(IntegrityBroken):
        apply(placed("P1", definition="e" * 64))
    with store.reading() as view:
        assert view.find("P1") is None


def test_deadlines_are_replaced_by_the_difference(backend: Backend, store: Store, apply: Apply) -> None:
    first = placed("P1", deadlines=(row("choice", 30), row("signature", 90, then=None)))
    apply(first, placed("P2", deadlines=(row("choice", 5),)))
    moved = row("signature", 100, status="paused", then="expire")
    apply(change(first.after, dropped=("choice", "unknown"), deadlines=(moved, row("start", 120))))
    assert list(backend.deadlines("P1")) == [moved, row("start", 120)]
    assert list(backend.deadlines("P2")) == [row("choice", 5)]


def test_notices_are_kept_in_order_and_stale_ones_marked(backend: Backend, apply: Apply) -> None:
    later = notice(1, kind="missed", at=after(3), deadline=None, trigger="expire", stale=True)
    first = placed("P1", notices=(later,))
    apply(first, placed("P2", notices=(notice(1),)))
    apply(change(first.after, notices=(notice(2),)))
    assert list(backend.notices()) == [("P1", notice(2)), ("P2", notice(1)), ("P1", later)]


def test_command_is_remembered_by_its_key(store: Store, apply: Apply) -> None:
    done = Remembered("key-1", "f" * 64, 1, 2)
    new = placed("P1", remembered=done)
    apply(new, placed("P2"))
    with store.reading() as view:
        assert view.remembered(new.after.id, "key-1") == done
        assert view.remembered(new.after.id, "key-2") is None
        assert view.remembered("id-of-P2", "key-1") is None


def test_longest_overdue_is_due_first(store: Store, apply: Apply) -> None:
    late = [placed("P2", wakes_at=after(3)), placed("P1", wakes_at=after(3)), placed("P3", wakes_at=after(1))]
    apply(*late, placed("P4", wakes_at=after(9)), placed("P5"))
    with store.writing() as work:
        assert [facts.reference for facts in work.due(after(3), 10)] == ["P3", "P1", "P2"]
        assert [facts.reference for facts in work.due(after(3), 1)] == ["P3"]
        assert list(work.due(START, 10)) == []
        assert work.next_wake() == after(1)


def test_incident_leaves_its_placement_alone_until_it_is_tried_again(store: Store, apply: Apply) -> None:
    one = placed("P1", wakes_at=after(-1))
    apply(one, placed("P2", wakes_at=after(2)))
    with store.writing() as work:
        work.report(incident("P1"))
        work.report(incident("P1", attempts=2, message="still no", retry_at=after(5)))
    with store.writing() as work:
        assert work.incident(one.after.id) == incident("P1", attempts=2, message="still no", retry_at=after(5))
        assert work.incident("id-of-P2") is None
        assert work.next_wake() == after(2)
        assert [facts.reference for facts in work.due(after(5), 9)] == ["P2", "P1"]


def test_change_resolves_the_incident(store: Store, apply: Apply) -> None:
    one = placed("P1", wakes_at=after(1))
    apply(one, placed("P2"))
    with store.writing() as work:
        work.report(incident("P1"))
        work.report(incident("P2"))
    apply(change(one.after))
    with store.reading() as view:
        assert view.incident(one.after.id) is None
        assert view.incident("id-of-P2") == incident("P2")
        assert view.next_wake() == after(1)


def test_incident_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityBroken), store.writing() as work:
        work.report(incident("nobody"))


def test_commit_changes_the_token_of_others(backend: Backend, store: Store, apply: Apply) -> None:
    other = backend.another()
    before = other.change_token()
    assert other.change_token() == before
    apply(placed("P1"))
    assert other.change_token() != before


def test_no_change_is_no_work(store: Store, apply: Apply) -> None:
    apply()
    facts = facts_of("P1", seq=0)
    with store.reading() as view:
        assert view.known([]) == {}
        assert view.find(facts.reference) is None
