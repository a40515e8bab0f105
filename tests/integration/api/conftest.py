"""The API in this process: a sandbox with two placements, accounts in any role, tokens of them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app import App, initialise, open_app
from operators.api import tokens
from operators.api.app import with_api
from operators.api.gate import Gate
from operators.console.accounts import add
from operators.console.app import make_console
from settings import Settings
from storage.accounts import Account, Grant
from tests.integration.console.conftest import CAMILLE, NOW, fire, place
from workflow.clock import VirtualClock

REAL = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass
class Desk:
    """The API over one database, and who may use it."""

    app: App
    clock: VirtualClock
    real: VirtualClock
    site: Gate

    def account(self, *grants: Grant, name: str | None = None) -> Account:
        """An account with these grants, made once."""
        name = name or " ".join(map(str, grants))
        found = self.app.store.accounts.named(name)
        return found or add(self.app, "Ada Admin", name, grants, self.real.now()).account

    def secret(self, account: Account, *grants: Grant, lasts: timedelta = timedelta(days=90)) -> str:
        """A token of this account."""
        return tokens.add(self.app, "Ada Admin", account.name, "tests", grants, lasts, self.real.now()).secret

    def with_secret(self, secret: str | None, lang: str = "en") -> TestClient:
        """A program that carries this token, or none."""
        carried = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        headers = {"Accept-Language": lang, **carried}
        return TestClient(self.site, base_url="http://localhost", headers=headers, follow_redirects=False)

    def program(self, *grants: Grant, name: str | None = None, lang: str = "en") -> TestClient:
        """A program with a token of an account with these grants."""
        return self.with_secret(self.secret(self.account(*grants, name=name)), lang)


@pytest.fixture(scope="session")
def built_for_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database: P-75 with a candidate shown, in Paris; P-974, granted, on Réunion."""
    folder = tmp_path_factory.mktemp("api")
    settings = Settings(database_url=f"sqlite:///{folder}/parcours.db", actor="Ada")
    initialise(settings, sandbox=True)
    furnish(settings)
    return folder


def furnish(settings: Settings) -> None:
    """Two placements, as said above."""
    with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
        place(app, "P-75")
        fire(app, "P-75", "show_candidate", "platform", candidate_ref="C-7", candidate_name=CAMILLE)
        place(app, "P-974", "974", "Commune de Cilaos")


def opened(folder: Path, *, rate: int = 1_000_000, url: str | None = None) -> Iterator[Desk]:
    """The API over the database in a folder, with an administrator, Ada Admin, and clocks that stand still."""
    url = url or f"sqlite:///{folder}/parcours.db"
    settings = Settings(database_url=url, actor="Ada", api_rate=rate, signing_key=folder / "parcours.db.signing-key")
    clock, real = VirtualClock(NOW), VirtualClock(REAL)
    with open_app(settings=settings, clock=clock) as app:
        made = Desk(app, clock, real, with_api(make_console(app, real=real)))
        made.account(Grant("admin"), name="Ada Admin")
        yield made
        made.site.api.state.work.end()


@pytest.fixture
def desk(built_for_api: Path, tmp_path: Path) -> Iterator[Desk]:
    """The API over a database of its own."""
    shutil.copytree(built_for_api, tmp_path, dirs_exist_ok=True)
    yield from opened(tmp_path)
