"""The console as a person meets it: the real program, a real browser, without scripts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.acceptance.console_site import PASSWORD, Served, chromium, serving
from tests.acceptance.driver import Site

CLOCK = "2021-03-10T09:00:00Z"
REFERENCE = "N/1 é"
REFUSED = "the server responded with a status of 422"


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    """One placement whose host has contacted the training body: the contract is to be signed."""
    there = site.init(sandbox=True).at(CLOCK)
    there.place(REFERENCE)
    for trigger, role, fields in (
        ("grant_post", "anct", {"granted_on": "2021-03-10"}),
        ("show_candidate", "platform", {"candidate_ref": "C-7", "candidate_name": "Camille Roux"}),
        ("select_candidate", "host", {"selected_candidate_ref": "C-7"}),
        ("contact_training_body", "host", {"training_body": "Afpa", "training_body_contacted_on": "2021-03-10"}),
    ):
        there.fire(REFERENCE, trigger, role, **fields)
    with serving(replace(there, settings={**there.settings, "lang": "fr"})) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@dataclass
class Watched:
    """A page, what its browser complained of, and the addresses that it asked for."""

    page: Page
    complaints: list[str]
    asked: set[str]

    @classmethod
    def of(cls, context: BrowserContext) -> "Watched":
        made = cls(context.new_page(), [], set())
        made.page.on("console", lambda said: made.complaints.append(said.text))
        made.page.on("request", lambda request: made.asked.add(request.url))
        return made

    def assert_quiet(self, address: str) -> None:
        assert [text for text in self.complaints if REFUSED not in text] == []
        assert {url for url in self.asked if not url.startswith(address)} == set()


def choose(page: Page) -> None:
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Encore une fois").fill(PASSWORD)
    page.get_by_role("button", name="Enregistrer et entrer").click()


def open_accounts(page: Page, served: Served, *roles: str) -> None:
    """The first administrator by the link that the program told, and by hers an account with these roles."""
    assert served.first_link is not None
    page.goto(served.first_link)
    page.get_by_label("Votre nom").fill("Ada Martin")
    choose(page)
    page.goto(f"{served.address}/accounts")
    page.get_by_label("Nom, comme l’historique le montrera").fill("Sophie Leroy")
    for number, role in enumerate(roles, start=1):
        page.get_by_label(f"Rôle {number}", exact=True).select_option(role)
    page.get_by_role("button", name="Ouvrir le compte").click()
    invitation = page.get_by_role("status").locator("code").inner_text()
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto(invitation)
    choose(page)


def test_contract_is_signed_from_what_is_due_without_scripts(served: Served, browser: Browser, site: Site) -> None:
    watched = Watched.of(browser.new_context(java_script_enabled=False, locale="fr-FR"))
    page = watched.page
    open_accounts(page, served, "host")

    expect(page.get_by_role("heading", level=1)).to_have_text("Échéances")
    page.get_by_role("link", name=REFERENCE).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(REFERENCE)
    expect(page.get_by_role("region", name="Pourquoi il attend")).to_contain_text("Quinze jours pour signer")

    page.get_by_role("link", name="Signer le contrat").click()
    page.get_by_label("Contrat signé le").fill("2021-03-10")
    page.get_by_label("Type de contrat").select_option("CDD")
    page.get_by_label("Début du contrat").fill("2021-04-01")
    page.get_by_label("Fin du contrat").fill("2023-03-31")
    page.get_by_label("Salaire brut mensuel").fill("1 500,00")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("alert")).to_contain_text("Le salaire est inférieur au SMIC en vigueur au début du contrat")
    expect(page.get_by_label("Fin du contrat")).to_have_value("2023-03-31")

    page.get_by_label("Salaire brut mensuel").fill("1 600,00")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Voici ce qui se passera")
    expect(page.get_by_role("heading", level=2).first).to_have_text("Organisme de formation contacté → Contrat signé")
    assert [entry.trigger for entry in site.history(REFERENCE)][-1] == "contact_training_body"

    page.get_by_role("button", name="Confirmer : Signer le contrat").click()
    expect(page.get_by_role("status")).to_contain_text("C’est inscrit : écriture n° 6.")
    expect(page.get_by_text("1 600,00")).to_have_count(0)
    entry = site.history(REFERENCE)[-1]
    assert (entry.trigger, entry.role, entry.to_state) == ("sign_contract", "host", "contract_signed")
    watched.assert_quiet(served.address)


def test_keyboard_reaches_the_content_first(served: Served, browser: Browser) -> None:
    page = browser.new_context(locale="fr-FR").new_page()
    open_accounts(page, served, "viewer")
    page.goto(f"{served.address}/due")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_terminated_console_leaves_in_order(served: Served) -> None:
    left = served.process.stop()
    assert (left.code, left.lines[-1]["event"]) == (0, "console.stopped")
