"""What people do with the console from its pages alone, in a real browser: found by what is read and heard."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.console_site import CAMILLE, ZOE, Office, chromium, seeded, serving, shots_folder, sign_in
from tests.acceptance.driver import Site


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One console and one browser for all journeys; each journey has placements of its own."""
    folder = tmp_path_factory.mktemp("journeys")
    with chromium() as browser, serving(seeded(Site(folder))) as served:
        made = Office(Site(folder), served.address, browser, shots_folder())
        yield made
        made.assert_quiet()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def kinds(office: Office, reference: str) -> list[str]:
    return [entry.trigger or entry.kind for entry in office.site.history(reference)]


def confirm(page: Page, act: str) -> None:
    page.get_by_role("button", name="Vérifier").click()
    expect(heading(page)).to_have_text("Voici ce qui se passera")
    page.get_by_role("button", name=f"Confirmer : {act}").click()
    expect(page.get_by_role("status")).to_contain_text("C’est inscrit")


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"])
def test_host_goes_from_what_is_due_to_a_signed_contract(office: Office, script: bool) -> None:
    reference = "P-1" if script else "P-2"
    page = office.page(java_script_enabled=script)
    sign_in(office, page, "Hélène Hôte")
    expect(heading(page)).to_have_text("Échéances")
    office.shot(page, f"due-{script}")

    page.get_by_role("link", name=reference, exact=True).first.click()
    expect(heading(page)).to_have_text(reference)
    expect(page.get_by_role("region", name="Pourquoi il attend")).to_contain_text("structure d’accueil")
    page.get_by_text("Ce qui n’est pas possible, et pourquoi").click()
    expect(page.get_by_text("Signer le contrat", exact=True)).to_be_visible()
    office.shot(page, f"placement-{script}")

    page.get_by_role("link", name="Retenir un candidat").click()
    page.get_by_label("Candidat retenu").or_(page.get_by_label("Référence du candidat retenu")).fill(f"C-{reference}")
    confirm(page, "Retenir un candidat")

    office.goto(page, f"/placements/{reference}/fire/sign_contract")
    fill_contract(page)
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas possible ainsi")
    expect(page.get_by_role("alert")).to_contain_text("Organisme de formation contacté")
    office.shot(page, f"refused-{script}")

    office.goto(page, f"/placements/{reference}")
    page.get_by_role("link", name=re.compile("organisme de formation", re.I)).first.click()
    page.get_by_role("combobox", name="Organisme de formation", exact=True).select_option("Afpa")
    page.get_by_label("Contact avec l'organisme le").fill("2021-03-10")
    page.get_by_role("button", name="Vérifier").click()
    office.shot(page, f"preview-{script}")
    page.get_by_role("button", name=re.compile("^Confirmer")).click()
    expect(page.get_by_role("status")).to_contain_text("C’est inscrit")

    page.get_by_role("link", name="Signer le contrat").click()
    fill_contract(page)
    confirm(page, "Signer le contrat")
    assert kinds(office, reference)[-3:] == ["select_candidate", "contact_training_body", "sign_contract"]
    expect(page.get_by_text(CAMILLE)).to_have_count(0)
    page.context.close()


def fill_contract(page: Page) -> None:
    page.get_by_label("Contrat signé le").fill("2021-03-10")
    page.get_by_label("Type de contrat").select_option("CDD")
    page.get_by_label("Début du contrat").fill("2021-04-01")
    page.get_by_label("Fin du contrat").fill("2023-03-31")
    page.get_by_label("Salaire brut mensuel").fill("1 600,00")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus; fails where the keyboard does not reach it."""
    for _ in range(80):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_contract_is_signed_by_keyboard_alone(office: Office) -> None:
    page = office.page()
    office.goto(page, "/login")
    tab_to(page, page.get_by_label("Nom du compte"))
    page.keyboard.type("Hélène Hôte")
    page.keyboard.press("Tab")
    page.keyboard.type("une phrase assez longue")
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Échéances")
    tab_to(page, page.get_by_role("link", name="S-1", exact=True).first)
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("S-1")
    tab_to(page, page.get_by_role("link", name="Aller au contenu"))
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="Signer le contrat"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Type de contrat"))
    page.keyboard.type("CDD")
    tab_to(page, page.get_by_label("Début du contrat"))
    # The order of a date is that of the browser's own language, which is English here.
    page.keyboard.type("04012021")
    tab_to(page, page.get_by_label("Fin du contrat"))
    page.keyboard.type("03312023")
    tab_to(page, page.get_by_label("Salaire brut mensuel"))
    page.keyboard.type("1 600,00")
    tab_to(page, page.get_by_role("button", name="Vérifier"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Confirmer : Signer le contrat"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("C’est inscrit")
    assert kinds(office, "S-1")[-1] == "sign_contract"
    page.context.close()


def test_operator_adds_one_remark_to_many_in_english(office: Office) -> None:
    page = office.page("Olive Opérateur", locale="en-GB", java_script_enabled=False)
    office.goto(page, "/placements?text=B-")
    for reference in ("B-1", "B-3"):
        page.get_by_label(f"Choose {reference}").check()
    office.shot(page, "ticked")
    page.get_by_role("button", name="Act on the ticked placements").click()
    expect(heading(page)).to_have_text("Chosen placements 2")
    office.shot(page, "chosen")
    page.get_by_role("link", name="Add a remark").click()
    page.get_by_label("Remark").fill("Reminder sent by post")
    page.get_by_role("button", name="Check").click()
    expect(heading(page)).to_have_text("This is what will happen")
    expect(page.get_by_text("Possible for 2 placement(s) out of 2.")).to_be_visible()
    office.shot(page, "batch-preview")
    page.get_by_label("Number of placements, to confirm").fill("3")
    page.get_by_role("button", name="Confirm: Add a remark").click()
    expect(page.get_by_role("alert")).to_contain_text("type the number of placements: 2")
    page.get_by_label("Number of placements, to confirm").fill("2")
    page.get_by_role("button", name="Confirm: Add a remark").click()
    expect(page.get_by_role("status")).to_contain_text("2 done, 0 refused, 0 changed meanwhile.")
    office.shot(page, "batch-done")
    last = [office.site.history(name)[-1] for name in ("B-1", "B-2", "B-3")]
    assert [entry.kind for entry in last] == ["note", "placed", "note"]
    assert last[0].correlation == last[2].correlation
    page.get_by_role("link", name="Batches").first.click()
    expect(page.get_by_role("cell", name="ended")).to_be_visible()
    page.context.close()


def test_late_fact_is_asked_by_one_person_and_approved_by_another(office: Office) -> None:
    assert kinds(office, "L-1")[-1] != "select_candidate"
    page = office.page("Sam Superviseur")
    office.goto(page, "/placements/L-1/fire/select_candidate")
    page.get_by_label(re.compile("andidat retenu")).fill("C-1")
    page.get_by_text("Motif, date, autres précisions").click()
    page.get_by_label("Quand cela a eu lieu").fill("2021-02-05T10:00")
    page.get_by_label("Précision").fill("Courrier reçu à temps")
    page.get_by_label("Fait tardif").check()
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("region", name=re.compile("Une demande, à approuver par ANCT"))).to_be_visible()
    office.shot(page, "late-preview")
    page.get_by_role("button", name="Confirmer : Retenir un candidat").click()
    expect(page.get_by_role("status")).to_contain_text("attend l’accord d’une autre personne")
    page.context.close()

    second = office.page("Anne Anct")
    office.goto(second, "/due")
    second.get_by_role("link", name=re.compile("correction")).click()
    second.get_by_role("link", name="L-1").first.click()
    if heading(second).inner_text() == "L-1":
        second.get_by_role("link", name="Examiner la demande").click()
    office.shot(second, "request")
    second.get_by_role("button", name="Approuver").click()
    expect(second.get_by_role("status")).to_contain_text("C’est inscrit")
    expect(second.get_by_text("inscrit tard").first).to_be_visible()
    expect(second.get_by_text(re.compile("annulé par le n°")).first).to_be_visible()
    office.shot(second, "late-done")
    assert any(entry.late for entry in office.site.history("L-1"))
    second.context.close()


def test_person_is_found_given_out_and_erased(office: Office) -> None:
    page = office.page("Sam Superviseur", java_script_enabled=False)
    office.goto(page, "/")
    page.get_by_role("link", name="Personnes").click()
    page.get_by_label("Comment elle est nommée ou désignée").fill("zoe LAMBERT")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="Dossiers qui en parlent 2")).to_be_visible()
    expect(page.get_by_text(ZOE)).to_have_count(0)
    assert "zoe" not in page.url.casefold()
    office.shot(page, "person-found")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    given = json.loads(download.value.path().read_text("utf-8"))
    assert {each["reference"] for each in given["placements"]} == {"E-1", "E-2"}
    page.get_by_label("Fondement (RGPD, article 17)").select_option("opposition (c)")
    page.get_by_label("Décision").fill("DPD-2022/7")
    page.get_by_role("button", name="Vérifier").click()
    expect(heading(page)).to_have_text("Voici ce qui sera effacé")
    office.shot(page, "person-preview")
    page.get_by_label(re.compile("Nombre de dossiers, pour confirmer")).fill("2")
    page.get_by_role("button", name="Confirmer : effacer").click()
    expect(page.get_by_role("status")).to_contain_text("2 dossier(s) fait(s), 0 refusé(s).")
    office.shot(page, "person-erased")
    assert [kinds(office, name)[-1] for name in ("E-1", "E-2")] == ["erasure", "erasure"]
    page.context.close()

    audit = office.page("Tout Voir")
    office.goto(audit, "/audit/access")
    expect(audit.get_by_role("link", name="E-1").or_(audit.get_by_text("E-1")).first).to_be_visible()
    audit.context.close()


def test_list_and_log_are_exported(office: Office) -> None:
    page = office.page("Tout Voir")
    office.goto(page, "/placements?text=S-")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger la liste entière (CSV)").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == ["reference", "S-1", "S-2"]
    office.goto(page, "/audit")
    with page.expect_download() as exported:
        page.get_by_role("button", name="Exporter").click()
    assert exported.value.path().stat().st_size > 0
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
