"""What a person set aside: incidents as they are, deliveries that were given up; and what ends with them."""

from datetime import timedelta

import pytest

from storage.counting import Waiting
from tests.store.backends import Postgres, Sqlite
from tests.store.builders import START, change, incident, notice, placed
from tests.store.test_deliveries import item, plan, status
from workflow.changes import Change, ErasedValue
from workflow.commitments import disclosure_of

LATER = START + timedelta(minutes=5)
WHY = disclosure_of(bytes(32), "reason", "told by telephone")


@pytest.fixture
def one(database: Sqlite | Postgres) -> Change:
    """One placement with one notice, which reached one of two."""
    made = placed("P1", notices=(notice(1),))
    with database.store.writing() as work:
        work.apply([made])
    plan(database, item("anct:1"), item("host"))
    log = database.store.deliveries
    for each in log.due(START, 10):
        log.end(each, "dead" if each.recipient == "host" else "sent", START)
    return made


def test_incident_set_aside_causes_no_alarm_while_it_stays_as_it_is(database: Sqlite | Postgres, one: Change) -> None:
    store = database.store
    with store.writing() as work:
        work.report(incident("P1"))
        by = work.actor_id("Ada")
        work.set_aside(incident("P1"), by, START, WHY)
        work.report(incident("P1", attempts=2))
    assert store.counts.waiting() == Waiting(0, 0, 1)
    (listed,) = store.queries.incidents()
    assert listed.aside is not None
    assert (listed.aside.actor, listed.aside.at, listed.aside.reason) == ("Ada", START, "told by telephone")
    with store.writing() as work:
        work.report(incident("P1", message="something else"))
    assert store.counts.waiting() == Waiting(0, 1, 0)
    assert store.queries.incidents()[0].aside is None


def test_what_ends_an_incident_forgets_that_it_was_set_aside(database: Sqlite | Postgres, one: Change) -> None:
    store = database.store
    with store.writing() as work:
        work.report(incident("P1"))
        for at in (START, LATER):
            work.set_aside(incident("P1"), work.actor_id("Ada"), at, WHY)
        work.apply([change(one.after)])
        work.report(incident("P1"))
    assert store.counts.waiting() == Waiting(0, 1, 0)
    with store.writing() as work:
        work.set_aside(incident("P1"), work.actor_id("Ada"), LATER, WHY)
        assert work.take_up("id-of-P1")
        assert not work.take_up("id-of-P1")
    assert store.counts.waiting() == Waiting(0, 1, 0)


def test_dismissed_delivery_is_over_and_is_sent_after_all_when_asked(database: Sqlite | Postgres, one: Change) -> None:
    store, log = database.store, database.store.deliveries
    with store.writing() as work:
        by = work.actor_id("Ada")
        assert [each.recipient for each in work.dismiss("id-of-P1.1", by, LATER, WHY)] == ["host"]
        assert work.dismiss("id-of-P1.1", by, LATER, WHY) == []
        assert work.ask_again(None, LATER) == [], "all means all that were given up"
    (kept,) = log.listed("dismissed").items
    assert kept.dismissal is not None
    assert (kept.dismissal.actor, kept.dismissal.reason, kept.ended_at) == ("Ada", "told by telephone", START)
    assert (status(database), log.number_dead(), store.counts.unsent_notices()["dead"]) == ("dismissed", 0, 0)
    with store.writing() as work:
        assert [each.recipient for each in work.ask_again("id-of-P1.1", LATER)] == ["host"]
    (waiting,) = log.due(LATER, 10)
    assert (waiting.status, waiting.dismissal, status(database)) == ("waiting", None, "queued")


def test_reason_of_a_dismissal_goes_with_what_is_erased_and_with_its_line(
    database: Sqlite | Postgres, one: Change
) -> None:
    store = database.store
    with store.writing() as work:
        work.dismiss("id-of-P1.1", work.actor_id("Ada"), LATER, WHY)
        work.apply([change(one.after, erased=(ErasedValue(1, "candidate_name"),))])
    (kept,) = store.deliveries.listed("dismissed").items
    assert kept.dismissal is None
    with store.writing() as work:
        work.ask_again("id-of-P1.1", START)
    (again,) = store.deliveries.due(START, 10)
    store.deliveries.end(again, "dead", START)
    with store.writing() as work:
        work.dismiss("id-of-P1.1", work.actor_id("Ada"), LATER, WHY)
        assert work.forget_old("delivery", LATER) == 2
    assert store.deliveries.listed().items == ()
