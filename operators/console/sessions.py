"""Signing in and out: from a name and a password to a session, and the cookie that carries it."""

from datetime import timedelta
from typing import Final

from starlette.responses import Response

from operators.console.errors import TooMany
from operators.console.secrets import digest_of, is_password, new_token, stronger
from operators.console.throttle import keys_of
from operators.console.visit import Visit
from storage.accounts import Account

LASTS: Final = timedelta(hours=12)
"""A session ends with the working day, whatever was done in it."""


def identify(visit: Visit, name: str, password: str) -> Account | None:
    """The account of this name and password; None where there is none, or it is disabled. Raises TooMany."""
    accounts, throttle, now = visit.app.store.accounts, visit.console.throttle, visit.console.real.now()
    address = visit.request.client.host if visit.request.client else ""
    keys = keys_of(name, address)
    if wait_s := throttle.wait_s(keys, now):
        raise TooMany(wait_s)
    found = accounts.named(" ".join(name.split()))
    kept = None if found is None or found.disabled_at is not None else found.password
    if not is_password(password, kept) or found is None or kept is None:
        throttle.failed(keys, now)
        return None
    throttle.forget(keys[0])
    if better := stronger(password, kept):
        accounts.rehash(found.id, kept, better)
    return found


def enter(visit: Visit, account: Account, address: str) -> Response:
    """Begin a session, and send the browser to an address with its cookie."""
    token, now = new_token(), visit.console.real.now()
    if old := visit.request.cookies.get(visit.cookie):
        visit.app.store.accounts.end_session(digest_of(old), now)
    visit.app.store.accounts.open_session(digest_of(token), account.id, now, now + LASTS)
    answer = visit.go(address)
    answer.set_cookie(
        visit.cookie, token, max_age=int(LASTS.total_seconds()), path="/", secure=visit.is_secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


def leave(visit: Visit) -> Response:
    """End the session, and forget its cookie."""
    if token := visit.request.cookies.get(visit.cookie):
        visit.app.store.accounts.end_session(digest_of(token), visit.console.real.now())
    answer = visit.go("/login")
    answer.delete_cookie(visit.cookie, path="/", secure=visit.is_secure, httponly=True, samesite="lax")
    return answer


def own_address(address: str) -> str:
    """An address of this console where one was asked for, else the front page: never another site's."""
    inside = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if inside and address.isprintable() else "/"
