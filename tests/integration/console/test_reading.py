"""The pages that show: what is due, one placement and why it waits; as recorded, for whom it is open to."""

import re
import shutil
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from operators.console import checking
from settings import SHIPPED_DEFINITION
from storage.accounts import Grant
from storage.queries import Delivery
from tests.integration.console.conftest import CAMILLE, NOW, Office, fire, opened, text_of
from workflow.changes import Incident
from workflow.commands import Adjust, Fire, Void
from workflow.commitments import opened as disclosed


def why(office: Office) -> str:
    page = office.entered(Grant("viewer")).get("/placements/P-75").text
    found = re.search(r'<section id="live-why".*?</section>', page, re.S)
    assert found is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()).removeprefix("Pourquoi il attend ")


def test_front_page_tells_what_is_due_and_who_is_awaited(office: Office) -> None:
    answer = office.entered(Grant("viewer")).get("/")
    assert answer.status_code == 200
    said = text_of(answer)
    assert "25 mars 2021 dans 15 jours P-75 Ville de Nuits · 75 Quinze jours pour choisir Candidat présenté" in said
    assert "structure d’accueil sinon : Délai de choix expiré" in said


@pytest.mark.parametrize(("role", "page"), [("viewer", None), ("author", "/definition"), ("admin", "/accounts")])
def test_front_page_is_the_first_that_is_open(office: Office, role: str, page: str | None) -> None:
    assert office.entered(Grant(role)).get("/").headers.get("location") == page


def test_placement_page_masks_personal_values(office: Office) -> None:
    answer = office.entered(Grant("operator")).get("/placements/P-75")
    assert answer.status_code == 200
    assert CAMILLE not in answer.text
    assert "Nom du candidat masqué" in text_of(answer)


def test_who_may_not_see_personal_values_is_not_offered_to(office: Office) -> None:
    for role in ("viewer", "auditor"):
        browser = office.entered(Grant(role))
        assert "/reveal" not in browser.get("/placements/P-75").text
        assert browser.post("/placements/P-75/reveal").status_code == 403


def test_running_deadline_tells_its_last_day_and_what_comes_then(office: Office) -> None:
    assert why(office) == (
        "Quinze jours pour choisir : jusqu’au jeudi 25 mars 2021 inclus. On attend : structure d’accueil. "
        "Ensuite, d’office : Délai de choix expiré. dans 15 jours"
    )


def test_deadline_that_passed_unseen_is_told_first(office: Office) -> None:
    office.clock.advance(timedelta(days=16))
    assert why(office).startswith("Une échéance est passée et n’est pas encore inscrite : le démon l’inscrira.")


def test_paused_deadline_is_told(office: Office) -> None:
    pause = Adjust(
        reference="P-75", deadline="selection", kind="pause", reason="other", actor="Bo", roles=["supervisor"]
    )
    office.app.engine.ask(pause)
    assert why(office).startswith("Quinze jours pour choisir : suspendue.")
    assert "Reprendre" in office.entered(Grant("supervisor")).get("/placements/P-75").text


def test_placement_that_is_over_waits_for_nothing(office: Office) -> None:
    office.app.engine.ask(Void(reference="P-75", reason="entered_by_mistake", actor="Bo", roles=["supervisor"]))
    assert why(office) == "Ce dossier est clos : il n’attend plus rien."


def test_scheduler_and_people_are_told_apart(office: Office) -> None:
    office.clock.advance(timedelta(days=16))
    office.app.engine.sweep()
    page = office.entered(Grant("viewer")).get("/placements/P-75")
    said = text_of(page)
    assert "Échéance échue : Quinze jours pour choisir : Délai de choix expiré Candidat présenté → Poste vacant" in said
    assert "vendredi 26 mars 2021 à 00:00 (Europe/Paris) · inscrit vendredi 26 mars 2021 à 10:00" in said
    assert re.search(r'<li value="\d+" id="entry-\d+" class="scheduler">', page.text)
    assert "mercredi 10 mars 2021 à 10:00 (Europe/Paris) · Bob (plateforme)" in said


def test_every_date_can_be_followed(office: Office) -> None:
    said = text_of(office.entered(Grant("viewer")).get("/placements/P-75"))
    steps = [step.fr for step in office.app.engine.explain("P-75", "selection").steps]
    assert len(steps) >= 3
    assert all(" ".join(step.split()) in said for step in steps)


def test_reason_is_told_by_its_name_and_its_words_are_masked(office: Office) -> None:
    reject = Fire(reference="P-75", trigger="reject_candidates", actor="Bob", roles=["host"], reason="profile_mismatch")
    office.app.engine.fire(reject)
    fire(office.app, "P-75", "show_candidate", "platform", candidate_ref="C-8", candidate_name="X")
    office.app.engine.fire(
        Fire(reference="P-75", trigger="reject_candidates", actor="Bob", roles=["host"], reason="Parle trop bas")
    )
    browser = office.entered(Grant("operator"))
    said = text_of(browser.get("/placements/P-75"))
    assert "Motif : Profils inadaptés au poste" in said
    assert "Parle trop bas" not in said
    assert "Texte : masqué" in said
    assert "Texte du motif : Parle trop bas" in text_of(browser.post("/placements/P-75/reveal"))


def test_incident_is_told_where_it_may_be_seen(office: Office) -> None:
    item = office.app.queries.placement("P-75")
    assert item is not None
    trouble = Incident(item.id, "guard_failed", "la table n'est plus connue", NOW, 3, NOW + timedelta(hours=1))
    with office.app.store.writing() as unit:
        unit.report(trouble)
    listed = text_of(office.entered(Grant("operator")).get("/incidents"))
    assert "P-75 Le moteur dit « la table n'est plus connue »." in listed
    assert "Pour l’assistance P-75 guard_failed à l" in listed
    assert "1 incident à examiner" in text_of(office.entered(Grant("operator")).get("/due"))
    assert "P-75" not in office.entered(Grant("operator", territory="974")).get("/incidents").text
    assert why(office).startswith("Ce dossier ne peut pas être traité : le moteur dit « la table n'est plus connue »")


@pytest.mark.parametrize(
    ("lang", "sentence", "support"),
    [
        (
            "fr",
            "Plus de 1 000 échéances sont échues d'un coup. Pour l’assistance",
            "too_many_firings more than 1000 deadlines",
        ),
        ("en", "More than 1000 deadlines fell due in one settling. For support", "too_many_firings now"),
    ],
)
def test_incident_is_told_in_the_language_of_the_page_before_its_code(
    office: Office, lang: str, sentence: str, support: str
) -> None:
    item = office.app.queries.placement("P-75")
    assert item is not None
    message = "more than 1000 deadlines fell due in one settling"
    with office.app.store.writing() as unit:
        unit.report(Incident(item.id, "too_many_firings", message, NOW, 3, NOW + timedelta(hours=1)))
    account = office.account(Grant("operator"))
    office.app.store.accounts.choose_language(account.id, lang)
    listed = text_of(office.with_session(account).get("/incidents"))
    assert f"P-75 {sentence} P-75 {support}" in listed


def test_incident_is_tried_again_by_hand(office: Office) -> None:
    item = office.app.queries.placement("P-75")
    assert item is not None
    with office.app.store.writing() as unit:
        unit.report(Incident(item.id, "guard_failed", "la table n'est plus connue", NOW, 3, NOW + timedelta(hours=1)))
    assert "Essayer maintenant" not in office.entered(Grant("operator")).get("/incidents").text
    assert (
        "Essayer maintenant" not in office.entered(Grant("viewer"), Grant("supervisor", "974")).get("/incidents").text
    )
    browser = office.entered(Grant("supervisor", "75"))
    assert "Essayer maintenant" in browser.get("/incidents").text
    assert "P-75 n’a plus d’incident." in text_of(browser.post("/placements/P-75/retry"))
    assert office.app.queries.incidents() == ()
    assert "P-75 n’a plus d’incident." in text_of(browser.post("/placements/P-75/retry")), "asked twice"
    with office.app.store.seals.reading() as reading:
        acts = [row.data for row in reading.acts() if row.data is not None and b"incident_retried" in row.data]
    assert len(acts) == 1
    assert b'"resolved":1' in acts[0]


def test_delivery_that_was_given_up_is_sent_again_by_hand(office: Office) -> None:
    dead = Delivery("7", "email", "host", None, None, "dead", 9, "the mail server refused", NOW, NOW, NOW)
    office.app.store.deliveries.add(dead)
    assert "Envois abandonnés" in office.entered(Grant("viewer")).get("/incidents").text
    assert "the mail server refused" not in office.entered(Grant("viewer", "75")).get("/incidents").text
    browser = office.entered(Grant("supervisor"))
    assert "1 envoi abandonné" in text_of(browser.get("/due"))
    assert "the mail server refused" in browser.get("/deliveries?status=dead").text
    assert "Envois à nouveau en attente : 1." in text_of(browser.post("/deliveries/retry", data={"key": "7"}))
    assert office.app.store.deliveries.counts() == {"waiting": 1}


def test_brake_is_told_and_released_with_a_reason(built: Path, tmp_path: Path) -> None:
    with opened(built, tmp_path, brake="on") as office:
        office.app.engine.beat()
        office.clock.advance(timedelta(days=30))
        browser = office.entered(Grant("supervisor"))
        assert "Rien n’échoit tant qu’il tient." in browser.get("/incidents").text
        assert "! il tient" in text_of(browser.get("/system"))
        assert office.entered(Grant("operator")).post("/incidents/release", data={"reason": "x"}).status_code == 403
        assert browser.post("/incidents/release", data={"reason": " "}).status_code == 422
        assert office.app.engine.brake().held is not None
        released = browser.post("/incidents/release", data={"reason": "vacances, horloge juste"})
        assert office.app.engine.brake().held is None
        (disclosure,) = re.findall(r"<code>([^<]+)</code>", released.text)
        assert disclosed(unescape(disclosure)) == ("reason", "vacances, horloge juste")
        assert "<code>" not in browser.get("/incidents").text


def test_definition_tells_how_long_placements_stay_in_a_state(office: Office) -> None:
    office.clock.advance(timedelta(days=4))
    fire(office.app, "P-75", "select_candidate", "host", selected_candidate_ref="C-7")
    page = text_of(office.entered(Grant("viewer")).get("/definition"))
    assert "Candidat présenté 0 : Candidat présenté 4 jours (1)" in page
    assert "Candidat présenté 0 : Candidat présenté –" in text_of(
        office.entered(Grant("viewer", "974")).get("/definition")
    )
    assert "4 jours" not in text_of(office.entered(Grant("author")).get("/definition"))


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is missing: no diagram was drawn")
def test_diagram_has_the_numbers_of_the_table_for_those_who_may_see_them(office: Office) -> None:
    office.clock.advance(timedelta(days=4))
    fire(office.app, "P-75", "select_candidate", "host", selected_candidate_ref="C-7")
    drawn = office.entered(Grant("viewer")).get("/definition/diagram.svg").text
    assert "0 · 4 jours" in drawn
    assert len(re.findall(r"class=\"[^\"]* heat4\"", drawn)) == 2, "each of two states has the most placements: one"
    assert "4 jours" not in office.entered(Grant("viewer", "974")).get("/definition/diagram.svg").text
    assert ' heat4"' not in office.entered(Grant("author")).get("/definition/diagram.svg").text


def test_definition_counts_lead_to_lists_of_that_length(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    page = browser.get("/definition").text
    for state, count in re.findall(r'href="/placements\?state=([a-z_]+)">(\d+)<', page):
        listed = browser.get(f"/placements?state={state}").text
        assert len(re.findall(r"<tr role=", listed.partition("<tbody")[2])) == int(count), state
    assert "✓ Les contrôles n’y trouvent rien." in browser.get("/definition?check=1").text
    assert browser.get("/definition/source").content == office.app.engine.current_rules().definition.source


def test_checks_of_a_version_show_a_life_day_by_day(office: Office) -> None:
    earlier = "    within: 15 days\n    while: candidate_shown"
    second = SHIPPED_DEFINITION.read_text("utf-8").replace(earlier, earlier.replace("15 days", "20 days"))
    published = office.app.engine.publish(second.replace("\nversion: 1\n", "\nversion: 2\n").encode(), "second.yaml")
    browser, address = office.entered(Grant("viewer")), f"/definition?check=1&digest={published.digest}"
    with checking.CHECK.one:
        assert "Une autre vérification est en cours" in text_of(browser.get(address))
    page = text_of(browser.get(address))
    assert "après « candidate_shown », cela peut durer plus de 15 jours" in page.replace("\u00a0", " ")
    assert "délai passé, toujours : Candidat présenté" in page.replace("\u00a0", " ")


def test_what_changed_between_two_versions_is_told_and_counted(office: Office) -> None:
    text = SHIPPED_DEFINITION.read_text("utf-8")
    earlier = "    within: 15 days\n    while: candidate_shown"
    assert earlier in text
    second = text.replace(earlier, earlier.replace("15 days", "1 month")).replace("\nversion: 1\n", "\nversion: 2\n")
    office.clock.advance(timedelta(days=1))
    office.app.engine.publish(second.encode(), "second.yaml")
    browser = office.entered(Grant("viewer"))
    page = browser.get("/definition").text
    [link] = re.findall(r'href="(/definition/changes[^"]+)"', page)
    said = text_of(browser.get(unescape(link)))
    assert "De la version 1 à la version 2" in said.replace("\u00a0", " ")
    assert "durée : 15 jours → 1 mois" in said.replace("\u00a0", " ")
    assert "dossiers touchés : 1" in said.replace("\u00a0", " ")
    assert browser.get("/definition/changes").status_code == 200
    assert browser.get("/definition/changes?before=none").status_code == 404
    narrow = text_of(office.entered(Grant("viewer", territory="974")).get(unescape(link)))
    assert "touchés" not in narrow


def test_english_pages_have_no_french_left(office: Office) -> None:
    browser = office.entered(Grant("supervisor"), Grant("auditor"), Grant("admin"))
    browser.post("/language", data={"lang": "en"})
    for address in (
        "/due", "/placements", "/placements/P-75", "/incidents", "/definition", "/definition/changes", "/audit",
        "/definition/simulation?placements=5&months=6", "/system", "/accounts", "/approvals", "/place",
        "/placements/P-75/amend", "/me",
    ):  # fmt: skip
        said = text_of(browser.get(address)).replace("Département", "").replace("département", "")
        assert not re.search(r"\b(Dossiers?|Échéances?|Aucune?|Depuis|Motif|Vérifier|Historique)\b", said), address
