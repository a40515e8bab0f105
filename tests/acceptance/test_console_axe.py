"""Every page of the console's route table as axe sees it: with placements, without any, and where it refuses.

Light and dark, on a desk and 320 px wide. A route that nobody gave an address to fails.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app import App
from operators.console.accounts import add
from operators.console.app import SCREENS
from operators.console.oidc import BACK
from operators.incidents import set_aside
from operators.notices.dismissing import dismiss
from storage.accounts import Grant
from storage.queries import Delivery
from tests.acceptance.console_site import (
    LOOKS,
    MAIL,
    Office,
    chromium,
    empty,
    seeded,
    serving,
    shots_folder,
    violations,
)
from tests.acceptance.driver import Site
from workflow.changes import Incident
from workflow.clock import SystemClock
from workflow.commands import Adjust, Fire

WHO = "Tout Voir"
# Which LOOKS are tried where: all four are, on pages and on refusals.
PAGES_IN, REFUSALS_IN = (0, 1), (2, 3)
# What programs ask for, and files; the welcome answers who has a link, and is looked at among the refusals.
NO_PAGES = {
    "/welcome",
    "/livez",
    "/readyz",
    "/placements.csv",
    "/due.csv",
    "/incidents.csv",
    "/deliveries.csv",
    "/definition/diagram.svg",
    "/definition/source",
}
# Stations on the way to an identity provider and back, where there is one.
NO_PAGES |= {"/hints", "/calendar/{token}.ics", "/login/oidc", f"/{BACK}", "/signed-out", "/signed-out/provider"}
PARTS = {"{reference:reference}": "S-2", "{trigger}": "sign_contract", "{name}": "signature", "{kind}": "pause"}
KINDS = {"/batches/{batch}/correct/{kind}": "amend", "/batches/{batch}/data/{kind}": "hold"}
SENT = (
    ("/placements/S-2/fire/sign_contract", "Vérifier"),
    ("/placements/S-2/note", "Vérifier"),
    ("/placements/S-2/reverse", "Vérifier"),
    ("/placements/S-2/hold", "Vérifier"),
    ("/place", "Créer"),
    ("/people", "Chercher"),
    ("/me/notices", "Enregistrer"),
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@contextmanager
def open_office(site: Site, browser: Browser) -> Iterator[Office]:
    with serving(site) as served:
        made = Office(site, served.address, browser, shots_folder())
        yield made
        made.assert_quiet()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Office]:
    """The console with placements, a request that waits, a paused deadline, incidents and deliveries of each kind."""
    site = seeded(Site(tmp_path_factory.mktemp("full"), surroundings=MAIL))
    with site.open() as app:
        app.engine.ask(Fire(
            reference="L-1", trigger="select_candidate", actor="Bob", roles=("host", "supervisor"), late=True,
            fields={"selected_candidate_ref": "C-1"}, at=app.clock.now().replace(month=2, day=5), reason="à temps",
        ))  # fmt: skip
        app.engine.ask(Adjust(reference="P-3", deadline="selection", kind="pause", reason="other", actor="Bob",
                              roles=("supervisor",)))  # fmt: skip
        stuck(app)
    with open_office(site, browser) as made:
        yield made


def stuck(app: App) -> None:
    """An incident to look at and one that was set aside; deliveries: given up, dismissed, sent, one that waits."""
    now = app.clock.now()
    for reference in ("B-1", "B-2"):
        item = app.queries.placement(reference)
        assert item is not None
        with app.store.writing() as unit:
            unit.report(
                Incident(item.id, "guard_failed", "la table n’est plus connue", now, 1, now + timedelta(days=1))
            )
    set_aside(app, "B-2", "La table vient lundi", "Sam", ("supervisor",))
    for key, status in (("a", "dead"), ("b", "dead"), ("c", "sent"), ("d", "waiting")):
        ended = None if status == "waiting" else now
        app.store.deliveries.add(Delivery(key, "email", "host", None, None, status, 3, "refusé", now, now, ended))
    dismiss(app, "b", "Prévenue de vive voix", "Sam", ("supervisor",))


def routes() -> set[str]:
    return {each.path for screen in SCREENS for each, _ in screen.routes if each.method == "GET"} - NO_PAGES


def addresses(office: Office, own: Mapping[str, str]) -> list[str]:
    """An address of every page."""
    with office.site.open() as app:
        account = next(each for each in app.store.accounts.listed() if each.name == "Olive Opérateur").id
        requests = app.queries.requests(1).items
    parts = {**PARTS, "{account_id}": account, **own}
    made = []
    for path in sorted(routes()):
        if path.endswith("/requests/{number}"):
            path = f"/placements/{requests[0].reference}/requests/{requests[0].seq}"
        path = path.replace("{kind}", KINDS.get(path, "{kind}"))
        for name, value in parts.items():
            path = path.replace(name, value)
        assert "{" not in path, f"{path} has no address here"
        made.append(path)
    return [*made, "/due/calendar?month=2021-03&day=2021-03-24"]


def chosen(office: Office, page: Page) -> str:
    """A batch of some placements, not confirmed yet."""
    office.goto(page, "/placements?text=P-")
    page.get_by_role("button", name="Agir sur tous").click()
    return page.url.rpartition("/")[2]


SHOWN = (
    "/due",
    "/due/calendar",
    "/incidents",
    "/deliveries",
    "/placements",
    "/system",
    "/definition",
    "/definition/changes",
    "/definition/simulation",
    "/audit",
    "/people",
)
"""Pages of which a picture is kept, where pictures are asked for."""


def looked_at(office: Office, page: Page, paths: list[str], name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        answer = page.goto(office.address + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        assert page.get_by_role("heading", level=1).count() == 1, path
        if said := violations(page, *PAGES_IN):
            found[path] = said
        if path in SHOWN or "S-2" in path:
            office.shot(page, f"{name}{path.replace('/', '-')}")
    return found


def test_every_page_with_placements_is_usable_by_everybody(full: Office) -> None:
    page = full.page(WHO)
    own = {"{batch}": chosen(full, page)}
    assert looked_at(full, page, addresses(full, own), "full") == {}
    page.context.close()


def test_link_past_the_menu_covers_nothing_while_it_shows(full: Office) -> None:
    page = full.page(WHO)
    full.goto(page, "/due")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert violations(page, *range(len(LOOKS))) == []
    page.context.close()


def test_every_refusal_is_usable_by_everybody(full: Office) -> None:
    page = full.page(WHO)
    found: dict[str, list[str]] = {}
    for path, button in SENT:
        full.goto(page, path)
        page.get_by_role("button", name=button).first.click()
        assert page.get_by_role("alert").count() > 0, path
        if said := violations(page, *REFUSALS_IN):
            found[path] = said
        full.shot(page, f"refused{path.replace('/', '-')}")
    full.goto(page, "/accounts")
    page.get_by_label("Nom, comme l’historique le montrera").fill("Sans rôle")
    page.get_by_role("button", name="Ouvrir le compte").click()
    page.get_by_role("alert").wait_for()
    found |= {"/accounts": said} if (said := violations(page, *REFUSALS_IN)) else {}
    for path in (
        "/due/calendar?month=none",
        "/deliveries?status=none",
        "/nowhere",
        "/welcome?token=none",
        "/placements/none",
        "/placements?state=none",
        "/batches/none",
    ):
        full.goto(page, path)
        if said := violations(page, *REFUSALS_IN):
            found[path] = said
    page.context.close()
    assert found == {}


def test_batches_are_usable_by_everybody_at_each_step(full: Office) -> None:
    page = full.page(WHO)
    batch = chosen(full, page)
    found: dict[str, list[str]] = {}

    def look(step: str) -> None:
        full.shot(page, f"batch-{step}")
        if said := violations(page, *PAGES_IN):
            found[step] = said

    look("chosen")
    full.goto(page, f"/batches/{batch}/fire/select_candidate")
    page.get_by_role("button", name="Vérifier").click()
    look("form-refused")
    full.goto(page, f"/batches/{batch}/note")
    page.get_by_label("Remarque").fill("Relance")
    page.get_by_role("button", name="Vérifier").click()
    look("preview")
    page.get_by_role("button", name="Confirmer : Ajouter une remarque").click()
    look("another-count")
    page.get_by_label("Nombre de dossiers, pour confirmer").fill("3")
    page.get_by_role("button", name="Confirmer : Ajouter une remarque").click()
    page.get_by_text("terminé").wait_for()
    look("done")
    full.goto(page, "/batches")
    look("list")
    batch = chosen(full, page)
    for kind, what in (("remind/selection", "Vérifier"), ("deadlines/selection/move", "Vérifier")):
        full.goto(page, f"/batches/{batch}/{kind}")
        look(kind.replace("/", "-"))
        if "move" in kind:
            page.get_by_label("Nouveau dernier jour").fill("2021-04-20")
            page.get_by_label("Motif").select_option(index=1)
        page.get_by_role("button", name=what).click()
        page.get_by_role("heading", name="Voici ce qui se passera").wait_for()
        look(f"{kind.replace('/', '-')}-preview")
    page.context.close()
    assert found == {}


def test_own_notices_are_usable_by_everybody_at_each_step(full: Office) -> None:
    page = full.page("Sam Superviseur")
    found: dict[str, list[str]] = {}
    for step in ("nothing", "to-confirm"):
        full.goto(page, "/me/notices")
        full.shot(page, f"notices-{step}")
        found |= {step: said} if (said := violations(page, *range(len(LOOKS)))) else {}
        page.get_by_label("Adresse électronique").fill("sam@anct.example")
        page.get_by_role("button", name="Enregistrer").click()
    full.goto(page, "/me/notices/confirm?token=none")
    full.shot(page, "notices-confirm")
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("alert").wait_for()
    found |= {"refused": said} if (said := violations(page, *PAGES_IN)) else {}
    page.context.close()
    assert found == {}


def test_people_are_usable_by_everybody_at_each_step(full: Office) -> None:
    page = full.page(WHO)
    found: dict[str, list[str]] = {}
    for name in ("Zoé Lambert", "Personne"):
        full.goto(page, "/people")
        page.get_by_label("Comment elle est nommée ou désignée").fill(name)
        page.get_by_role("button", name="Chercher").click()
        found |= {name: said} if (said := violations(page, *PAGES_IN)) else {}
        full.shot(page, f"people-{name}")
    full.goto(page, "/people")
    page.get_by_label("Comment elle est nommée ou désignée").fill("Zoé Lambert")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("button", name="Vérifier").click()
    found |= {"erase refused": said} if (said := violations(page, *PAGES_IN)) else {}
    page.context.close()
    assert found == {}


def test_signing_in_by_a_provider_is_usable_by_everybody(tmp_path: Path, browser: Browser) -> None:
    """Before it, where an invitation leads, and where the provider does not answer: nobody listens at its address."""
    secret = tmp_path / "oidc-secret"
    secret.touch(0o600)
    secret.write_text("secret\n", "utf-8")
    site = empty(Site(tmp_path))
    with site.open() as app:
        token = add(app, "Ada Admin", "Zoé Invitée", [Grant("viewer")], SystemClock().now()).token
    provided = {
        "oidc_issuer": "http://127.0.0.1:9",
        "oidc_client_id": "parcours",
        "oidc_client_secret_file": str(secret),
    }
    with open_office(replace(site, settings={**site.settings, **provided}), browser) as office:
        page = office.page()
        found: dict[str, list[str]] = {}
        for path in ("/login", f"/welcome?token={token}", "/login/oidc"):
            office.goto(page, path)
            found |= {path: said} if (said := violations(page, *range(len(LOOKS)))) else {}
            office.shot(page, f"provider{path.partition('?')[0].replace('/', '-')}")
            if path in ("/login", f"/welcome?token={token}"):
                assert page.get_by_text("ProConnect").count() > 0, path
        page.context.close()
        assert found == {}
        # The browser's own word for the page that says so.
        office.complaints = [each for each in office.complaints if "status of 502" not in each]


def test_every_page_without_placements_is_usable_by_everybody(tmp_path: Path, browser: Browser) -> None:
    with open_office(empty(Site(tmp_path)), browser) as office:
        page = office.page(WHO)
        paths = [path for path in sorted(routes()) if "{" not in path]
        assert looked_at(office, page, paths, "empty") == {}
        page.context.close()
