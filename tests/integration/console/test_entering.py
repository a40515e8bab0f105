"""Entering the console: the first account, one-time links, signing in and out, and what slows down who guesses."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app import initialise, open_app
from operators.console.accounts import choose_password, disable, invite
from operators.console.app import make_console
from operators.console.throttle import PER_NAME, WINDOW
from settings import Settings
from storage.accounts import Account, Grant
from tests.integration.console.conftest import NOW, PASSWORD, Office, text_of
from workflow.clock import VirtualClock

OPEN = {"name": "Sophie Leroy", "password": PASSWORD}


def with_password(office: Office, *grants: Grant) -> Account:
    account = office.account(*(grants or (Grant("viewer"),)), name="Sophie Leroy")
    choose_password(office.app, account, PASSWORD, office.real.now())
    return account


def sign_in(browser: TestClient, **said: str) -> Response:
    return browser.post("/login", data={**OPEN, **said})


def acts(office: Office) -> list[dict[str, object]]:
    with office.app.store.seals.reading() as reading:
        return [json.loads(row.data) for row in reading.acts() if row.data is not None]


def test_first_link_makes_an_administrator_once(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/parcours.db", actor="Ada")
    initialise(settings, sandbox=True)
    with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
        browser = TestClient(make_console(app, first="the-link"), base_url="http://localhost", follow_redirects=False,
                             headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
        assert "Premier compte" in browser.get("/welcome?token=the-link").text
        assert browser.get("/welcome?token=another").status_code == 404
        said = {"token": "the-link", "name": "Ada Martin", "password": PASSWORD, "again": PASSWORD}
        made = browser.post("/welcome", data=said)
        assert (made.status_code, made.headers["location"]) == (303, "/")
        assert browser.get("/accounts").status_code == 200
        assert browser.get("/welcome?token=the-link").status_code == 404
        assert browser.post("/welcome", data={**said, "name": "Eve"}).status_code == 404
        assert [(each.name, each.grants) for each in app.store.accounts.listed()] == [("Ada Martin", (Grant("admin"),))]


def test_invited_person_chooses_a_password_and_the_link_is_spent(office: Office) -> None:
    admin = office.with_session(office.accounts["Ada Admin"])
    page = admin.post("/accounts", data={"name": "Sophie Leroy", "role": "host", "territory": "75", "host_siret": ""})
    link = next(word for word in text_of(page).split() if "/welcome?token=" in word)
    token = link.partition("token=")[2]
    browser = office.browser()
    assert "Bienvenue, Sophie Leroy" in text_of(browser.get(f"/welcome?token={token}"))
    said = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert browser.post("/welcome", data={**said, "again": "autre chose de long"}).status_code == 422
    assert browser.post("/welcome", data={**said, "password": "court", "again": "court"}).status_code == 422
    assert browser.post("/welcome", data=said).headers["location"] == "/"
    assert browser.get("/placements").status_code == 200
    assert browser.get(f"/welcome?token={token}").status_code == 404
    assert sign_in(office.browser()).headers["location"] == "/"


def test_one_time_link_ends_after_three_days_and_with_the_next_one(office: Office) -> None:
    account = office.account(Grant("viewer"))
    first = invite(office.app, "Ada Admin", account.name, office.real.now()).token
    second = invite(office.app, "Ada Admin", account.name, office.real.now()).token
    assert office.browser().get(f"/welcome?token={first}").status_code == 404
    assert office.browser().get(f"/welcome?token={second}").status_code == 200
    office.real.advance(timedelta(days=3))
    assert office.browser().get(f"/welcome?token={second}").status_code == 404


def test_login_and_logout(office: Office) -> None:
    with_password(office)
    browser = office.browser()
    assert sign_in(browser, next="/placements?state=x").headers["location"] == "/placements?state=x"
    assert browser.get("/due").status_code == 200
    assert browser.post("/logout").headers["location"] == "/login"
    assert browser.get("/due").headers["location"] == "/login?next=%2Fdue"


def test_session_that_was_ended_does_not_come_back_with_its_cookie(office: Office) -> None:
    with_password(office)
    browser = office.browser()
    sign_in(browser)
    cookie = browser.cookies["parcours"]
    browser.post("/logout")
    browser.cookies.set("parcours", cookie, domain="localhost.local")
    assert browser.get("/due").status_code == 303


@pytest.mark.parametrize("said", [{"password": "une autre phrase"}, {"name": "Nobody"}, {"password": ""}])
def test_wrong_name_and_wrong_password_are_answered_alike(office: Office, said: dict[str, str]) -> None:
    with_password(office)
    answer = sign_in(office.browser(), **said)
    assert answer.status_code == 401
    assert "Nom ou mot de passe inconnu." in answer.text
    assert "set-cookie" not in answer.headers


def test_disabled_account_cannot_sign_in_and_its_sessions_end(office: Office) -> None:
    account = with_password(office)
    browser = office.with_session(account)
    disable(office.app, "Ada Admin", account.name, office.real.now())
    assert browser.get("/due").status_code == 303
    assert sign_in(office.browser()).status_code == 401


def test_new_password_ends_all_sessions(office: Office) -> None:
    account = with_password(office)
    browser = office.with_session(account)
    choose_password(office.app, account, "encore une autre phrase", office.real.now())
    assert browser.get("/due").status_code == 303
    assert sign_in(office.browser()).status_code == 401


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_login_leads_to_no_other_site(office: Office, wanted: str) -> None:
    with_password(office)
    assert sign_in(office.browser(), next=wanted).headers["location"] == "/"


def test_who_guesses_is_silenced_for_a_while(office: Office) -> None:
    with_password(office)
    browser = office.browser()
    for _ in range(PER_NAME):
        assert sign_in(browser, password="faux").status_code == 401
    silenced = sign_in(browser)
    assert silenced.status_code == 429
    assert 0 < int(silenced.headers["retry-after"]) <= WINDOW.total_seconds() + 1
    office.real.advance(WINDOW)
    assert sign_in(browser).status_code == 303


def test_cookie_is_for_this_host_and_no_script(office: Office) -> None:
    with_password(office)
    plain = sign_in(office.browser()).headers["set-cookie"]
    assert plain.startswith("parcours=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(plain.split("; "))
    secure = sign_in(office.browser(base="https://localhost")).headers["set-cookie"]
    assert secure.startswith("__Host-parcours=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(secure.split("; "))
    assert "Domain" not in secure


def test_password_is_not_taken_over_an_open_network(office: Office) -> None:
    with_password(office)
    named = office.app.settings.model_copy(update={"console_names": ("console.example",)})
    object.__setattr__(office.app, "settings", named)
    console = make_console(office.app, real=office.real)
    browser = TestClient(console, base_url="http://console.example", follow_redirects=False,
                         headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    for refused in (sign_in(browser), browser.post("/welcome", data={"token": "x", "password": PASSWORD})):
        assert refused.status_code == 403
        assert "https" in text_of(refused)


def test_acts_on_accounts_are_entries_of_the_log_without_a_name(office: Office) -> None:
    account = with_password(office, Grant("host", territory="75"))
    admin = office.with_session(office.accounts["Ada Admin"])
    address = f"/accounts/{account.id}"
    admin.post(address, data={"act": "grants", "role": "viewer", "territory": "", "host_siret": ""})
    admin.post(address, data={"act": "disable"})
    admin.post(address, data={"act": "enable"})
    told = [(each["kind"], each["fields"]) for each in acts(office) if str(each["kind"]).startswith("account")]
    held, now = {"account": account.id, "grants": "host@75"}, {"account": account.id, "grants": "viewer"}
    assert told[-5:] == [
        ("account_added", held), ("account_password", held), ("account_changed", now),
        ("account_disabled", {**now, "grants": ""}), ("account_enabled", now),
    ]  # fmt: skip
    assert "Sophie" not in json.dumps(acts(office), ensure_ascii=False)
    assert acts(office)[-1]["actor"] == office.accounts["Ada Admin"].id


def test_last_administrator_cannot_be_closed_or_demoted(office: Office) -> None:
    ada = office.accounts["Ada Admin"]
    browser = office.with_session(ada)
    for said in ({"act": "disable"}, {"act": "grants", "role": "viewer", "territory": "", "host_siret": ""}):
        answer = browser.post(f"/accounts/{ada.id}", data=said)
        assert answer.status_code == 422
        assert "au moins un administrateur" in answer.text
    assert browser.get("/accounts").status_code == 200


def test_language_is_french_and_english_by_a_switch(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    assert "<h1>Échéances</h1>" in browser.get("/due").text
    assert browser.post("/language", data={"lang": "en", "next": "/due"}).headers["location"] == "/due"
    page = browser.get("/due").text
    assert '<html lang="en">' in page
    assert "<h1>Due</h1>" in page
