"""One request: who asks, in which language, for which placements; and the pages that answer it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app import App
from operators.api.rate import Rate
from operators.console.counted import Counted
from operators.console.pages import Pages
from operators.console.policy import Action, may, reach_of, roles_at
from operators.console.secrets import digest_of
from operators.console.throttle import Throttle
from operators.console.watching import Watching
from operators.labels import Labels
from operators.plurals import form
from operators.typography import french
from settings import Settings
from storage.accounts import Account
from storage.queries import PlacementItem, Reach
from workflow.calendar import load_zone
from workflow.clock import Clock
from workflow.errors import NotFound

T = TypeVar("T")
LANGUAGE: Final = "parcours_lang"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Console:
    """What all requests share. `real` is the clock of sessions and links, which a sandbox's clock does not turn.

    `first` is the hash of the link that makes the first account, while there is none; `counted` forgets with every
    commit, `seldom` every ten minutes.
    """

    app: App
    pages: Pages
    real: Clock
    throttle: Throttle
    first: str | None
    counted: Counted
    watching: Watching
    feeds: Rate
    seldom: Counted

    @property
    def settings(self) -> Settings:
        return self.app.settings


class Visit:
    """A request as its page sees it; `behind_s`: so many seconds are counts on it behind, at most."""

    def __init__(self, request: Request, console: Console) -> None:
        self.request, self.console = request, console
        self.app = console.app
        self.behind_s = 0.0

    @classmethod
    def of(cls, request: Request) -> "Visit":
        """The visit that a request is."""
        return cls(request, request.app.state.console)

    @property
    def is_secure(self) -> bool:
        """Whether the browser speaks TLS with us, or with a proxy in front of us."""
        return self.request.url.scheme == "https"

    @property
    def is_private(self) -> bool:
        """Whether a password may be sent: over TLS, or from a browser on this machine, across no network."""
        return self.is_secure or self.request.url.hostname in LOOPBACK

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; with its prefix, browsers take it from this host alone, and over TLS."""
        return "__Host-parcours" if self.is_secure else "parcours"

    @cached_property
    def account(self) -> Account | None:
        """Who is signed in."""
        token = self.request.cookies.get(self.cookie)
        if not token:
            return None
        return self.app.store.accounts.of_session(digest_of(token), self.console.real.now())

    @property
    def who(self) -> Account:
        """Who is signed in, on a page that is for nobody else."""
        if self.account is None:
            raise LookupError("a page asks who is signed in, and lets in those who are not")
        return self.account

    @cached_property
    def lang(self) -> str:
        """The language of the answer: the account's, else the browser's choice on this machine, else the setting."""
        if self.account is not None:
            return self.account.lang
        chosen = self.request.cookies.get(LANGUAGE)
        return chosen if chosen in ("fr", "en") else self.app.settings.lang

    def say(self, fr: str, en: str) -> str:
        """The sentence in the language of the answer."""
        return en if self.lang == "en" else french(fr)

    def form(self, count: int, fr: str, en: str) -> str:
        """The words of `one|many` that go with a number, in the language of the answer."""
        return french(form(count, f"{fr}|{en}", self.lang))

    @cached_property
    def now(self) -> datetime:
        """The present, by the clock of placements; one and the same for a whole page."""
        return self.app.clock.now()

    @property
    def minute(self) -> datetime:
        """The present to the minute: what lists and the counts beside them ask by, so that counts need not be anew."""
        return self.now.replace(second=0, microsecond=0)

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone in which the definition is at home: of what is told beside no placement."""
        return load_zone(self.app.engine.current_rules().definition.timezone)

    @cached_property
    def labels(self) -> Labels:
        """The names of states, deadlines, fields and triggers."""
        return self.console.pages.labels(self.app)

    def count(self, question: Hashable, answer: Callable[[], T], *, timed: bool = False) -> T:
        """Ask for a count; the page says it where that is some seconds behind. The question has no moment in it:
        `timed` says that the answer is another one with each minute.
        """
        found, behind_s = self.console.counted.get(question, answer, self.minute if timed else None)
        self.behind_s = max(self.behind_s, behind_s)
        return found

    @property
    def address(self) -> str:
        """The path and query that were asked for."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def may(self, action: Action) -> bool:
        """Whether who asks may do this, for some placements at least."""
        return self.account is not None and may(self.account, action)

    def reach(self, action: Action = "placement.read") -> tuple[Reach, ...]:
        """The placements for which who asks may do this."""
        return reach_of(self.who, action)

    def find(self, reference: str, action: Action = "placement.read") -> PlacementItem:
        """A placement for which who asks may do this. Raises NotFound for any other: it is not told from one that is
        not there.
        """
        found = self.app.queries.placement(reference, self.reach(action))
        if found is None:
            raise NotFound(self.say(f"Aucun dossier {reference} ne vous est ouvert.",
                                    f"There is no placement {reference} open to you."))  # fmt: skip
        return found

    def allowed_on(self, item: PlacementItem, action: Action) -> bool:
        """Whether who asks may do this with one placement."""
        return any(reach.holds(item.territory, item.host_siret) for reach in self.reach(action))

    def roles_on(self, item: PlacementItem) -> Sequence[str]:
        """The definition's roles that who asks holds for a placement."""
        return roles_at(self.who, item.territory, item.host_siret)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page."""
        text = self.console.pages.render(template, visit=self, **values)
        return HTMLResponse(text, status, {"Cache-Control": "no-store"})

    def go(self, address: str) -> Response:
        """Send the browser on, with a question that changes nothing."""
        return RedirectResponse(address, 303, {"Cache-Control": "no-store"})
