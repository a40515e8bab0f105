"""What every database promises of marks, of what accounts keep for themselves, and of forgetting old lines."""

from datetime import timedelta

from storage.accounts import Account, Grant
from storage.queries import Delivery
from storage.views import MOST, SavedView
from tests.store.backends import Sql
from tests.store.builders import START, after, incident, placed
from workflow.changes import Change

SOPHIE = Account("operator:1", "Sophie", None, (Grant("viewer"),), "fr", START, None, None)


def fill(database: Sql, *changes: Change) -> None:
    with database.store.writing() as work:
        work.apply(changes)


def add(database: Sql) -> None:
    with database.store.writing() as unit:
        unit.accounts.add(SOPHIE, None)


def test_mark_differs_once_what_it_stands_for_has_changed_and_not_before(database: Sql) -> None:
    fill(database, placed("P1"), placed("P2"))
    marks = database.store.marks
    asked = (marks.placements, lambda: marks.placement("id-of-P1"), marks.incidents, marks.system)
    before = [ask() for ask in asked]
    assert [ask() for ask in asked] == before
    with database.store.writing() as unit:
        unit.report(incident("P2"))
    after_incident = [ask() for ask in asked]
    assert [now != was for now, was in zip(after_incident, before, strict=True)] == [True, False, True, False]
    fill(database, placed("P3"))
    assert [now != was for now, was in zip([ask() for ask in asked], after_incident, strict=True)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert marks.placement("id-of-P1") != marks.placement("id-of-P3")
    assert marks.placement("nobody") is None


def test_views_are_kept_by_name_up_to_a_number(database: Sql) -> None:
    add(database)
    views = database.store.views
    for number in range(MOST):
        assert views.keep(SOPHIE.id, "due", SavedView(f"V{number:02}", "?a=1"), START)
    assert not views.keep(SOPHIE.id, "due", SavedView("another", "?a=1"), START)
    assert views.keep(SOPHIE.id, "due", SavedView("V07", "?a=2"), START)
    assert views.keep(SOPHIE.id, "placements", SavedView("V07", "?b=2"), START)
    assert len(views.of(SOPHIE.id, "due")) == MOST
    assert views.of(SOPHIE.id, "due")[7] == SavedView("V07", "?a=2")
    views.drop(SOPHIE.id, "due", "V07")
    assert len(views.of(SOPHIE.id, "due")) == MOST - 1


def test_calendar_s_address_is_one_and_the_last(database: Sql) -> None:
    add(database)
    feeds = database.store.feeds
    assert feeds.made_at(SOPHIE.id) is None
    feeds.make(SOPHIE.id, "first", START)
    feeds.make(SOPHIE.id, "second", after(1))
    assert [feeds.account_of(token) for token in ("first", "second")] == [None, SOPHIE.id]
    assert feeds.made_at(SOPHIE.id) == after(1)
    feeds.revoke(SOPHIE.id)
    assert feeds.account_of("second") is None


def test_who_is_forgotten_keeps_neither_views_nor_an_address(database: Sql) -> None:
    add(database)
    database.store.views.keep(SOPHIE.id, "due", SavedView("Chez Zoé", "?a=1"), START)
    database.store.feeds.make(SOPHIE.id, "token", START)
    with database.store.writing() as unit:
        unit.accounts.forget(SOPHIE.id, START)
    assert database.store.views.of(SOPHIE.id, "due") == ()
    assert database.store.feeds.made_at(SOPHIE.id) is None


def test_sessions_that_are_still_held_are_told_apart(database: Sql) -> None:
    add(database)
    accounts = database.store.accounts
    for token, lasts in (("held", 5), ("late", 1), ("ended", 5)):
        accounts.open_session(token, SOPHIE.id, START, after(lasts))
    accounts.end_session("ended", START)
    assert accounts.live_sessions({"held", "late", "ended", "unknown"}, after(2)) == {"held"}
    assert accounts.live_sessions(set(), after(2)) == frozenset()


def test_old_lines_are_forgotten_and_others_stay(database: Sql) -> None:
    fill(database, placed("P1"))
    add(database)
    for day in (1, 2, 3):
        database.store.accounts.record_access(SOPHIE.id, "id-of-P1", {"name"}, after(day))
        ended = Delivery(str(day), "email", "host", None, None, None, "sent", 1, None, START, START, after(day))
        database.store.deliveries.add(ended)
    with database.store.writing() as unit:
        assert unit.forget_accesses(after(2)) == 1
        assert unit.forget_deliveries(after(3) - timedelta(seconds=1)) == 2
    assert [each.at for each in database.store.accounts.accesses().items] == [after(3), after(2)]
    assert [each.key for each in database.store.deliveries.listed().items] == ["3"]
