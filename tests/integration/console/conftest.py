"""The console in this process: a sandbox with two placements, accounts in any role, a browser without a screen."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app import App, initialise, open_app
from operators.console.accounts import add
from operators.console.app import make_console
from operators.console.secrets import digest_of, new_token
from operators.console.sessions import LASTS
from operators.console.shield import Shield
from settings import SHIPPED_DEFINITION, Settings
from storage.accounts import Account, Grant
from workflow.clock import VirtualClock
from workflow.commands import Fire, Place

PASSWORD = "une phrase assez longue"
NOW = datetime(2021, 3, 10, 9, tzinfo=UTC)
HOSTS = {"75": "13002603200016", "974": "21750001600019"}
CAMILLE = "Camille Roux"


@dataclass
class Office:
    """The console over one database, and who may enter it."""

    app: App
    clock: VirtualClock
    real: VirtualClock
    console: Shield
    accounts: dict[str, Account] = field(default_factory=dict)

    def browser(self, *, base: str = "http://localhost") -> TestClient:
        """A browser that nobody is signed in with; it says that its forms come from the console's own pages."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        return TestClient(self.console, base_url=base, headers=headers, follow_redirects=False)

    def account(self, *grants: Grant, name: str | None = None) -> Account:
        """An account with these grants, made once."""
        name = name or " ".join(map(str, grants))
        if name not in self.accounts:
            self.accounts[name] = add(self.app, "Ada Admin", name, grants, self.real.now()).account
        return self.accounts[name]

    def entered(self, *grants: Grant, name: str | None = None) -> TestClient:
        """A browser with a session of such an account."""
        return self.with_session(self.account(*grants, name=name))

    def with_session(self, account: Account) -> TestClient:
        """A browser with a session of this account, as signing in leaves it."""
        token, now = new_token(), self.real.now()
        self.app.store.accounts.open_session(digest_of(token), account.id, now, now + LASTS)
        browser = self.browser()
        browser.cookies.set("parcours", token, domain="localhost.local")
        return browser


def text_of(answer: Response) -> str:
    """What a page says, without its tags, spaces made one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def place(app: App, reference: str, territory: str = "75", host: str = "Ville de Nuits") -> None:
    """A post, granted."""
    fields = {"territory": territory, "host_name": host, "host_siret": HOSTS[territory], "host_type": "COMMUNE"}
    app.engine.place(Place(reference=reference, fields=fields, actor="Import"))
    fire(app, reference, "grant_post", "anct", granted_on=app.clock.now().date().isoformat())


def fire(app: App, reference: str, trigger: str, role: str, **fields: str) -> None:
    """Ask for a transition, by somebody who may."""
    app.engine.fire(Fire(reference=reference, trigger=trigger, actor="Bob", roles=(role,), fields=fields))


APPROVALS = """
approvals:
  reverse: {by: [supervisor]}
  amend: {by: [anct], fields: [candidate_name]}
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database: P-75 with a candidate shown, in Paris; P-974, granted, on Réunion."""
    return build(tmp_path_factory.mktemp("console"), SHIPPED_DEFINITION.read_text("utf-8"))


@pytest.fixture(scope="session")
def built_with_approvals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same under rules that ask for a second person."""
    return build(tmp_path_factory.mktemp("approvals"), SHIPPED_DEFINITION.read_text("utf-8") + APPROVALS)


def build(folder: Path, definition: str) -> Path:
    """Make the database once; each test works on a copy."""
    (folder / "states.yaml").write_text(definition, "utf-8")
    settings = Settings(database_url=f"sqlite:///{folder}/parcours.db", definition=folder / "states.yaml", actor="Ada")
    initialise(settings, sandbox=True)
    with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
        place(app, "P-75")
        fire(app, "P-75", "show_candidate", "platform", candidate_ref="C-7", candidate_name=CAMILLE)
        place(app, "P-974", "974", "Commune de Cilaos")
    return folder


@pytest.fixture
def office(built: Path, tmp_path: Path) -> Iterator[Office]:
    """The console over a database of its own, with an administrator, Ada Admin, and a clock that stands still."""
    with opened(built, tmp_path) as made:
        yield made


@pytest.fixture
def strict_office(built_with_approvals: Path, tmp_path: Path) -> Iterator[Office]:
    """The same under rules that ask for a second person."""
    with opened(built_with_approvals, tmp_path) as made:
        yield made


@contextmanager
def opened(built: Path, folder: Path, **more: Any) -> Iterator[Office]:
    """An office over a copy of what was built, with these settings."""
    shutil.copytree(built, folder, dirs_exist_ok=True)
    settings = Settings(database_url=f"sqlite:///{folder}/parcours.db", actor="Ada", **more)
    clock, real = VirtualClock(NOW), VirtualClock(datetime(2026, 1, 5, 8, tzinfo=UTC))
    with open_app(settings=settings, clock=clock) as app:
        made = Office(app, clock, real, make_console(app, real=real))
        made.account(Grant("admin"), name="Ada Admin")
        yield made
        made.console.inner.state.work.end()
