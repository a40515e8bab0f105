"""The command line of notices: listing, sending, what was given up, trying it again, the calendar."""

from pathlib import Path

import icalendar
import pytest

from operators.cli.catalogue import COMMANDS
from tests.integration.conftest import Cli, grant, place, show_candidate
from tests.receivers import Mailbox, mail_server

TO = "suivi@hotes.example"
MORNING = "2021-03-11T09:00:00Z"


@pytest.fixture
def due(office: Cli) -> Cli:
    """One reminder is pending."""
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    office("run", "--once", clock="2021-03-10T23:00:00Z")
    return office


def sending(port: int) -> tuple[str, ...]:
    return ("--notices-email", "--notices-to", f"host={TO}", "--smtp-host", "127.0.0.1", "--smtp-port", str(port),
            "--smtp-security", "none", "--mail-from", "parcours@programme.example")  # fmt: skip


def test_group_alone_lists(due: Cli) -> None:
    (item,) = due("notices", "--json").json["items"]
    assert (item["reference"], item["kind"], item["deadline"], item["status"]) == (
        "A-1", "reminder", "selection", "pending")  # fmt: skip
    assert item == due("notices", "list", "--json").json["items"][0] == due("--json", "notices").json["items"][0]
    assert due("notices", "--limit", "0").code == 2
    assert due("notices", "lsit").code == 2
    assert COMMANDS["notices"].default in COMMANDS["notices"].commands


def test_command_sends_what_is_due_once(due: Cli) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        sent = due("notices", "send", *sending(port), "--json", clock=MORNING)
        again = due("notices", "send", *sending(port), "--lang", "en")
    assert (sent.code, sent.json) == (0, {"planned": 1, "sent": 1, "failed": 0, "dead": 0, "overtaken": 0})
    assert again.out == "Sent: 0. To be tried again: 0. Given up: 0. Overtaken: 0.\n"
    assert mailbox.recipients == [TO]
    key = due("notices", "--json").json["items"][0]["key"]
    (delivery,) = due("notices", "log", key, "--json").json["items"]
    assert (delivery["status"], delivery["channel"], delivery["attempts"]) == ("sent", "email", 1)
    assert delivery["recipient"].startswith("host:")
    assert "@" not in delivery["recipient"]


def test_sending_without_a_channel_is_wrong_usage(due: Cli) -> None:
    said = due("notices", "send", "--lang", "en")
    assert (said.code, said.err) == (2, "No channel is set: notices_email, digest_to or webhooks.\n")


def test_what_was_given_up_is_shown_warned_of_and_tried_again_when_asked(due: Cli) -> None:
    mailbox = Mailbox()
    mailbox.refuses = (TO,)
    with mail_server(mailbox) as port:
        assert due("notices", "send", *sending(port), clock=MORNING).code == 1
        (dead,) = due("notices", "--dead", "--json").json["items"]
        assert (dead["reference"], dead["error"]) == ("A-1", "the mail server refused all 1 recipients")
        assert "refused all 1 recipients" in due("notices", "--dead").out
        doctor = due("doctor", "--lang", "en", "--json")
        assert (
            "1 notices did not arrive and are not tried any more: parcours notices --dead." in doctor.json["warnings"]
        )
        assert doctor.code == 0
        mailbox.refuses = ()
        assert due("notices", "send", *sending(port)).code == 0
        assert mailbox.messages == [], "nobody asked yet"
        assert due("notices", "retry", dead["key"], "--as", "Ada", "--json").json == {"count": 1}
        assert due("notices", "send", *sending(port)).code == 0
    assert mailbox.recipients == [TO]
    assert due("notices", "--dead", "--json").json["items"] == []
    assert due("audit", "seal").code == 0
    assert due("audit", "verify").code == 0


def test_trying_again_is_an_act_of_somebody(due: Cli) -> None:
    from app import open_app

    mailbox = Mailbox()
    mailbox.refuses = (TO,)
    with mail_server(mailbox) as port:
        due("notices", "send", *sending(port), clock=MORNING)
    assert due("notices", "retry", "--all-dead", "--as", "Ada").out == "À nouveau en attente : 1.\n"
    assert due("notices", "retry", "--all-dead", "--as", "Ada").out == "À nouveau en attente : 0.\n"
    with open_app() as app:
        with app.store.seals.reading() as reading:
            acts = [row.data for row in reading.acts() if row.data is not None and b"notices_retried" in row.data]
        with app.store.reading() as reading:
            (ada,) = (actor for actor, name in reading.actors() if name == "Ada")
    (act,) = acts
    assert ada.encode() in act
    assert b'"count":1' in act


def test_trying_again_takes_a_key_or_all(due: Cli) -> None:
    assert due("notices", "retry").code == 2
    assert due("notices", "retry", "k", "--all-dead").code == 2
    assert due("notices", "retry", "k").code == 5


def test_notice_that_was_given_up_is_dismissed_with_a_reason(due: Cli) -> None:
    mailbox = Mailbox()
    mailbox.refuses = (TO,)
    with mail_server(mailbox) as port:
        due("notices", "send", *sending(port), clock=MORNING)
    (dead,) = due("notices", "--dead", "--json").json["items"]
    assert due("notices", "dismiss", dead["key"], "--reason", "prévenu").code == 3
    asked = ("notices", "dismiss", dead["key"], "--role", "supervisor", "--reason", "prévenu")
    assert due(*asked).out == "Écartés : 1.\n"
    assert due(*asked).code == 5
    assert due("notices", "--dead", "--json").json["items"] == []
    (item,) = due("notices", "log", "--status", "dismissed", "--json").json["items"]
    assert item["dismissal"]["reason"] == "prévenu"
    assert "prévenu" in due("notices", "log", "--status", "dismissed").out
    assert [each for each in due("doctor", "--json").json["warnings"] if "avis" in each] == []
    assert due("notices", "retry", dead["key"], "--json").json == {"count": 1}


def test_calendar_is_written_to_a_file(due: Cli) -> None:
    said = due("notices", "calendar", "--out", "deadlines.ics", "--json")
    calendar = icalendar.Calendar.from_ical(Path("deadlines.ics").read_bytes())
    assert said.json == {"file": "deadlines.ics", "events": len(calendar.walk("VEVENT"))}
    assert said.json["events"] > 0
    none = due("notices", "calendar", "--out", "none.ics", "--territory", "971", "--json")
    assert none.json["events"] == 0
    some = due("notices", "calendar", "--out", "some.ics", "--awaits", "host", "--lang", "en")
    assert some.out.startswith("some.ics: ")
