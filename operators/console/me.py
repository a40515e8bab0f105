"""The page of one's own account: roles, calendar, another password."""

from typing import Any

from operators.console.visit import Visit


def account_page(visit: Visit, status: int = 200, *, wrong: str | None = None, feed: str | None = None) -> Any:
    """What the account of who asks is; `feed` is the address of a calendar, which is told once."""
    feeds = visit.app.store.feeds
    since, used = feeds.made_at(visit.who.id), feeds.used_at(visit.who.id)
    return visit.page("me.html", status, wrong=wrong, feed=feed, since=since, used=used, real=visit.console.real.now())
