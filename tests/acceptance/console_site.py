"""The real console in a process of its own over a seeded sandbox, and a real browser that is let speak to it alone."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from app import App, open_app
from operators.console.accounts import add, choose_password
from settings import read_settings
from storage.accounts import Grant
from tests.acceptance.driver import PROGRAM, ROOT, Daemon, Site
from workflow.clock import SystemClock, VirtualClock
from workflow.commands import Fire, Note, Place

# No setting of the program, which refuses variables that it does not know.
_SHOTS = os.environ.pop("PARCOURS_SCREENSHOTS", None)
PASSWORD = "une phrase assez longue"
NOW = "2021-03-10T09:00:00Z"
CAMILLE, ZOE, NOE = "Camille Roux", "Zoé Lambert", "Noé Durand"
APPROVALS = """
approvals:
  late: {by: [anct], triggers: [select_candidate]}
"""
PEOPLE = {
    "Hélène Hôte": ("fr", Grant("host")),
    "Olive Opérateur": ("en", Grant("operator", territory="75")),
    "Sam Superviseur": ("fr", Grant("supervisor"), Grant("host")),
    "Stella Supervisor": ("en", Grant("supervisor")),
    "Anne Anct": ("fr", Grant("anct")),
    "Tout Voir": ("fr", Grant("supervisor"), Grant("auditor"), Grant("admin"), Grant("host"), Grant("operator")),
}
MAIL = {
    "PARCOURS_NOTICES_EMAIL": "1", "PARCOURS_SMTP_HOST": "127.0.0.1", "PARCOURS_SMTP_PORT": "9",
    "PARCOURS_MAIL_FROM": "parcours@programme.example", "PARCOURS_NOTICES_URL": "https://parcours.example",
    "PARCOURS_NOTICES_TO": "host=suivi@anct.example",
}  # fmt: skip
"""Where notices are sent, so that accounts and batches offer them."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
         "resultTypes": ["violations"], "selectors": False, "preload": {"assets": ["media"]}}  # fmt: skip
"""What axe looks for; of what it could fetch and tell besides, nothing is read."""


def empty(site: Site) -> Site:
    """A sandbox with accounts and no placement."""
    definition = site.folder / "states.yaml"
    definition.write_text((ROOT / "states.yaml").read_text("utf-8") + APPROVALS, "utf-8")
    there = replace(site, settings={"definition": str(definition), "lang": "fr"}).init(sandbox=True).at(NOW)
    with there.open() as app:
        for name, (lang, *grants) in PEOPLE.items():
            account = add(app, "Ada Admin", name, grants, SystemClock().now()).account
            choose_password(app, account, PASSWORD, SystemClock().now())
            app.store.accounts.choose_language(account.id, lang)
    return there


def seeded(site: Site) -> Site:
    """One with placements in the states that the journeys need; all that was due has been entered."""
    there = empty(site)
    for day, steps in STEPS.items():
        at = VirtualClock(datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC))
        with open_app(settings=read_settings({"database_url": there.url}, environ={}), clock=at) as app:
            for reference, trigger, said in steps:
                _step(app, reference, trigger, said)
    with there.open() as app:
        for reference, name in (("E-2", ZOE), ("E-4", NOE)):
            app.engine.ask(Note(reference=reference, text=f"{name} a appelé", actor="Bob"))
        app.engine.sweep()
    return there


GRANT = {"granted_on": "2021-02-01"}
EARLY = ("L-1", "L-2", "E-1", "E-2", "E-3", "E-4")
SHOWN = ("P-1", "P-2", "P-3", "K-1", "R-1", "R-2", "R-3", "R-4", "S-1", "S-2")
STEPS: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "2021-02-01": [
        *((name, "place", {}) for name in EARLY),
        *((name, "grant_post", GRANT) for name in EARLY),
        ("L-1", "show_candidate", {"candidate_ref": "C-1", "candidate_name": "Léo Petit"}),
        ("L-2", "show_candidate", {"candidate_ref": "C-2", "candidate_name": "Léo Petit"}),
    ],
    "2021-03-09": [
        *((name, "place", {}) for name in (*SHOWN, "B-1", "B-2", "B-3")),
        *((name, "grant_post", {"granted_on": "2021-03-09"}) for name in SHOWN),
        *((name, "show_candidate", {"candidate_ref": f"C-{name}", "candidate_name": CAMILLE}) for name in SHOWN),
        *((name, "select_candidate", {"selected_candidate_ref": f"C-{name}"}) for name in ("S-1", "S-2")),
        *((name, "contact_training_body", {"training_body": "Afpa", "training_body_contacted_on": "2021-03-09"})
          for name in ("S-1", "S-2")),
        ("E-1", "show_candidate", {"candidate_ref": "C-9", "candidate_name": ZOE}),
        ("E-3", "show_candidate", {"candidate_ref": "C-8", "candidate_name": NOE}),
    ],
}  # fmt: skip
ROLES = {"grant_post": "anct", "show_candidate": "platform"}


def _step(app: App, reference: str, trigger: str, said: dict[str, str]) -> None:
    if trigger == "place":
        fields = {"territory": "75", "host_name": f"Ville de {reference}", "host_siret": "13002603200016",
                  "host_type": "COMMUNE"}  # fmt: skip
        app.engine.place(Place(reference=reference, fields=fields, actor="Import"))
    else:
        role = (ROLES.get(trigger, "host"),)
        app.engine.fire(Fire(reference=reference, trigger=trigger, actor="Bob", roles=role, fields=said))


@dataclass(frozen=True)
class Served:
    """A console that runs: where, by which link its first account is made (None: there is one), and its process."""

    address: str
    first_link: str | None
    process: Daemon


@contextmanager
def serving(site: Site) -> Iterator[Served]:
    """The console, while it runs."""
    with site.program(*PROGRAM, "console", "--port", "0", "--json") as process:
        process.wait_for("console.started")
        out = process.process.stdout
        assert out is not None
        told = json.loads("".join(iter(out.readline, "}\n")) + "}")
        yield Served(told["address"].rstrip("/"), told["first_link"], process)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium without a screen; the test is told as not run where there is none."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is missing: the console was not tried in a browser")
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root. What is not of this machine goes to a proxy that is not there.
        args = ["--no-sandbox", "--lang=en-US", "--proxy-server=http://127.0.0.1:9"]
        made = playwright.chromium.launch(executable_path=program, args=args)
        yield made
        made.close()


@dataclass
class Office:
    """A console, a browser, and what any of its pages complained of or asked of another machine."""

    site: Site
    address: str
    browser: Browser
    shots: Path | None
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    _states: dict[str, object] = field(default_factory=dict)

    def context(self, name: str | None = None, **options: object) -> BrowserContext:
        """A window of its own, in which somebody has signed in."""
        size = {"width": 1280, "height": 800}
        settings = {"locale": "fr-FR", "reduced_motion": "reduce", "viewport": size, **options}
        if name is not None:
            if name not in self._states:
                self._states[name] = self._signed_in(name)
            settings["storage_state"] = self._states[name]
        made = self.browser.new_context(**settings)  # type: ignore[arg-type] # options by name
        made.set_default_timeout(15_000)
        made.on("request", self._note_stranger)
        made.on("console", lambda said: self.complaints.append(f"{said.location['url']}: {said.text}"))
        made.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return made

    def page(self, name: str | None = None, **options: object) -> Page:
        """A page in such a window."""
        return self.context(name, **options).new_page()

    def goto(self, page: Page, path: str) -> Page:
        """Go to an address of the console."""
        page.goto(self.address + path)
        return page

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page, where pictures are asked for."""
        if self.shots is not None:
            page.screenshot(path=self.shots / f"{name}.png", full_page=True, caret="initial")

    def assert_quiet(self) -> None:
        """No page complained, but for the answers that are themselves refusals; none asked anything of others."""
        assert [text for text in self.complaints if "responded with a status of 4" not in text] == []
        assert self.strangers == []

    def _note_stranger(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", "localhost"):
            self.strangers.append(request.url)

    def _signed_in(self, name: str) -> object:
        context = self.context()
        sign_in(self, context.new_page(), name)
        state = context.storage_state()
        context.close()
        return state


def sign_in(office: Office, page: Page, name: str) -> None:
    """By the form, as anybody."""
    office.goto(page, "/login")
    page.get_by_label("Nom du compte").or_(page.get_by_label("Account name")).fill(name)
    page.get_by_label("Mot de passe").or_(page.get_by_label("Password")).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").or_(page.get_by_role("button", name="Sign in")).click()
    page.wait_for_url(f"{office.address}/")


def shots_folder() -> Path | None:
    """Where pictures go, outside of the project; None where nobody asked for them."""
    if _SHOTS is None:
        return None
    folder = Path(_SHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


DESK, PHONE = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
LOOKS = (("light", DESK), ("dark", PHONE), ("light", PHONE), ("dark", DESK))


_SETTLED = """() => document.readyState === "complete" && document.fonts.status === "loaded"
  && document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling") === null"""
_RUN = """rules => axe.run(rules).then(({violations}) => violations.map(({id, nodes}) =>
  `${id}: ${nodes.slice(0, 3).map(({html}) => html.slice(0, 200)).join(" | ")}`))"""


def violations(page: Page, *looks: int) -> list[str]:
    """What axe finds wrong in these LOOKS, with every <details> open, and what is wider than the window."""
    # Not before its style has come: what lies where is looked at, too.
    page.wait_for_function(_SETTLED)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate("document.activeElement?.blur()")
    page.evaluate(_script())
    found: list[str] = []
    for scheme, size in (LOOKS[each] for each in looks):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        where = f"{scheme} {size['width']}"
        found += [f"{where}: {said}" for said in page.evaluate(_RUN, RULES)]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{where}: wider than the window")
    return found


@cache
def _script() -> str:
    return Axe().axe_script
