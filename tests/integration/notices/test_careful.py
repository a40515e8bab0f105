"""What must not happen: twice at once, anything lost, anything personal left behind, anybody told who was erased."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from app import initialise
from operators.notices import mail
from operators.notices.delivering import Courier, Delivered, deliver
from operators.notices.errands import MailErrand
from operators.notices.feed import calendar_feed
from operators.notices.letters import Letter
from operators.notices.planning import plan_pending
from operators.notices.post import post_of
from settings import WrongUsage, read_settings
from storage.deliveries import Deliveries
from storage.queries import Delivery
from tests.integration.notices.conftest import CANARY, NAME, Office
from tests.postgres import Server, fresh_name
from workflow.commands import Erase
from workflow.errors import StoreBusy, StoreInterrupted, StoreUnavailable

Lines = Callable[[], list[logging.LogRecord]]


def reminded(office: Office, count: int = 1) -> None:
    for number in range(count):
        office.shown(f"P-{number}")
    office.until("2021-03-11T09:00")


@pytest.fixture(params=["sqlite", "postgres"])
def anywhere(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Office:
    """The same, with its placements in a file or on a server."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("server")
        office.said |= {"database_url": server.create(fresh_name()), "signing_key": tmp_path / "key"}
        initialise(read_settings(office.said, environ={}), sandbox=True)
    return office


def test_two_that_both_believe_to_lead_send_each_notice_once(anywhere: Office) -> None:
    office = anywhere
    reminded(office, 12)
    apps = [office.app(), office.opened(office.app().settings)]
    ready, done = Barrier(2), list[Delivered]()

    def courier(number: int) -> None:
        ready.wait()
        done.append(deliver(apps[number]))

    threads = [Thread(target=courier, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each.sent for each in done) == 12
    assert len({message["Message-ID"] for message in office.mailbox.messages}) == len(office.mailbox.messages) == 12


def test_who_could_not_note_what_was_sent_sends_it_again_under_the_same_key(
    hooked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminded(hooked)
    noted = Deliveries.end
    failures = iter([StoreUnavailable("the disk is full")])

    def fail_once(self: Deliveries, *said: Any) -> None:
        if (failure := next(failures, None)) is not None:
            raise failure
        noted(self, *said)

    monkeypatch.setattr(Deliveries, "end", fail_once)
    with pytest.raises(StoreUnavailable):
        hooked.send()
    assert hooked.log()[0].status == "waiting"
    assert hooked.send().sent == 0, "the attempt may still be going on"
    hooked.wait(minutes=1)
    assert hooked.send().sent == 1
    first, again = hooked.endpoint.keys
    assert first == again


def test_busy_database_is_asked_again_to_note_what_was_sent(hooked: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each sweep of thousands would have somebody told twice."""
    reminded(hooked)
    noted = Deliveries.end
    failures = iter([StoreBusy("a sweep writes"), StoreInterrupted("a deadlock")])

    def busy_twice(self: Deliveries, *said: Any) -> None:
        if (failure := next(failures, None)) is not None:
            raise failure
        noted(self, *said)

    monkeypatch.setattr(Deliveries, "end", busy_twice)
    assert hooked.send().sent == 1
    assert len(hooked.endpoint.keys) == 1
    assert hooked.statuses == ["sent"]


def test_erased_person_is_told_nothing_any_more(office: Office) -> None:
    reminded(office)
    plan_pending(office.app(), post_of(office.app()))
    office.app().engine.ask(
        Erase(reference="P-0", ground="consent_withdrawn", decision="D-1", actor="Ada", fields=("host_email",),
              roles=("supervisor",))
    )  # fmt: skip
    assert office.send().overtaken == 1
    assert office.mailbox.messages == []
    office.until("2021-03-15T09:00")
    office.send()
    assert office.mailbox.messages == []
    assert [each.error for each in office.log()] == ["there is no address (any more)"]
    assert office.statuses == ["overtaken", "unaddressed"]


def test_address_that_was_corrected_receives_what_waited(office: Office) -> None:
    from workflow.commands import Amend

    reminded(office)
    plan_pending(office.app(), post_of(office.app()))
    office.app().engine.ask(
        Amend(reference="P-0", fields={"host_email": "autre@ville.example"}, reason="other", actor="Ada",
              roles=("supervisor",))
    )  # fmt: skip
    assert office.send().sent == 1
    assert office.mailbox.recipients == ["autre@ville.example"]


def test_nothing_personal_is_left_in_logs_history_or_deliveries(office: Office, lines: Lines) -> None:
    told = "operateur.canari@anct.example"
    reminded(office, 2)
    said = {"notices_to": [f"host={told}"], "digest_to": [f"*={told}"]}
    for answer in ("451 no room for " + CANARY, "250 OK"):
        office.mailbox.answer = answer
        office.send(**said)
        office.wait(hours=1)
    office.mailbox.refuses = (CANARY, told)
    office.until("2021-03-15T09:00")
    office.send(**said)
    office.mailbox.refuses, office.mailbox.answer = (), "554 " + told + " is full"
    office.until("2021-03-17T09:00")
    office.send(**said)
    assert {"sent", "dead"} <= {each.status for each in office.log()}
    kept = json.dumps([vars(record) for record in lines()], default=str)
    kept += "".join(repr(each) for each in office.log())
    assert "notice.given_up" in kept
    office.app().store.database.empty_log()
    stored = (office.folder / "parcours.db").read_bytes()
    for canary in (CANARY, NAME, told, "canari"):
        assert canary not in kept
        assert canary.encode() not in stored


def test_notice_that_cannot_be_written_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    reminded(office, 3)
    usual = MailErrand.go

    def broken(self: MailErrand) -> None:
        if self._subject.facts.reference == "P-0":
            # As a header with a line break would be refused.
            self._letters.send(self._key, f"{CANARY}\nBcc: x@y.example", Letter("notice", "fr", "t", {}))
        else:
            usual(self)

    monkeypatch.setattr(MailErrand, "go", broken)
    done = office.send()
    assert (done.sent, done.failed) == (2, 1)
    (failed,) = (each for each in office.log() if each.status == "waiting")
    assert failed.error == "it cannot be written (ValueError)"


def test_notice_of_a_placement_that_cannot_be_read_holds_up_no_other(office: Office) -> None:
    reminded(office, 2)
    plan_pending(office.app(), post_of(office.app()))
    with office.app().store.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE personal SET ciphertext = x'00' "
            "WHERE placement = (SELECT id FROM placement WHERE reference = 'P-0')"
        )
    done = office.send()
    assert (done.sent, done.failed) == (1, 1)


def test_who_is_told_to_stop_leaves_the_rest_waiting(office: Office) -> None:
    reminded(office, 3)
    asked = iter([False, True])
    post = post_of(office.app())
    plan_pending(office.app(), post)
    done: Delivered = Courier(office.app(), post).deliver(lambda: next(asked))
    assert done.sent == 1
    waiting: list[Delivery] = [each for each in office.log() if each.status == "waiting"]
    assert len(waiting) == 2


@pytest.mark.parametrize(
    ("library", "ask"),
    [
        ("jinja2", lambda office: office.send()),
        ("standardwebhooks", lambda office: office.send(webhooks=["si=https://si.example/"], notices_email=False)),
        ("icalendar", lambda office: calendar_feed(office.app(), "fr")),
    ],
)
def test_library_that_is_not_installed_is_named_with_the_extra_that_brings_it(
    office: Office, library: str, ask: Callable[[Office], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    reminded(office)
    mail._environment.cache_clear()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(WrongUsage) as refused:
        ask(office)
    assert library in refused.value.message_en
    assert "pip install 'parcours[notices]'" in refused.value.message_en
    assert office.statuses == ["pending"], "nothing was taken in hand"
