"""The log of deliveries: planned once, taken by one of two, told in short in the outbox."""

from datetime import datetime, timedelta

import pytest

from storage.queries import Delivery, NoticePlan
from tests.store.backends import Postgres, Sqlite
from tests.store.builders import START, notice, placed

LATER = START + timedelta(minutes=5)


@pytest.fixture
def full(database: Sqlite | Postgres) -> Sqlite | Postgres:
    """One placement with one notice."""
    with database.store.writing() as work:
        work.apply([placed("P1", notices=(notice(1),))])
    return database


def item(recipient: str, *, key: str = "id-of-P1.1", channel: str = "email", at: datetime = START) -> Delivery:
    placement, seq = (None, None) if key.startswith("digest") else ("id-of-P1", 1)
    return Delivery(key, channel, recipient, placement, seq, "waiting", 0, None, START, at)


def plan(database: Sqlite | Postgres, *items: Delivery) -> None:
    planned = NoticePlan("id-of-P1", 1, "queued", items)
    assert list(database.store.deliveries.plan([planned])) == [planned]


def status(database: Sqlite | Postgres) -> str:
    return database.store.queries.notices().items[0].status


def test_notice_is_planned_by_one_of_two(full: Sqlite | Postgres) -> None:
    planned = NoticePlan("id-of-P1", 1, "queued", (item("host"),))
    assert list(full.store.deliveries.plan([planned])) == [planned]
    assert list(full.store.deliveries.plan([planned])) == []
    assert full.store.queries.pending_outbox().items == ()
    (kept,) = full.store.deliveries.listed().items
    assert (kept.recipient, kept.reference, kept.status, kept.next_at) == ("host", "P1", "waiting", START)


def test_delivery_is_taken_by_one_of_two_and_only_that_one_says_how_it_ended(full: Sqlite | Postgres) -> None:
    plan(full, item("host"))
    log = full.store.deliveries
    (seen,) = log.due(START, 10)
    mine = log.take(seen, LATER)
    assert mine is not None
    assert log.take(seen, LATER) is None
    assert log.due(START, 10) == []
    log.end(seen, "dead", START, "not mine to say")
    log.wait(seen, START, "not mine to say")
    assert [each.status for each in log.listed().items] == ["waiting"]
    log.end(mine, "sent", START)
    (ended,) = log.listed().items
    assert (ended.status, ended.attempts, ended.ended_at, ended.error) == ("sent", 1, START, None)


def test_attempt_of_one_that_died_is_made_again(full: Sqlite | Postgres) -> None:
    plan(full, item("host"))
    log = full.store.deliveries
    first = log.take(log.due(START, 10)[0], LATER)
    (again,) = log.due(LATER, 10)
    second = log.take(again, LATER + timedelta(minutes=5))
    assert first is not None
    assert second is not None
    # Who was believed dead wakes up: what it says of its own attempt counts no more.
    log.end(first, "dead", LATER)
    log.end(second, "sent", LATER)
    assert [each.status for each in log.listed().items] == ["sent"]


def test_what_failed_waits_with_its_reason(full: Sqlite | Postgres) -> None:
    plan(full, item("host"))
    log = full.store.deliveries
    taken = log.take(log.due(START, 10)[0], LATER)
    assert taken is not None
    log.wait(taken, LATER, "the mail server answered 451")
    (waiting,) = log.listed().items
    assert (waiting.status, waiting.attempts, waiting.error) == ("waiting", 1, "the mail server answered 451")
    assert waiting.next_at == LATER


def test_outbox_says_what_deserves_a_look_first(full: Sqlite | Postgres) -> None:
    plan(full, item("anct:1"), item("host"), item("si", channel="webhook"))
    log = full.store.deliveries
    told = {}
    for recipient, ended in (("si", "sent"), ("host", "overtaken"), ("anct:1", "dead")):
        (one,) = [each for each in log.due(START, 10) if each.recipient == recipient]
        log.end(one, ended, START)  # type: ignore[arg-type] # the literals above
        told[recipient] = status(full)
    assert told == {"si": "queued", "host": "queued", "anct:1": "dead"}
    assert log.counts() == {"dead": 1, "overtaken": 1, "sent": 1}


def test_dead_ones_wait_anew_when_somebody_asks(full: Sqlite | Postgres) -> None:
    plan(full, item("anct:1"), item("host"))
    log = full.store.deliveries
    for one in log.due(START, 10):
        log.end(one, "dead" if one.recipient == "host" else "sent", START)
    with full.store.writing() as work:
        assert work.ask_again("id-of-nobody.1", LATER) == []
        assert [each.recipient for each in work.ask_again(None, LATER)] == ["host"]
    (waiting,) = log.due(LATER, 10)
    assert (waiting.recipient, waiting.attempts, waiting.planned_at, waiting.ended_at) == ("host", 0, LATER, None)
    assert status(full) == "queued"


def test_what_goes_the_same_way_waits_uncounted(full: Sqlite | Postgres) -> None:
    plan(full, item("anct:1"), item("other", channel="webhook"), item("si", channel="webhook"))
    log = full.store.deliveries
    log.postpone("webhook", "si", START, LATER)
    assert {each.recipient for each in log.due(START, 10)} == {"anct:1", "other"}
    log.postpone("email", None, START, LATER)
    assert {each.recipient for each in log.due(START, 10)} == {"other"}
    assert {each.attempts for each in log.listed().items} == {0}


def test_digest_is_entered_once(database: Sqlite | Postgres) -> None:
    log = database.store.deliveries
    assert not log.known("digest:2021-03-16:1")
    for _ in range(2):
        log.add(item("anct:1", key="digest:2021-03-16:1"))
    assert log.known("digest:2021-03-16:1")
    (kept,) = log.due(START, 10)
    log.end(kept, "sent", START)
    log.add(item("anct:1", key="digest:2021-03-16:1"))
    assert [each.status for each in log.listed().items] == ["sent"]


def test_log_is_paged_and_filtered(full: Sqlite | Postgres) -> None:
    plan(full, item("a"), item("b"), item("a", channel="webhook"))
    log = full.store.deliveries
    shown, after = [], None
    while True:
        page = log.listed(limit=1, after=after)
        shown += [(each.channel, each.recipient) for each in page.items]
        if page.next is None:
            break
        after = page.next
    assert shown == [("email", "a"), ("email", "b"), ("webhook", "a")]
    assert log.listed(status="dead").items == ()
    assert log.listed(key="id-of-nobody.1").items == ()
    for wrong in ({"limit": 0}, {"after": "nothing"}):
        with pytest.raises(ValueError, match=r"page|cursor"):
            log.listed(**wrong)  # type: ignore[arg-type] # what the loop names
