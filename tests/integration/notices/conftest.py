"""An office with a sandbox of its own, a clock that the tests turn, a mail server and a web server."""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import App, initialise, open_app
from operators.change_log import log_changes
from operators.notices.delivering import Delivered, deliver
from settings import Settings, read_settings
from storage.queries import Delivery
from tests.receivers import Endpoint, Mailbox, mail_server, web_server
from tests.world import HOST, instant
from workflow.clock import VirtualClock
from workflow.commands import Fire, Place

CANARY = "zephyrine.canari@ville.example"
NAME = "Zéphyrine Canari"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENDER = "parcours@programme.example"
MONDAY = "2021-03-01T09:00"


@dataclass
class Office:
    """One installation; `app` opens it with what is said besides its settings."""

    folder: Path
    clock: VirtualClock
    said: dict[str, Any]
    closing: ExitStack
    mailbox: Mailbox = field(default_factory=Mailbox)
    endpoint: Endpoint = field(default_factory=Endpoint)
    apps: list[App] = field(default_factory=list)

    def app(self, **said: Any) -> App:
        settings = read_settings({**self.said, **said}, environ={})
        known = next((app for app in self.apps if app.settings == settings), None)
        return known or self.opened(settings)

    def opened(self, settings: Settings) -> App:
        """One more, as another process would have it."""
        found = open_app(settings=settings, clock=self.clock, witness=log_changes)
        self.closing.callback(found.close)
        self.apps.append(found)
        return found

    def until(self, text: str) -> None:
        """It is now this moment (UTC), and a daemon has swept ever since."""
        app = self.app()
        until = instant(text)
        while (moment := app.engine.next_wake()) is not None and moment <= until:
            self.clock.at = max(self.clock.at, moment)
            app.engine.sweep()
        self.clock.at = until

    def wait(self, **lasting: float) -> None:
        """Time passes and nobody is awake."""
        self.clock.advance(timedelta(**lasting))

    def shown(self, reference: str = "P-1", territory: str = "75", email: str | None = CANARY) -> None:
        """A granted post whose candidate was shown now: the host has fifteen days to choose."""
        engine = self.app().engine
        fields = {"territory": territory, **HOST} | ({"host_email": email} if email else {})
        engine.place(Place(reference=reference, fields=fields, actor="Ada"))
        self.ask(reference, "grant_post", "anct", granted_on=self.clock.at.date().isoformat())
        self.ask(reference, "show_candidate", "platform", candidate_ref=f"C-{reference}", candidate_name=NAME)

    def ask(self, reference: str, trigger: str, role: str, **fields: str) -> None:
        command = Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=fields)
        self.app().engine.fire(command)

    def send(self, **said: Any) -> Delivered:
        """What the daemon does every few seconds."""
        return deliver(self.app(**said))

    def log(self, **said: Any) -> tuple[Delivery, ...]:
        return self.app().store.deliveries.listed(limit=1000, **said).items

    @property
    def statuses(self) -> list[str]:
        return [item.status for item in self.app().queries.notices(limit=1000).items]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sandbox that is made once, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    initialise(read_settings({"database_url": f"sqlite:///{folder}/parcours.db"}, environ={}), sandbox=True)
    return folder


@pytest.fixture
def office(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """It sends by e-mail, through a server that is there."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARCOURS_WEBHOOK_SECRETS", f"si={SECRET}")
    said: dict[str, Any] = {"database_url": f"sqlite:///{tmp_path}/parcours.db"}
    with ExitStack() as closing:
        ready = Office(tmp_path, VirtualClock(instant(MONDAY)), said, closing)
        port = closing.enter_context(mail_server(ready.mailbox))
        said |= {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": SENDER,
                 "notices_email": True, "notices_timeout_s": 2.0}  # fmt: skip
        yield ready


@pytest.fixture
def hooked(office: Office) -> Office:
    """It sends by webhook alone, to an endpoint that is there."""
    office.closing.enter_context(web_server(office.endpoint))
    office.said |= {"notices_email": False, "webhooks": [f"si={office.endpoint.url}"], "webhook_loopback": True}
    return office


@pytest.fixture
def lines() -> Iterator[Callable[[], list[logging.LogRecord]]]:
    """All that the product logs meanwhile."""
    kept: list[logging.LogRecord] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record)

    logger, keeper = logging.getLogger("parcours"), Keeper()
    before = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    yield lambda: kept
    logger.removeHandler(keeper)
    logger.setLevel(before)
