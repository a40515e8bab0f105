"""The digest of a day, and deadlines as a calendar that a library other than ours could read."""

from datetime import date, timedelta
from email.message import EmailMessage

import icalendar
import pytest

from operators.notices.digest import PREFIX
from operators.notices.feed import Wanted, calendar_feed
from tests.integration.notices.conftest import CANARY, NAME, Office
from tests.world import instant
from workflow.commands import Adjust

TO = "suivi@anct.example"


def body(message: EmailMessage) -> str:
    found = message.get_body(("plain",))
    assert found is not None
    return str(found.get_content())


def digests(office: Office) -> list[EmailMessage]:
    return [message for message in office.mailbox.messages if message["To"] == TO]


def busy(office: Office) -> None:
    """On the 12th of March: one deadline has passed, one falls due today, one next week, one much later."""
    office.clock.at = instant("2021-02-22T09:00")
    office.shown("LATE")
    office.until("2021-02-25T09:00")
    office.shown("TODAY")
    office.until("2021-03-02T09:00")
    office.shown("WEEK", "971")
    office.until("2021-03-09T09:00")
    office.shown("FAR")
    office.until("2021-03-12T06:00")


def test_digest_says_what_is_overdue_today_and_in_seven_days(office: Office) -> None:
    busy(office)
    office.said |= {"notices_email": False, "digest_to": [f"host={TO}"]}
    assert office.send().planned == 0, "it is not yet eight in the morning"
    office.clock.at = instant("2021-03-12T07:00")
    office.send()
    (message,) = digests(office)
    assert message["Subject"] == "Récapitulatif du vendredi 12 mars 2021 : 0 en retard, 1 aujourd'hui, 1 sous 7 jours"
    assert "- vendredi 12 mars 2021, TODAY (Ville de Testville), 75 : Quinze jours pour choisir" in body(message)
    assert "mercredi 17 mars 2021, WEEK" in body(message)
    assert "FAR" not in body(message)
    html = message.get_body(("html",))
    assert html is not None
    assert "<td>TODAY</td>" in html.get_content()


def test_what_was_missed_is_overdue_until_it_is_done(office: Office) -> None:
    office.clock.at = instant("2021-02-01T09:00")
    office.shown("P-1")
    office.ask("P-1", "select_candidate", "host", selected_candidate_ref="C-P-1")
    office.ask("P-1", "contact_training_body", "host", training_body="Simplon", training_body_contacted_on="2021-02-01")
    office.ask(
        "P-1", "sign_contract", "host", contract_signed_on="2021-02-01", contract_type="CDI",
        contract_starts_on="2021-02-01", monthly_gross="2000",
    )  # fmt: skip
    office.until("2021-03-12T07:00")
    office.said |= {"notices_email": False, "digest_to": [f"host+anct={TO}"], "notices_lang": "en"}
    office.send()
    (message,) = digests(office)
    assert message["Subject"].endswith(": 1 overdue, 0 due today, 0 in 7 days")
    assert "Departure for training expected" in body(message)


def test_digest_comes_once_a_working_day_under_the_key_of_its_day(office: Office) -> None:
    busy(office)
    office.said |= {"notices_email": False, "digest_to": [f"host={TO}"]}
    office.clock.at = instant("2021-03-12T07:00")
    for _ in range(24 * 4):
        office.send()
        office.wait(hours=1)
    keys = [each.key for each in office.log() if each.key.startswith(PREFIX)]
    assert [key.split(":")[1] for key in keys] == ["2021-03-12", "2021-03-15"]
    assert [message["Message-ID"].count(day) for message, day in zip(
        digests(office), ("2021-03-12", "2021-03-15"), strict=True
    )] == [1, 1]  # fmt: skip


def test_digest_of_yesterday_is_not_sent_today(office: Office) -> None:
    busy(office)
    office.said |= {"notices_email": False, "digest_to": [f"host={TO}"]}
    office.clock.at = instant("2021-03-11T09:00")
    office.mailbox.answer = "451 try later"
    office.send()
    office.mailbox.answer = "250 OK"
    office.clock.at = instant("2021-03-12T07:00")
    done = office.send()
    assert (done.sent, done.overtaken) == (1, 1)


def test_day_without_anything_to_tell_has_no_digest(office: Office) -> None:
    office.said |= {"notices_email": False, "digest_to": [f"host={TO}"]}
    office.clock.at = instant("2021-03-12T07:00")
    assert office.send().overtaken == 1
    assert office.mailbox.messages == []


def test_each_receives_what_is_awaited_of_their_roles_and_territories(office: Office) -> None:
    busy(office)
    office.clock.at = instant("2021-03-12T14:00")
    lines = ["host/971=guadeloupe@anct.example", "host/75+971=deux@anct.example", "training_body=formation@example.fr"]
    office.said |= {"notices_email": False, "digest_to": lines}
    office.send()
    told = {message["To"]: body(message) for message in office.mailbox.messages}
    assert set(told) == {"guadeloupe@anct.example", "deux@anct.example"}
    assert "WEEK" in told["guadeloupe@anct.example"]
    assert "TODAY" not in told["guadeloupe@anct.example"]
    assert "TODAY" in told["deux@anct.example"]


def read(data: bytes) -> dict[str, icalendar.Event]:
    found = icalendar.Calendar.from_ical(data)
    return {str(event["summary"]): event for event in found.walk("VEVENT")}


def test_calendar_has_a_whole_day_for_the_last_day_of_each_deadline(office: Office) -> None:
    office.shown()
    app = office.app(notices_url="https://parcours.example")
    events = read(calendar_feed(app, "fr"))
    choice = events["P-1 : Quinze jours pour choisir"]
    assert (choice.decoded("dtstart"), choice.decoded("dtend")) == (date(2021, 3, 16), date(2021, 3, 17))
    assert str(choice["url"]) == "https://parcours.example/placements/P-1"
    text = calendar_feed(app, "fr").decode()
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in text
    assert "X-PUBLISHED-TTL:PT6H" in text
    assert "DTSTART;VALUE=DATE:20210316" in text


def test_event_keeps_its_uid_when_the_date_moves(office: Office) -> None:
    office.shown()
    app = office.app()
    before = read(calendar_feed(app, "en"))["P-1 : Fifteen days to choose"]
    app.engine.ask(
        Adjust(reference="P-1", deadline="selection", kind="extension", by="10 days", reason="other", actor="Ada",
               roles=("supervisor",))
    )  # fmt: skip
    after = read(calendar_feed(app, "en"))["P-1 : Fifteen days to choose"]
    assert after["uid"] == before["uid"]
    assert after.decoded("dtstart") - before.decoded("dtstart") == timedelta(days=10)


def test_calendar_is_of_a_territory_and_of_roles_and_names_no_person(office: Office) -> None:
    office.shown("P-1")
    office.shown("G-1", "971")
    app = office.app()
    assert {name[:3] for name in read(calendar_feed(app, "fr", Wanted("971")))} == {"G-1"}
    assert read(calendar_feed(app, "fr", Wanted(roles=frozenset({"training_body"})))) == {}
    data = calendar_feed(app, "fr").decode()
    for canary in (CANARY, NAME, "Canari", "C-P-1"):
        assert canary not in data


@pytest.mark.parametrize("reference", ["A;B,C\\D", "é" * 80])
def test_text_of_any_kind_is_read_back_as_it_was(office: Office, reference: str) -> None:
    office.shown(reference)
    assert f"{reference} : Quinze jours pour choisir" in read(calendar_feed(office.app(), "fr"))
