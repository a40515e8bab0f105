"""`account`: who may enter the console. Whoever runs these commands could write the database anyway."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.extras import needing_web
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from operators.console.accounts import Invited

commands = new_commands()

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name, as the history shows it.")]
Grants = Annotated[
    list[str],
    typer.Option("--grant", metavar="ROLE[@T[@SIRET]]", help="A role, everywhere or in a territory; repeatable."),
]


@command(commands, "account list")
def list_accounts(session: Session) -> None:
    """List the accounts of the console."""
    from operators.cli.output import instant

    with session.open() as app:
        found = app.store.accounts.listed()
    items = [
        {
            "id": each.id,
            "name": each.name,
            "grants": list(map(str, each.grants)),
            "created_at": instant(each.created_at),
            "disabled_at": instant(each.disabled_at),
            "has_password": each.password is not None,
        }
        for each in found
    ]
    columns = session.say("nom|rôles|fermé le", "name|roles|disabled at").split("|")
    rows = [(each.name, " ".join(map(str, each.grants)), instant(each.disabled_at)) for each in found]
    session.answer({"items": items}, lambda page: page.table(columns, rows))


@command(commands, "account add", ACTING)
def add(session: Session, name: Name, grants: Grants) -> None:
    """Add an account; prints the one-time link by which its password is chosen."""
    with needing_web(session):
        from operators.console import accounts

    def act(app: "App") -> "Invited":
        found = accounts.read_grants(app, grants)
        return accounts.add(app, session.settings.actor, name, found, _now())

    _invite(session, act)


@command(commands, "account invite", ACTING)
def invite(session: Session, name: Name) -> None:
    """Give an account another one-time link, for a new password."""
    with needing_web(session):
        from operators.console import accounts
    _invite(session, lambda app: accounts.invite(app, session.settings.actor, name, _now()))


@command(commands, "account grant", ACTING)
def grant(session: Session, name: Name, grants: Grants) -> None:
    """Replace the roles of an account."""
    with needing_web(session):
        from operators.console import accounts
    with session.open() as app:
        found = accounts.read_grants(app, grants)
        accounts.change_grants(app, session.settings.actor, name, found)
    answer = {"name": name, "grants": list(map(str, found))}
    session.answer(answer, lambda page: page.line(f"{name} : {' '.join(answer['grants'])}"))


@command(commands, "account disable", ACTING)
def disable(session: Session, name: Name) -> None:
    """Disable an account; its sessions end."""
    with needing_web(session):
        from operators.console import accounts
    with session.open() as app:
        accounts.disable(app, session.settings.actor, name, _now())
    session.answer({"name": name}, lambda page: page.line(page.say(f"{name} : fermé.", f"{name}: disabled.")))


def _invite(session: Session, act: "Callable[[App], Invited]") -> None:
    with session.open() as app:
        invited = act(app)
    path = f"/welcome?token={invited.token}"
    answer: dict[str, Any] = {"name": invited.account.name, "id": invited.account.id, "link": path}
    told = session.say("à la suite de l'adresse de la console, trois jours durant, une seule fois :",
                       "after the console's address, for three days, once:")  # fmt: skip
    session.answer(answer, lambda page: page.lines((f"{invited.account.name}, {told}", path)))


def _now() -> Any:
    """The real moment: links obey no sandbox's clock."""
    from workflow.clock import SystemClock

    return SystemClock().now()
