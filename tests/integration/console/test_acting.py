"""Acting in the console: a form from the definition, a preview, a confirmation; every change through the one door."""

import re
from html import unescape
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from storage.accounts import Grant
from tests.integration.console.conftest import CAMILLE, Office, fire, text_of

SELECT = "/placements/P-75/fire/select_candidate"
REFERENCE = {"field.selected_candidate_ref": "C-7"}


def hidden(page: Response) -> dict[str, str]:
    """What a page's form carries along."""
    carried = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text.partition("<main")[2])
    return {unescape(name): unescape(value) for name, value in carried}


def entries(office: Office, reference: str = "P-75") -> list[Any]:
    return [each.chained().entry for each in office.app.queries.history(reference)]


def confirm(browser: TestClient, address: str, **said: str) -> Response:
    """Fill in the form, look at the preview, confirm."""
    form = browser.get(address)
    assert form.status_code == 200, text_of(form)
    preview = browser.post(address, data={**hidden(form), **said, "step": "preview"})
    assert preview.status_code == 200, text_of(preview)
    return browser.post(address, data={**hidden(preview), "step": "confirm"})


def test_form_asks_for_what_the_definition_needs(office: Office) -> None:
    fire(office.app, "P-75", "select_candidate", "host", selected_candidate_ref="C-7")
    fire(office.app, "P-75", "contact_training_body", "host", training_body="Afpa",
         training_body_contacted_on="2021-03-10")  # fmt: skip
    page = office.entered(Grant("host")).get("/placements/P-75/fire/sign_contract").text
    assert re.search(r'<input type="date" value="2021-03-10" id="f-field.contract_signed_on"[^>]* required', page)
    assert re.search(r'<select id="f-field.contract_type"[^>]* required', page)
    assert '<option value="CDD">CDD</option>' in page
    assert re.search(r'id="f-field.contract_ends_on" name="field.contract_ends_on">', page)


def test_preview_changes_nothing_and_tells_what_would(office: Office) -> None:
    browser = office.entered(Grant("host"), name="Marc Petit")
    form = browser.get(SELECT)
    before = len(entries(office))
    page = browser.post(SELECT, data={**hidden(form), **REFERENCE, "step": "preview"})
    assert "Candidat présenté → Candidat retenu" in text_of(page)
    assert "Quinze jours pour signer" in text_of(page)
    assert "parcours fire P-75 select_candidate --set selected_candidate_ref=… --expect 3" in text_of(page).replace(
        "'", ""
    )
    assert len(entries(office)) == before


def test_confirmed_act_is_entered_once_however_often_it_is_sent(office: Office) -> None:
    browser = office.entered(Grant("host"), name="Marc Petit")
    preview = browser.post(SELECT, data={**hidden(browser.get(SELECT)), **REFERENCE, "step": "preview"})
    sent = [browser.post(SELECT, data={**hidden(preview), "step": "confirm"}) for _ in range(2)]
    assert [answer.headers["location"] for answer in sent] == ["/placements/P-75?done=4"] * 2
    made = entries(office)
    assert [(each.trigger, each.role) for each in made[3:]] == [("select_candidate", "host")]
    with office.app.store.reading() as reading:
        assert reading.actor(made[-1].actor) == "Marc Petit"
    assert "C’est inscrit : écriture n° 4." in text_of(browser.get("/placements/P-75?done=4"))


def test_refusal_is_told_beside_the_field_and_nothing_is_lost(office: Office) -> None:
    browser = office.entered(Grant("host"))
    answer = browser.post(SELECT, data={**hidden(browser.get(SELECT)), "step": "preview"})
    assert answer.status_code == 422
    assert "Candidat retenu : À renseigner." in text_of(answer)
    again = browser.post(SELECT, data={**hidden(answer), "field.selected_candidate_ref": "C-9", "step": "preview"})
    assert "Ce candidat n'a pas été présenté pour cette vacance." in text_of(again)
    assert 'value="C-9"' in again.text


def test_somebody_who_was_first_is_told_of(office: Office) -> None:
    browser = office.entered(Grant("host"))
    preview = browser.post(SELECT, data={**hidden(browser.get(SELECT)), **REFERENCE, "step": "preview"})
    fire(office.app, "P-75", "show_candidate", "platform", candidate_ref="C-8", candidate_name="Dominique Blanc")
    answer = browser.post(SELECT, data={**hidden(preview), "step": "confirm"})
    assert answer.status_code == 409
    assert "quelqu’un a agi sur ce dossier entre-temps" in text_of(answer).lower()
    assert entries(office)[-1].trigger == "show_candidate"
    assert hidden(answer)["expect"] != hidden(preview)["expect"]


def test_role_held_elsewhere_does_not_act_here(office: Office) -> None:
    browser = office.entered(Grant("viewer"), Grant("host", territory="974"))
    assert browser.get("/placements/P-75").status_code == 200
    assert browser.get(SELECT).status_code == 404
    assert browser.post(SELECT, data={**REFERENCE, "step": "confirm"}).status_code == 404


def test_what_is_not_open_is_told_with_who_may(office: Office) -> None:
    said = text_of(office.entered(Grant("viewer"), Grant("platform")).get("/placements/P-75"))
    assert "Retenir un candidat Réservé à : structure d’accueil." in said
    assert "possible dans : Candidature à l'AMI. Peut le faire : ANCT." in said


def test_remark_is_kept_and_masked(office: Office) -> None:
    browser = office.entered(Grant("operator"))
    assert confirm(browser, "/placements/P-75/note", text="Rappeler Camille lundi").status_code == 303
    page = browser.get("/placements/P-75")
    assert "Rappeler Camille" not in page.text
    assert "Rappeler Camille lundi" in browser.post("/placements/P-75/reveal").text


def test_reveal_shows_personal_values_once_and_is_logged(office: Office) -> None:
    browser = office.entered(Grant("operator"), name="Sophie Leroy")
    auditor = office.entered(Grant("auditor"))
    assert "Aucune." in auditor.get("/audit/access").text
    assert CAMILLE in browser.post("/placements/P-75/reveal").text
    assert CAMILLE not in browser.get("/placements/P-75").text
    said = text_of(auditor.get("/audit/access"))
    assert "Sophie Leroy P-75 Nom du candidat, Référence du candidat" in said


def test_values_are_corrected_and_only_what_was_changed(office: Office) -> None:
    browser = office.entered(Grant("supervisor"))
    said = {"field.host_name": "Ville de Nuits-Saint-Georges", "reason": "entered_by_mistake"}
    assert confirm(browser, "/placements/P-75/amend", **said).status_code == 303
    entry = entries(office)[-1]
    assert (entry.kind, dict(entry.fields)) == ("amendment", {"host_name": "Ville de Nuits-Saint-Georges"})
    assert "Ville de Nuits Ville de Nuits-Saint-Georges" in text_of(browser.get("/placements/P-75"))


def test_correction_without_a_reason_is_refused(office: Office) -> None:
    browser = office.entered(Grant("supervisor"))
    for act, said in (("amend", {"field.host_name": "X"}), ("reverse", {}), ("void", {}),
                      ("deadlines/selection/pause", {})):  # fmt: skip
        answer = browser.post(f"/placements/P-75/{act}", data={**said, "step": "preview"})
        assert answer.status_code == 422
        assert "Un motif est nécessaire." in text_of(answer), act


def test_last_move_is_reversed(office: Office) -> None:
    browser = office.entered(Grant("supervisor"))
    assert confirm(browser, "/placements/P-75/reverse", reason="entered_by_mistake").status_code == 303
    assert office.app.engine.view("P-75").facts.state == "ami_application"
    assert "annulé par le n° 4" in text_of(browser.get("/placements/P-75"))


@pytest.mark.parametrize(
    ("kind", "said", "status"),
    [("pause", {}, "paused"), ("extension", {"by": "10 days"}, "running"), ("move", {"to": "2021-04-30"}, "running")],
)
def test_clock_of_a_deadline_is_corrected(office: Office, kind: str, said: dict[str, str], status: str) -> None:
    browser = office.entered(Grant("supervisor"))
    assert confirm(browser, f"/placements/P-75/deadlines/selection/{kind}", reason="other", **said).status_code == 303
    (view,) = [each for each in office.app.engine.view("P-75").deadlines if each.name == "selection"]
    assert view.status == status
    assert entries(office)[-1].kind == kind


def test_late_fact_reverses_what_the_scheduler_did(office: Office) -> None:
    office.clock.at = office.clock.at.replace(day=30)
    office.app.engine.sweep()
    assert office.app.engine.view("P-75").facts.state == "post_vacant"
    browser = office.entered(Grant("supervisor"), Grant("host"))
    said = {**REFERENCE, "at": "2021-03-12T10:00", "late": "1", "words": "Courrier reçu à temps"}
    assert confirm(browser, SELECT, **said).status_code == 303
    assert any(each.late for each in entries(office))
    assert "inscrit tard" in text_of(browser.get("/placements/P-75"))


def test_placement_is_created_within_ones_reach(office: Office) -> None:
    browser = office.entered(Grant("operator", territory="75"))
    said = {"reference": "N-1 é", "field.territory": "75", "field.host_name": "Ville de Nuits",
            "field.host_siret": "130 026 032 00016", "field.host_type": "COMMUNE"}  # fmt: skip
    form = hidden(browser.get("/place"))
    foreign = browser.post("/place", data={**form, **said, "field.territory": "974"})
    assert foreign.status_code == 422
    made = browser.post("/place", data={**form, **said})
    assert made.status_code == 303
    assert "<h1>N-1 é</h1>" in browser.get(made.headers["location"]).text
    assert browser.post("/place", data={**said, "key": "another"}).status_code == 409
    missing = browser.post("/place", data={"reference": "N-2", "field.territory": "75"})
    assert "Structure d'accueil : À renseigner." in text_of(missing)
