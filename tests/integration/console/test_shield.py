"""What protects every page: other sites' forms, other hosts' names, sizes, and the headers of each answer."""

import pytest

from operators.console.app import LONGEST_FORM
from storage.accounts import Grant
from tests.integration.console.conftest import Office

AMEND = "/placements/P-75/amend"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ],
    ids=lambda each: " ".join(each.values()),
)
def test_form_of_another_site_changes_nothing(office: Office, headers: dict[str, str]) -> None:
    browser = office.entered(Grant("supervisor"))
    answer = browser.post("/placements/P-75/void", data={"step": "confirm", "reason": "other"}, headers=headers)
    assert answer.status_code == 403
    assert office.app.engine.view("P-75").facts.state == "candidate_shown"


def test_form_without_a_word_of_where_it_comes_from_is_refused(office: Office) -> None:
    browser = office.entered(Grant("supervisor"))
    del browser.headers["Sec-Fetch-Site"]
    assert browser.post(AMEND, data={}).status_code == 403
    assert browser.post(AMEND, data={}, headers={"Origin": "null"}).status_code == 403
    assert browser.post(AMEND, data={}, headers={"Origin": "http://localhost:8421"}).status_code == 403
    assert browser.post(AMEND, data={}, headers={"Origin": "http://localhost"}).status_code == 422


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[::", "a b"])
def test_other_names_than_its_own_are_not_answered(office: Office, host: str) -> None:
    assert office.entered(Grant("viewer")).get("/due", headers={"Host": host}).status_code == 421


def test_health_is_told_under_any_name_and_without_login(office: Office) -> None:
    for path, said in (("/livez", "live\n"), ("/readyz", "ready\n")):
        answer = office.browser().get(path, headers={"Host": "10.0.0.7:8421"})
        assert (answer.status_code, answer.text) == (200, said)


def test_console_without_its_database_lives_and_is_not_ready(office: Office) -> None:
    office.app.close()
    office.app.store.database.path.unlink()
    office.app.store.database._verified = False
    assert office.browser().get("/livez").status_code == 200
    assert office.browser().get("/readyz").status_code == 503


def test_long_form_is_refused_announced_or_not(office: Office) -> None:
    browser = office.entered(Grant("supervisor"))
    body = b"words=" + b"x" * LONGEST_FORM
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post(AMEND, content=body, headers=kind).status_code == 413
    assert browser.post(AMEND, content=(body[i : i + 9999] for i in range(0, len(body), 9999)),
                        headers=kind).status_code == 413  # fmt: skip


@pytest.mark.parametrize("path", ["/login", "/due", "/nowhere", "/static/console.css", "/placements.csv", "/livez"])
def test_every_answer_forbids_what_no_page_needs(office: Office, path: str) -> None:
    answer = office.entered(Grant("viewer")).get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in answer.headers


def test_over_tls_browsers_are_told_to_stay_there(office: Office) -> None:
    answer = office.browser(base="https://localhost").get("/login")
    assert "max-age=" in answer.headers["strict-transport-security"]


def test_pages_with_data_are_kept_nowhere(office: Office) -> None:
    browser = office.entered(Grant("operator"))
    for path in ("/due", "/placements", "/placements/P-75", "/placements.csv"):
        assert browser.get(path).headers["cache-control"] == "no-store"


def test_unexpected_error_shows_nothing_of_the_inside(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = office.entered(Grant("viewer"))
    monkeypatch.setattr(office.app.queries, "placements", lambda *_: 1 / 0)
    answer = browser.get("/placements")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
