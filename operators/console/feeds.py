"""An account's calendar at a secret address: made, renewed and revoked on the account's page, read without a session.

The address is shown once and kept as a hash. Whoever has it reads the deadlines that the account may see by then.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.responses import PlainTextResponse, Response

from operators.addresses import page_of
from operators.console.errors import TooMany
from operators.console.me import account_page
from operators.console.policy import reach_of
from operators.console.routing import Screen, current
from operators.console.secrets import digest_of, new_token
from operators.console.visit import Visit
from operators.notices.feed import CONTENT_TYPE, Wanted, calendar_feed

screen = Screen()
Here = Annotated[Visit, Depends(current)]

MOST: Final = 2000
"""So many deadlines of a calendar, the first to fall due."""

_HEADERS: Final = {"Cache-Control": "private, max-age=900", "Content-Disposition": 'inline; filename="parcours.ics"'}


@screen.post("/me/calendar", "placement.read")
def make_feed(visit: Here) -> Any:
    """Give the account an address; one that there was leads nowhere any more."""
    token = new_token()
    visit.app.store.feeds.make(visit.who.id, digest_of(token), visit.console.real.now())
    return account_page(visit, feed=f"{_base(visit)}/calendar/{token}.ics")


@screen.post("/me/calendar/revoke", "placement.read")
def revoke_feed(visit: Here) -> Any:
    """Take the account's address away."""
    visit.app.store.feeds.revoke(visit.who.id)
    return visit.go("/me#calendar")


@screen.get("/calendar/{token}.ics", "anyone")
def read_feed(visit: Here, token: str) -> Any:
    """The calendar, for whoever has its address. Raises TooMany."""
    _slow_down(visit, token)
    accounts, known = visit.app.store.accounts, visit.app.store.feeds.account_of(digest_of(token))
    account = None if known is None else accounts.identified(known)
    if account is None:
        visit.console.throttle.failed([_stranger(visit)], visit.console.real.now())
        return PlainTextResponse("There is no such calendar.\n", 404, {"Cache-Control": "no-store"})
    visit.app.store.feeds.note_use(account.id, visit.console.real.now())
    wanted = Wanted(within=reach_of(account, "placement.read"), most=MOST, page=_page_at(visit))
    return Response(calendar_feed(visit.app, account.lang, wanted), media_type=CONTENT_TYPE, headers=_HEADERS)


def _slow_down(visit: Visit, token: str) -> None:
    now = visit.console.real.now()
    wait_s = visit.console.throttle.wait_s([_stranger(visit)], now) or visit.console.feeds.wait_s(digest_of(token), now)
    if wait_s:
        raise TooMany(wait_s)


def _stranger(visit: Visit) -> tuple[str, str]:
    return "feed", visit.request.client.host if visit.request.client else ""


def _base(visit: Visit) -> str:
    return str(visit.request.base_url).rstrip("/")


def _page_at(visit: Visit) -> Callable[[str], str]:
    base = visit.app.settings.notices_url or _base(visit)
    return lambda reference: f"{page_of(base, reference)}"
