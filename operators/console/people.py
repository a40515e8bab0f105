"""Accounts, for administrators: who may enter, in which roles and where, and the one-time links to do so."""

from typing import Annotated, Any

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console import accounts
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from settings import WrongUsage
from storage.accounts import Account, Grant
from workflow.calendar import TERRITORIES
from workflow.errors import NotFound

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

ROWS = 4
"""So many roles are asked for at once; more are added by asking again."""


@screen.get("/accounts", "account.manage")
def show_accounts(visit: Here) -> Any:
    """All accounts."""
    return _page(visit)


@screen.post("/accounts", "account.manage")
def add_account(visit: Here, form: Form) -> Any:
    """Add an account; its one-time link is shown once."""
    name = str(form.get("name", ""))
    try:
        invited = accounts.add(visit.app, visit.who.name, name, _grants(visit, form), visit.console.real.now())
    except WrongUsage as error:
        return _page(visit, 422, wrong=visit.say(error.message, error.message_en), name=name)
    return _page(visit, link=_link(visit, invited.token), invited=invited.account)


@screen.get("/accounts/{account_id}", "account.manage")
def show_account(visit: Here, account_id: str) -> Any:
    """One account, with what it may do."""
    return _one(visit, _found(visit, account_id))


@screen.post("/accounts/{account_id}", "account.manage")
def change_account(visit: Here, account_id: str, form: Form) -> Any:
    """Change what an account may do, close it, open it again, or make it another one-time link."""
    found, by, now = _found(visit, account_id), visit.who.name, visit.console.real.now()
    try:
        match form.get("act"):
            case "grants":
                accounts.change_grants(visit.app, by, found.name, _grants(visit, form))
            case "disable":
                accounts.disable(visit.app, by, found.name, now)
            case "enable":
                accounts.enable(visit.app, by, found.name)
            case "invite":
                invited = accounts.invite(visit.app, by, found.name, now)
                return _page(visit, link=_link(visit, invited.token), invited=found)
    except WrongUsage as error:
        return _one(visit, found, 422, visit.say(error.message, error.message_en))
    return visit.go("/accounts")


def _page(visit: Visit, status: int = 200, **told: Any) -> Any:
    values = {"wrong": None, "name": "", "link": None, "invited": None, **told}
    return visit.page("accounts.html", status, accounts=visit.app.store.accounts.listed(), rows=range(ROWS),
                      present=(), **_choices(visit), **values)  # fmt: skip


def _one(visit: Visit, found: Account, status: int = 200, wrong: str | None = None) -> Any:
    rows = range(max(ROWS, len(found.grants) + 1))
    return visit.page("account.html", status, account=found, present=found.grants, rows=rows, wrong=wrong,
                      **_choices(visit))  # fmt: skip


def _choices(visit: Visit) -> dict[str, Any]:
    return {"known": accounts.known_roles(visit.app), "territories": sorted(TERRITORIES)}


def _grants(visit: Visit, form: FormData) -> tuple[Grant, ...]:
    """The rows of the form in which a role was chosen. Raises WrongUsage."""
    roles, places, hosts = (form.getlist(name) for name in ("role", "territory", "host_siret"))
    texts = [
        f"{role}@{place}@{''.join(str(host).split())}"
        for role, place, host in zip(roles, places, hosts, strict=False)
        if role
    ]
    return accounts.read_grants(visit.app, texts)


def _found(visit: Visit, account_id: str) -> Account:
    found = visit.app.store.accounts.identified(account_id)
    if found is None:
        raise NotFound(account_id)
    return found


def _link(visit: Visit, token: str) -> str:
    return f"{visit.request.base_url}welcome?token={token}"
