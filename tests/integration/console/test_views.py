"""Saved views: one's own, of the filters that a list has, under a name, and the calendar at a secret address."""

from datetime import timedelta

import icalendar
import pytest

from operators.console import views
from storage.accounts import Grant
from tests.integration.console.conftest import CAMILLE, Office, text_of

SHOWN = "/placements?state=candidate_shown"


def save(browser, name: str = "À choisir", of_list: str = "placements", **filters: str):  # type: ignore[no-untyped-def]
    return browser.post("/views", data={"list": of_list, "name": name, **(filters or {"state": "candidate_shown"})})


def test_view_is_a_name_for_an_address_and_goes_again(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    assert "Enregistrer cette vue" not in browser.get("/placements").text
    assert "Enregistrer cette vue" in browser.get(SHOWN).text
    answer = save(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, SHOWN)
    assert f'<a href="{SHOWN}">À choisir</a>' in browser.get("/placements").text
    assert "Supprimer la vue" in browser.get(SHOWN).text
    browser.post("/views/delete", data={"list": "placements", "name": "À choisir"})
    assert "À choisir" not in browser.get("/placements").text


def test_view_of_what_is_due_keeps_its_stretch_of_time(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    answer = save(browser, "Bientôt", "due", band="month", territory="75", state="ignored")
    assert answer.headers["location"] == "/due?band=month&territory=75"
    assert 'aria-current="true">Bientôt</a>' in browser.get("/due?band=month&territory=75").text
    assert "Bientôt" not in text_of(browser.get("/placements"))


def test_view_of_the_same_name_is_replaced(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    save(browser)
    save(browser, territory="75")
    page = browser.get("/placements").text
    assert page.count("À choisir") == 1
    assert "/placements?territory=75" in page


def test_views_are_of_one_account_and_their_addresses_for_all(office: Office) -> None:
    save(office.entered(Grant("viewer")))
    other = office.entered(Grant("viewer", territory="974"))
    assert "À choisir" not in other.get("/placements").text
    assert other.get(SHOWN).status_code == 200
    other.post("/views/delete", data={"list": "placements", "name": "À choisir"})
    assert "À choisir" in office.entered(Grant("viewer")).get("/placements").text


@pytest.mark.parametrize(
    ("name", "of_list", "filters"),
    [("", "placements", {}), ("x" * 61, "placements", {}), ("a\u202eb", "placements", {}), ("a", "nowhere", {}),
     ("a", "placements", {"colour": "red"})],
)  # fmt: skip
def test_what_is_no_view_is_refused_in_a_sentence(
    office: Office, name: str, of_list: str, filters: dict[str, str]
) -> None:
    answer = save(office.entered(Grant("viewer")), name, of_list, **filters)
    assert answer.status_code == 422
    assert "<h1>" in answer.text


def test_views_have_an_end(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    for number in range(views.MOST):
        assert save(browser, f"V{number}").status_code == 303
    assert save(browser, "One more").status_code == 422
    assert save(browser, "V7", territory="75").status_code == 303


def feed(browser, address: str | None = None):  # type: ignore[no-untyped-def]
    page = browser.post("/me/calendar").text
    made = page.split("<code>")[1].split("</code>")[0]
    assert made.startswith("http://localhost/calendar/")
    return made


def test_calendar_is_read_without_a_session_and_holds_what_the_account_may_see(office: Office) -> None:
    address = feed(office.entered(Grant("host", territory="75")))
    answer = office.browser().get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=900"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in answer.text
    assert CAMILLE not in answer.text
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]).startswith("P-75 : ")
    assert str(event["url"]) == "http://localhost/placements/P-75"
    everything = office.browser().get(feed(office.entered(Grant("viewer"))))
    assert "P-974" in everything.text
    assert office.browser().get(feed(office.entered(Grant("viewer", territory="01")))).text.count("VEVENT") == 0


def test_address_is_shown_once_renewed_and_revoked(office: Office) -> None:
    browser, anyone = office.entered(Grant("viewer")), office.browser()
    first = feed(browser)
    secret = first.rpartition("/")[2].removesuffix(".ics")
    assert secret not in browser.get("/me").text
    assert secret.encode() not in office.app.store.database.path.read_bytes()
    second = feed(browser)
    assert (anyone.get(first).status_code, anyone.get(second).status_code) == (404, 200)
    browser.post("/me/calendar/revoke")
    assert anyone.get(second).status_code == 404
    assert "Donner une adresse" in browser.get("/me").text


def test_page_of_the_account_tells_when_the_calendar_was_last_read(office: Office) -> None:
    browser, anyone = office.entered(Grant("viewer")), office.browser()
    address = feed(browser)
    assert "jamais lue" in browser.get("/me").text
    office.real.advance(timedelta(hours=1))
    anyone.get(address)
    office.real.advance(timedelta(minutes=59))
    anyone.get(address)
    assert "il y a 59 minutes" in text_of(browser.get("/me")), "to the hour"
    feed(browser)
    assert "jamais lue" in browser.get("/me").text, "nobody has the new address yet"


def test_calendar_of_a_closed_account_is_not_there(office: Office) -> None:
    address = feed(office.entered(Grant("viewer"), name="Eva"))
    with office.app.store.writing() as unit:
        unit.accounts.disable(office.accounts["Eva"].id, office.real.now())
    assert office.browser().get(address).status_code == 404


def test_calendar_is_not_asked_for_without_end_nor_guessed(office: Office) -> None:
    address, anyone = feed(office.entered(Grant("viewer"))), office.browser()
    assert [anyone.get(address).status_code for _ in range(7)] == [200] * 6 + [429]
    strangers = [anyone.get(f"/calendar/{number}.ics").status_code for number in range(51)]
    assert strangers == [404] * 50 + [429]


def test_log_has_no_calendar_s_address(office: Office, caplog: pytest.LogCaptureFixture, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    address = feed(office.entered(Grant("viewer")))
    office.app.store.database.path.write_bytes(b"not a database" * 4000)
    office.app.close()
    assert office.browser().get(address).status_code in (500, 503)
    told = [str(vars(record)) for record in caplog.records]
    assert not [each for each in told if address.rpartition("/")[2] in each]
    assert [record for record in caplog.records if getattr(record, "path", "") == "/calendar/…"]
