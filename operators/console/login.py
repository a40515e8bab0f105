"""Screens before and around the work: signing in and out, a one-time link, the language."""

import logging
from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console import accounts
from operators.console.me import account_page
from operators.console.oidc import came_by_provider
from operators.console.routing import Screen, current, posted
from operators.console.secrets import digest_of
from operators.console.sessions import enter, identify, leave, own_address
from operators.console.visit import LANGUAGE, Visit
from settings import WrongUsage
from storage.accounts import Account

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

_LOG = logging.getLogger("parcours.console")
_YEAR_S = 365 * 86400


@screen.get("/login", "anyone")
def show_login(visit: Here, next: str = "/") -> Any:
    """The form that asks who one is."""
    if visit.account is not None:
        return visit.go(own_address(next))
    return visit.page("login.html", next=own_address(next), name="", wrong=None, first=visit.console.first)


@screen.post("/login", "anyone")
def login(visit: Here, form: Form) -> Any:
    """Begin a session."""
    name, address = str(form.get("name", "")), own_address(str(form.get("next", "/")))
    if not visit.is_private:
        return _again(visit, name, address, "insecure", 403)
    found = identify(visit, name, str(form.get("password", "")))
    if found is None:
        _LOG.warning("login.failed", extra={"address": visit.request.client.host if visit.request.client else None})
        return _again(visit, name, address, "unknown", 401)
    _LOG.info("login.succeeded", extra={"account": found.id})
    return enter(visit, found, address)


def _again(visit: Visit, name: str, address: str, wrong: str, status: int) -> Any:
    return visit.page("login.html", status, next=address, name=name, wrong=wrong, first=visit.console.first)


@screen.post("/logout", "anyone")
def logout(visit: Here) -> Any:
    """End the session, and where a provider began it, go on to leave that too."""
    answer = leave(visit)
    if came_by_provider(visit):
        answer.headers["location"] = "/signed-out"
    return answer


@screen.post("/language", "anyone")
def choose_language(visit: Here, form: Form) -> Any:
    """Keep the language, with the account and in this browser."""
    lang = "en" if form.get("lang") == "en" else "fr"
    if visit.account is not None:
        visit.app.store.accounts.choose_language(visit.account.id, lang)
    answer = visit.go(own_address(str(form.get("next", "/"))))
    answer.set_cookie(LANGUAGE, lang, max_age=_YEAR_S, path="/", secure=visit.is_secure, httponly=True, samesite="lax")
    return answer


@screen.get("/welcome", "anyone")
def show_welcome(visit: Here, token: str = "") -> Any:
    """Where a one-time link leads: to the choice of a password, and for the first account of a name."""
    invited = _invited(visit, token)
    return visit.page("welcome.html", 200 if invited else 404, token=token, invited=invited, name="", wrong=None)


@screen.post("/welcome", "anyone")
def welcome(visit: Here, form: Form) -> Any:
    """Keep the password, and begin a session."""
    token, name = str(form.get("token", "")), str(form.get("name", ""))
    if not visit.is_private:
        return _again(visit, "", "/", "insecure", 403)
    invited = _invited(visit, token)
    if not invited:
        return visit.page("welcome.html", 404, token="", invited=None, name="", wrong=None)
    try:
        account = _accept(visit, invited, name, str(form.get("password", "")), str(form.get("again", "")))
    except WrongUsage as error:
        wrong = visit.say(error.message, error.message_en)
        return visit.page("welcome.html", 422, token=token, invited=invited, name=name, wrong=wrong)
    return enter(visit, account, "/")


@screen.get("/me", "console.enter")
def show_me(visit: Here) -> Any:
    """What one's account is, and the form of another password."""
    return account_page(visit)


@screen.post("/me", "console.enter")
def change_password(visit: Here, form: Form) -> Any:
    """Keep another password, for whoever knows the present one; every session of the account ends but a new one."""
    if not visit.is_private:
        return _again(visit, "", "/", "insecure", 403)
    known = identify(visit, visit.who.name, str(form.get("present", "")))
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    if known is None:
        wrong = visit.say("Le mot de passe actuel n’est pas celui-là.", "That is not the present password.")
        return account_page(visit, 422, wrong=wrong)
    try:
        accepted = _accept(visit, known, known.name, password, again)
    except WrongUsage as error:
        return account_page(visit, 422, wrong=visit.say(error.message, error.message_en))
    return enter(visit, accepted, "/")


def _invited(visit: Visit, token: str) -> Account | str | None:
    """The account that a link leads to, or `first`: the one that it is to make."""
    hashed = digest_of(token)
    if visit.console.first == hashed and not visit.app.store.accounts.listed():
        return "first"
    return visit.app.store.accounts.invited(hashed, visit.console.real.now())


def _accept(visit: Visit, invited: Account | str, name: str, password: str, again: str) -> Account:
    if password != again:
        raise WrongUsage("Les deux mots de passe diffèrent.", "The two passwords differ.")
    now = visit.console.real.now()
    if isinstance(invited, str):
        return accounts.add_first(visit.app, name, password, now)
    accounts.choose_password(visit.app, invited, password, now)
    return invited
