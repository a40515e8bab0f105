"""Pages that keep up by themselves, in a real browser: what others do appears, and what one is at stays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.console_site import Office, chromium, seeded, serving, shots_folder
from tests.acceptance.driver import Site
from workflow.commands import Fire, Note


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One console for all."""
    site = seeded(Site(tmp_path_factory.mktemp("live")))
    with chromium() as browser, serving(site) as served:
        made = Office(site, served.address, browser, shots_folder())
        yield made
        made.assert_quiet()


def live(office: Office, path: str) -> Page:
    """A page that has begun to listen, and has asked once."""
    page = office.page("Sam Superviseur")
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        office.goto(page, path)
    expect(page.locator("#live")).to_contain_text("En direct")
    return page


def select(office: Office, reference: str) -> None:
    """Somebody else, elsewhere, selects the candidate."""
    with office.site.open() as app:
        said = {"selected_candidate_ref": f"C-{reference}"}
        app.engine.fire(
            Fire(reference=reference, trigger="select_candidate", actor="Eva", roles=("host",), fields=said)
        )


def remark(office: Office, reference: str) -> None:
    with office.site.open() as app:
        app.engine.ask(Note(reference=reference, text="Vu", actor="Eva"))


def row(page: Page, reference: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=reference, exact=True))


def test_move_of_somebody_else_appears_on_the_list_and_on_its_page(office: Office) -> None:
    listed, own = live(office, "/placements"), live(office, "/placements/P-1")
    own.get_by_text("Ce qui n’est pas possible, et pourquoi").click()
    own.get_by_role("heading", level=1).click()
    select(office, "P-1")
    expect(row(listed, "P-1")).to_contain_text("Candidat retenu")
    expect(own.locator("#live-badges")).to_contain_text("Candidat retenu")
    expect(own.locator("#live-history")).to_contain_text("Eva")
    assert own.locator("#live-acts details").first.get_attribute("open") is not None, "what was unfolded stays so"
    expect(listed.locator("[data-said]")).to_have_text("La page a changé.")
    office.shot(listed, "live-placements")
    listed.context.close()
    own.context.close()


def test_what_is_typed_or_ticked_stays_until_it_is_left(office: Office) -> None:
    page = live(office, "/placements")
    field = page.get_by_label("Référence ou structure")
    field.fill("Nui")
    select(office, "P-2")
    expect(page.locator("#live")).to_contain_text("Du nouveau attend")
    expect(field).to_be_focused()
    expect(field).to_have_value("Nui")
    expect(row(page, "P-2")).to_contain_text("Candidat présenté")
    office.shot(page, "live-waiting")
    field.fill("")
    page.get_by_role("heading", level=1).click()
    expect(row(page, "P-2")).to_contain_text("Candidat retenu")

    page.get_by_label("Choisir P-3").check()
    remark(office, "P-3")
    expect(page.locator("#live")).to_contain_text("Du nouveau attend")
    expect(page.get_by_label("Choisir P-3")).to_be_checked()
    page.get_by_role("button", name="Le montrer").click()
    expect(page.locator("#live")).to_contain_text("En direct")
    page.context.close()


def test_pause_is_kept_on_the_next_page(office: Office) -> None:
    page = live(office, "/placements/P-3")
    page.get_by_role("button", name="Mettre en pause").press("Enter")
    expect(page.locator("#live")).to_contain_text("En pause")
    office.goto(page, "/placements")
    expect(page.locator("#live")).to_contain_text("En pause")
    select(office, "P-3")
    resume = page.get_by_role("button", name="Reprendre le direct")
    expect(row(page, "P-3")).to_contain_text("Candidat présenté")
    resume.press("Enter")
    expect(row(page, "P-3")).to_contain_text("Candidat retenu")
    expect(page.get_by_role("button", name="Mettre en pause")).to_be_focused()
    page.context.close()


def test_page_of_a_session_that_ended_says_so_and_stays(office: Office) -> None:
    page = live(office, "/placements")
    page.context.request.post(f"{office.address}/logout", headers={"Sec-Fetch-Site": "same-origin"})
    expect(page.locator("#live")).to_contain_text("Votre session est terminée")
    expect(row(page, "P-1")).to_be_visible()
    page.context.close()
