"""Corrections that wait for a second person: asked for by one account, approved or refused by another."""

from httpx2 import Response
from starlette.testclient import TestClient

from storage.accounts import Grant
from tests.integration.console.conftest import Office, text_of
from tests.integration.console.test_acting import confirm, hidden

REQUEST = "/placements/P-75/requests/4"


def ask_reversal(office: Office) -> TestClient:
    browser = office.entered(Grant("supervisor"), name="Sophie Leroy")
    asked = confirm(browser, "/placements/P-75/reverse", reason="entered_by_mistake")
    assert asked.headers["location"] == "/placements/P-75?waits=4"
    return browser


def decide(browser: TestClient, verdict: str, **said: str) -> Response:
    page = browser.get(REQUEST)
    return browser.post(REQUEST, data={**hidden(page), "verdict": verdict, **said})


def test_who_asked_cannot_approve_and_another_can(strict_office: Office) -> None:
    asker = ask_reversal(strict_office)
    assert "attend l’accord d’une autre personne" in text_of(asker.get("/placements/P-75?waits=4"))
    assert "autre personne" in text_of(decide(asker, "approve"))
    assert strict_office.app.engine.view("P-75").facts.state == "candidate_shown"
    other = strict_office.entered(Grant("supervisor"), name="Bo Martin")
    assert "1 correction à approuver" in text_of(other.get("/due"))
    assert "P-75, n° 4 annulation Présenter un candidat Sophie Leroy" in text_of(other.get("/approvals"))
    assert "Approuvée maintenant, elle mène à l’état : Candidature à l'AMI." in text_of(other.get(REQUEST))
    assert decide(other, "approve").status_code == 303
    assert strict_office.app.engine.view("P-75").facts.state == "ami_application"
    assert other.get(REQUEST).status_code == 404


def test_refusal_needs_a_reason_and_changes_nothing(strict_office: Office) -> None:
    ask_reversal(strict_office)
    other = strict_office.entered(Grant("supervisor"), name="Bo Martin")
    refused = decide(other, "refuse")
    assert refused.status_code == 422
    assert "Un motif est nécessaire." in text_of(refused)
    assert decide(other, "refuse", reason="Ce n’est pas une erreur").status_code == 303
    view = strict_office.app.engine.view("P-75")
    assert (view.facts.state, view.requests) == ("candidate_shown", ())


def test_personal_value_that_is_asked_for_is_told_and_not_shown(strict_office: Office) -> None:
    browser = strict_office.entered(Grant("supervisor"), name="Sophie Leroy")
    said = {"field.candidate_name": "Dominique Blanc", "reason": "entered_by_mistake"}
    assert confirm(browser, "/placements/P-75/amend", **said).headers["location"].endswith("?waits=4")
    page = strict_office.entered(Grant("anct")).get(REQUEST)
    assert "Nom du candidat donnée personnelle" in text_of(page)
    assert "Dominique" not in page.text


def test_request_of_another_territory_is_not_there(strict_office: Office) -> None:
    ask_reversal(strict_office)
    elsewhere = strict_office.entered(Grant("supervisor", territory="974"))
    assert elsewhere.get(REQUEST).status_code == 404
    assert "P-75" not in elsewhere.get("/approvals").text
    assert "à approuver" not in elsewhere.get("/due").text
