"""What people do with the console from its pages alone, in a real browser: found by what is read and heard."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from storage.queries import Delivery
from tests.acceptance.console_site import (
    CAMILLE,
    MAIL,
    NOE,
    PASSWORD,
    ZOE,
    Office,
    chromium,
    seeded,
    serving,
    shots_folder,
)
from tests.acceptance.driver import Site
from tests.acceptance.hands import Hand, Keys, Pointer
from workflow.changes import Incident


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One console and one browser for all journeys; each journey has placements of its own."""
    site = seeded(Site(tmp_path_factory.mktemp("journeys"), surroundings=MAIL))
    with chromium() as browser, serving(site) as served:
        made = Office(site, served.address, browser, shots_folder())
        yield made
        made.assert_quiet()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def kinds(office: Office, reference: str) -> list[str]:
    return [entry.trigger or entry.kind for entry in office.site.history(reference)]


def confirm(page: Page, hand: Hand, act: str) -> None:
    hand.press(page.get_by_role("button", name="Vérifier"))
    expect(heading(page)).to_have_text("Voici ce qui se passera")
    hand.press(page.get_by_role("button", name=f"Confirmer : {act}"))
    expect(page.get_by_role("status")).to_contain_text("C’est inscrit")


def open_page(office: Office, way: str, name: str | None = None, **more: object) -> tuple[Page, Hand]:
    """A page and how it is used: `keys` is the keyboard alone, `no-scripts` a pointer without JavaScript."""
    page = office.page(name, java_script_enabled=way != "no-scripts", **more)
    return page, Keys(page) if way == "keys" else Pointer()


ALL_WAYS = pytest.mark.parametrize("way", ["pointer", "no-scripts", "keys"])
BOTH_WAYS = pytest.mark.parametrize("way", ["no-scripts", "keys"])


@ALL_WAYS
def test_host_goes_from_what_is_due_to_a_signed_contract(office: Office, way: str) -> None:
    reference = {"pointer": "P-1", "no-scripts": "P-2", "keys": "K-1"}[way]
    page, hand = open_page(office, way)
    office.goto(page, "/login")
    hand.fill(page.get_by_label("Nom du compte"), "Hélène Hôte")
    hand.fill(page.get_by_label("Mot de passe"), PASSWORD)
    hand.press(page.get_by_role("button", name="Se connecter"))
    expect(heading(page)).to_have_text("Échéances")
    office.shot(page, f"due-{way}")

    hand.fill(page.get_by_role("searchbox", name="Dossier ou structure"), f"Ville de {reference}")
    hand.press(page.get_by_role("button", name="Filtrer"))
    hand.press(page.get_by_role("link", name=reference, exact=True).first)
    expect(heading(page)).to_have_text(reference)
    expect(page.get_by_role("region", name="Pourquoi il attend")).to_contain_text("structure d’accueil")
    hand.press(page.get_by_text("Ce qui n’est pas possible, et pourquoi"))
    expect(page.get_by_text("Signer le contrat", exact=True)).to_be_visible()
    office.shot(page, f"placement-{way}")

    hand.press(page.get_by_role("link", name="Retenir un candidat"))
    hand.fill(page.get_by_label(re.compile("andidat retenu")), f"C-{reference}")
    confirm(page, hand, "Retenir un candidat")

    office.goto(page, f"/placements/{reference}/fire/sign_contract")
    fill_contract(page, hand)
    hand.press(page.get_by_role("button", name="Vérifier"))
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas possible ainsi")
    expect(page.get_by_role("alert")).to_contain_text("Organisme de formation contacté")
    office.shot(page, f"refused-{way}")

    office.goto(page, f"/placements/{reference}")
    hand.press(page.get_by_role("link", name=re.compile("organisme de formation", re.I)).first)
    hand.choose(page.get_by_role("combobox", name="Organisme de formation", exact=True), "Afpa")
    hand.fill(page.get_by_label("Contact avec l'organisme le"), "2021-03-10")
    hand.press(page.get_by_role("button", name="Vérifier"))
    office.shot(page, f"preview-{way}")
    hand.press(page.get_by_role("button", name=re.compile("^Confirmer")))
    expect(page.get_by_role("status")).to_contain_text("C’est inscrit")

    hand.press(page.get_by_role("link", name="Signer le contrat"))
    fill_contract(page, hand)
    confirm(page, hand, "Signer le contrat")
    assert kinds(office, reference)[-3:] == ["select_candidate", "contact_training_body", "sign_contract"]
    expect(page.get_by_text(CAMILLE)).to_have_count(0)
    page.context.close()


def fill_contract(page: Page, hand: Hand) -> None:
    hand.fill(page.get_by_label("Contrat signé le"), "2021-03-10")
    hand.choose(page.get_by_label("Type de contrat"), "CDD")
    hand.fill(page.get_by_label("Début du contrat"), "2021-04-01")
    hand.fill(page.get_by_label("Fin du contrat"), "2023-03-31")
    hand.fill(page.get_by_label("Salaire brut mensuel"), "1 600,00")


def test_link_past_the_menu_leads_the_keyboard_to_the_content(office: Office) -> None:
    page, hand = open_page(office, "keys", "Hélène Hôte")
    office.goto(page, "/placements/P-3")
    hand.press(page.get_by_role("link", name="Aller au contenu"))
    expect(page.locator("#main")).to_be_focused()
    page.context.close()


@BOTH_WAYS
def test_supervisor_reminds_many_in_english_after_a_preview(office: Office, way: str) -> None:
    chosen, other = (("R-1", "R-3"), "R-2") if way == "keys" else (("R-2", "R-4"), "R-3")
    before = {name: len(office.site.history(name)) for name in (*chosen, other)}
    page, hand = open_page(office, way, "Stella Supervisor", locale="en-GB")
    office.goto(page, "/placements?text=R-")
    for reference in chosen:
        hand.tick(page.get_by_label(f"Choose {reference}"))
    office.shot(page, f"ticked-{way}")
    hand.press(page.get_by_role("button", name="Act on the ticked placements"))
    expect(heading(page)).to_have_text("Chosen placements 2")
    office.shot(page, f"chosen-{way}")
    hand.press(page.get_by_role("link", name=re.compile("^Remind.*Fifteen days to choose")))
    hand.press(page.get_by_role("button", name="Check"))
    expect(heading(page)).to_have_text("This is what will happen")
    expect(page.get_by_text("Possible for 2 placements out of 2.")).to_be_visible()
    office.shot(page, f"batch-preview-{way}")
    hand.fill(page.get_by_label("Number of placements, to confirm"), "3")
    hand.press(page.get_by_role("button", name=re.compile("^Confirm")))
    expect(page.get_by_role("alert")).to_contain_text("type the number of placements: 2")
    assert {name: len(office.site.history(name)) for name in (*chosen, other)} == before
    hand.fill(page.get_by_label("Number of placements, to confirm"), "2")
    hand.press(page.get_by_role("button", name=re.compile("^Confirm")))
    expect(page.get_by_role("status")).to_contain_text("2 done, 0 refused, 0 changed meanwhile.")
    office.shot(page, f"batch-done-{way}")
    last = [office.site.history(name)[-1] for name in chosen]
    assert [(each.kind, each.deadline) for each in last] == [("note", "selection")] * 2
    assert last[0].correlation == last[1].correlation
    assert len(office.site.history(other)) == before[other]
    hand.press(page.get_by_role("link", name="Batches").first)
    expect(page.get_by_role("cell", name="ended").first).to_be_visible()
    page.context.close()


@BOTH_WAYS
def test_late_fact_is_asked_by_one_person_and_approved_by_another(office: Office, way: str) -> None:
    reference, candidate = ("L-2", "C-2") if way == "keys" else ("L-1", "C-1")
    assert kinds(office, reference)[-1] != "select_candidate"
    page, hand = open_page(office, way, "Sam Superviseur")
    office.goto(page, f"/placements/{reference}/fire/select_candidate")
    hand.fill(page.get_by_label(re.compile("andidat retenu")), candidate)
    hand.press(page.get_by_text("Motif, date, autres précisions"))
    hand.fill(page.get_by_label("Quand cela a eu lieu"), "2021-02-05T10:00")
    hand.fill(page.get_by_label("Précision"), "Courrier reçu à temps")
    hand.tick(page.get_by_label("Fait tardif"))
    hand.press(page.get_by_role("button", name="Vérifier"))
    expect(page.get_by_role("region", name=re.compile("Une demande, à approuver par ANCT"))).to_be_visible()
    office.shot(page, f"late-preview-{way}")
    hand.press(page.get_by_role("button", name="Confirmer : Retenir un candidat"))
    expect(page.get_by_role("status")).to_contain_text("attend l’accord d’une autre personne")
    page.context.close()

    second, other_hand = open_page(office, way, "Anne Anct")
    office.goto(second, "/due")
    other_hand.press(second.get_by_role("link", name=re.compile("correction")))
    other_hand.press(second.get_by_role("link", name=reference).first)
    if heading(second).inner_text() == reference:
        other_hand.press(second.get_by_role("link", name="Examiner la demande"))
    office.shot(second, f"request-{way}")
    other_hand.press(second.get_by_role("button", name="Approuver"))
    expect(second.get_by_role("status")).to_contain_text("C’est inscrit")
    expect(second.get_by_text("inscrit tard").first).to_be_visible()
    expect(second.get_by_text(re.compile("annulé par le n°")).first).to_be_visible()
    office.shot(second, f"late-done-{way}")
    assert any(entry.late for entry in office.site.history(reference))
    second.context.close()


@BOTH_WAYS
def test_person_is_found_given_out_and_erased(office: Office, way: str) -> None:
    name, references = (NOE, ("E-3", "E-4")) if way == "keys" else (ZOE, ("E-1", "E-2"))
    page, hand = open_page(office, way, "Sam Superviseur")
    office.goto(page, "/")
    hand.press(page.get_by_role("link", name="Personnes"))
    spelt = name.upper().replace("É", "e")
    hand.fill(page.get_by_label("Comment elle est nommée ou désignée"), spelt)
    hand.press(page.get_by_role("button", name="Chercher"))
    expect(page.get_by_role("heading", name="Dossiers qui en parlent 2")).to_be_visible()
    expect(page.get_by_text(name)).to_have_count(0)
    assert spelt.split()[0].casefold() not in page.url.casefold()
    office.shot(page, f"person-found-{way}")
    with page.expect_download() as download:
        hand.press(page.get_by_role("button", name="Télécharger"))
    given = json.loads(download.value.path().read_text("utf-8"))
    assert {each["reference"] for each in given["placements"]} == set(references)
    hand.choose(page.get_by_label("Fondement (RGPD, article 17)"), "opposition (c)")
    hand.fill(page.get_by_label("Décision"), "DPD-2022/7")
    hand.press(page.get_by_role("button", name="Vérifier"))
    expect(heading(page)).to_have_text("Voici ce qui sera effacé")
    office.shot(page, f"person-preview-{way}")
    hand.fill(page.get_by_label(re.compile("Nombre de dossiers, pour confirmer")), "2")
    hand.press(page.get_by_role("button", name="Confirmer : effacer"))
    expect(page.get_by_role("status")).to_contain_text("2 dossiers faits, 0 refusé.")
    office.shot(page, f"person-erased-{way}")
    assert [kinds(office, each)[-1] for each in references] == ["erasure", "erasure"]
    page.context.close()

    audit = office.page("Tout Voir")
    office.goto(audit, "/audit/access")
    expect(audit.get_by_role("link", name=references[0]).or_(audit.get_by_text(references[0])).first).to_be_visible()
    audit.context.close()


@BOTH_WAYS
def test_list_and_log_are_exported(office: Office, way: str) -> None:
    page, hand = open_page(office, way, "Tout Voir")
    office.goto(page, "/placements?text=S-")
    with page.expect_download() as download:
        hand.press(page.get_by_role("link", name="Télécharger la liste entière (CSV)"))
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == ["reference", "S-1", "S-2"]
    office.goto(page, "/audit")
    with page.expect_download() as exported:
        hand.press(page.get_by_role("button", name="Exporter"))
    assert exported.value.path().stat().st_size > 0
    page.context.close()


@BOTH_WAYS
def test_incident_is_set_aside_and_a_notice_dismissed_each_with_its_reason(office: Office, way: str) -> None:
    reference = "B-1" if way == "keys" else "B-2"
    with office.site.open() as app:
        item, now = app.queries.placement(reference), app.clock.now()
        assert item is not None
        with app.store.writing() as unit:
            unit.report(
                Incident(item.id, "guard_failed", "la table n’est plus connue", now, 1, now + timedelta(days=1))
            )
        app.store.deliveries.add(Delivery(way, "email", "host", None, None, "dead", 9, "refusé", now, now, now))
    page, hand = open_page(office, way, "Sam Superviseur")
    office.goto(page, "/due")
    hand.press(page.get_by_role("link", name=re.compile("incident.* à examiner")))
    support = page.get_by_role("row", name=reference).get_by_text("guard_failed")
    expect(support).to_be_hidden()
    hand.press(page.get_by_role("row", name=reference).locator("summary").filter(has_text="Pour l’assistance"))
    expect(support).to_be_visible()
    hand.press(page.get_by_role("row", name=reference).locator("summary").filter(has_text="Mettre de côté"))
    hand.fill(page.get_by_role("row", name=reference).get_by_label("Pourquoi"), "Table attendue lundi")
    hand.press(page.get_by_role("row", name=reference).get_by_role("button", name="Mettre de côté"))
    aside = page.get_by_role("table", name="Incidents mis de côté").get_by_role("row", name=reference)
    expect(aside).to_contain_text("Table attendue lundi")
    expect(aside).to_contain_text("Sam Superviseur")
    office.shot(page, f"aside-{way}")

    hand.press(page.get_by_role("link", name=re.compile("abandonné")))
    hand.press(page.locator("summary").filter(has_text="Écarter"))
    hand.fill(page.get_by_label("Pourquoi"), "Prévenue de vive voix")
    hand.press(page.get_by_role("button", name=f"Écarter {way}"))
    expect(page.get_by_role("status")).to_contain_text("Envois écartés : 1.")
    expect(page.get_by_role("row", name=way)).to_contain_text("Prévenue de vive voix")
    office.shot(page, f"dismissed-{way}")
    hand.press(page.get_by_role("button", name=f"Envoyer quand même {way}"))
    expect(page.get_by_role("status")).to_contain_text("Envois à nouveau en attente : 1.")
    page.context.close()


def test_personal_data_are_shown_on_request_and_the_access_is_logged(office: Office) -> None:
    page = office.page("Hélène Hôte")
    office.goto(page, "/placements/P-3")
    expect(page.get_by_text(CAMILLE)).to_have_count(0)
    page.get_by_role("button", name="Montrer les données personnelles").click()
    expect(page.get_by_text(CAMILLE).first).to_be_visible()
    page.get_by_role("link", name="Masquer").click()
    expect(page.get_by_text(CAMILLE)).to_have_count(0)
    page.context.close()


def test_viewer_of_another_page_is_told_that_it_is_not_open(office: Office) -> None:
    page = office.page("Hélène Hôte")
    office.goto(page, "/accounts")
    expect(page.get_by_text("Cette page ne vous est pas ouverte.")).to_be_visible()
    expect(page.get_by_role("link", name="Comptes")).to_have_count(0)
    page.context.close()
