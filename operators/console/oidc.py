"""Signing in by an identity provider: going there, coming back as somebody known, leaving it again.

Who comes back opens a session only where an administrator's one-time link once led to this identity: no account is ever
made by signing in. A login that is under way is remembered by the browser that began it.
"""

import base64
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from starlette.responses import Response

from operators.console.errors import TooMany
from operators.console.linking import link
from operators.console.provider import Asked, Proven, Provider, Unproven, Unreachable
from operators.console.routing import Screen, current
from operators.console.secrets import digest_of, new_token
from operators.console.sessions import enter, own_address
from operators.console.throttle import keys_of
from operators.console.visit import Visit
from settings import Settings, WrongUsage, oidc_secret
from storage.accounts import Account
from workflow.errors import NotFound

screen = Screen()
Here = Annotated[Visit, Depends(current)]

BACK: Final = "login/oidc/back"
LASTS_S: Final = 600
"""So long somebody may take to sign in at the provider."""
LONGEST_TOKEN: Final = 3500
"""A browser keeps no longer cookie; without it, who leaves the console does not leave the provider."""

_LOG = logging.getLogger("parcours.console")


def provider_for(settings: Settings, now: Callable[[], datetime]) -> Provider | None:
    """The provider that the settings name. Raises WrongUsage where they do not say all that it needs."""
    return None if settings.oidc_issuer is None else Provider(settings, oidc_secret(settings), now)


@screen.get("/login/oidc", "anyone")
def begin(visit: Here, next: str = "/", token: str = "") -> Any:
    """Send the browser to the provider; `token` is the secret of the one-time link that led here, if any."""
    provider = _provider(visit)
    if not visit.is_private:
        return _refused(visit, "insecure")
    asked = Asked(new_token(), new_token(), new_token(), own_address(next), token[:100])
    try:
        answer = visit.go(provider.begin(asked, _own(visit, BACK)))
    except Unreachable as error:
        return _away(visit, error)
    remembered = base64.urlsafe_b64encode(msgspec.json.encode(asked)).decode()
    _keep(visit, answer, "login", remembered, LASTS_S)
    return answer


@screen.get(f"/{BACK}", "anyone")
def come_back(visit: Here) -> Any:
    """Begin a session for who comes back, where they are known or were invited."""
    provider, asked = _provider(visit), _asked(visit)
    address = visit.request.client.host if visit.request.client else ""
    keys = keys_of("", address)[1:]
    if wait_s := visit.console.throttle.wait_s(keys, visit.console.real.now()):
        raise TooMany(wait_s)
    try:
        if asked is None:
            raise Unproven("state")
        proven = provider.finish(asked, _own(visit, BACK), dict(visit.request.query_params))
        account = _account(visit, asked, proven)
    except Unreachable as error:
        return _forgetting(visit, _away(visit, error))
    except Unproven as error:
        visit.console.throttle.failed(keys, visit.console.real.now())
        _LOG.warning("login.refused", extra={"address": address, "reason": str(error)})
        return _forgetting(visit, _refused(visit, error.code))
    except WrongUsage as error:
        return _forgetting(visit, _said(visit, 403, error.message, error.message_en))
    _LOG.info("login.succeeded", extra={"account": account.id})
    answer = _forgetting(visit, enter(visit, account, asked.address))
    if len(proven.id_token) <= LONGEST_TOKEN:
        _keep(visit, answer, "provider", proven.id_token, None)
    return answer


@screen.get("/signed-out", "anyone")
def signed_out(visit: Here) -> Any:
    """Says that the console was left, and goes on to leave the provider: a form may lead to no other site."""
    answer = visit.page("signed_out.html", provider=visit.app.settings.oidc_name)
    answer.headers["Refresh"] = "0; url=/signed-out/provider"
    return answer


@screen.get("/signed-out/provider", "anyone")
def leave_provider(visit: Here) -> Any:
    """Send the browser to the provider's end of the session, with the token that it gave at the beginning."""
    provider, id_token = _provider(visit), visit.request.cookies.get(_name(visit, "provider"))
    address = None
    if id_token and visit.account is None:
        try:
            address = provider.farewell(id_token, new_token(), _own(visit, "login"))
        except Unreachable as error:
            return _away(visit, error)
    answer = visit.go(address or "/login")
    _forget(visit, answer, "provider")
    return answer


def came_by_provider(visit: Visit) -> bool:
    """Whether who leaves the console has to leave a provider too."""
    return visit.app.settings.oidc_issuer is not None and _name(visit, "provider") in visit.request.cookies


def _account(visit: Visit, asked: Asked, proven: Proven) -> Account:
    """The account of who came back. Raises Unproven, and WrongUsage where the person has another account."""
    store, now = visit.app.store, visit.console.real.now()
    if asked.invitation:
        invited = store.accounts.invited(digest_of(asked.invitation), now)
        if invited is None:
            raise Unproven("spent")
        link(visit.app, invited, proven.identity, now)
        return invited
    known = store.identities.account_of(proven.identity)
    found = None if known is None else store.accounts.identified(known)
    if found is None or found.disabled_at is not None:
        raise Unproven("unknown")
    return found


def _provider(visit: Visit) -> Provider:
    found: Provider | None = visit.request.app.state.provider
    if found is None:
        raise NotFound("no provider")
    return found


def _asked(visit: Visit) -> Asked | None:
    try:
        kept = base64.urlsafe_b64decode(visit.request.cookies.get(_name(visit, "login"), ""))
        return msgspec.json.decode(kept, type=Asked)
    except (ValueError, msgspec.MsgspecError):
        return None


def _refused(visit: Visit, code: str) -> Response:
    name = visit.app.settings.oidc_name
    sentences = {
        "unknown": (
            f"{name} vous a reconnu, mais aucun compte ne vous est ouvert ici : demandez un lien à usage unique à un "
            "administrateur.",
            f"{name} knows you, but no account is open to you here: ask an administrator for a one-time link.",
        ),
        "spent": ("Ce lien ne sert plus : demandez-en un autre.", "This link is spent: ask for another one."),
        "insecure": (
            "Cette console n’est pas jointe par une liaison chiffrée (https) : personne ne s’y identifie.",
            "This console is not reached over an encrypted connection (https): nobody signs in here.",
        ),
    }
    otherwise = (f"L’identification par {name} n’a pas abouti : recommencez.",
                 f"Signing in by {name} did not succeed: begin again.")  # fmt: skip
    return _said(visit, 403, *sentences.get(code, otherwise))


def _away(visit: Visit, error: Unreachable) -> Response:
    _LOG.error("provider.failed", extra={"reason": str(error)})
    name = visit.app.settings.oidc_name
    return _said(
        visit, 502, f"{name} ne répond pas : réessayez plus tard.", f"{name} does not answer: try again later."
    )


def _said(visit: Visit, status: int, fr: str, en: str) -> Response:
    return visit.page("message.html", status, sentence=visit.say(fr, en))


def _own(visit: Visit, path: str) -> str:
    return f"{visit.request.base_url}{path}"


def _name(visit: Visit, what: str) -> str:
    return f"{visit.cookie}-{what}"


def _keep(visit: Visit, answer: Response, what: str, value: str, seconds: int | None) -> None:
    answer.set_cookie(_name(visit, what), value, max_age=seconds, path="/", secure=visit.is_secure, httponly=True,
                      samesite="lax")  # fmt: skip


def _forget(visit: Visit, answer: Response, what: str) -> None:
    answer.delete_cookie(_name(visit, what), path="/", secure=visit.is_secure, httponly=True, samesite="lax")


def _forgetting(visit: Visit, answer: Response) -> Response:
    """The same answer; what was remembered of the login serves once."""
    _forget(visit, answer, "login")
    return answer
