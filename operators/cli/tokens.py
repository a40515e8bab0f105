"""Commands on the tokens of programs that use the API. What they do is in operators/api/tokens.py."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from storage.accounts import Account
    from storage.tokens import Token

commands = new_commands()

_BY = {"actor": ACTING["actor"]}


@command(commands, "token add", _BY)
def add(
    session: Session,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account that the program acts as.")],
    label: Annotated[str, typer.Option("--for", metavar="TEXT", help="What the token is for; not a person's name.")],
    grants: Annotated[
        list[str] | None,
        typer.Option(
            "--grant",
            metavar="ROLE[@T[@SIRET]]",
            help="A role of the account, of one territory or host; repeatable; by default all that it may do.",
        ),
    ] = None,
    lasts: Annotated[
        str, typer.Option("--lasts", metavar="LENGTH", help="How long it opens: 90d, 36h; 366 days at most.")
    ] = "90d",
) -> None:
    """Make a token for an account; it is shown once and kept nowhere."""
    from operators.cli.extras import needing_web

    with needing_web(session):
        from operators.api import tokens
        from operators.console.accounts import read_grants
    from operators.moments import parse_age
    from workflow.clock import SystemClock

    length = parse_age(lasts, "--lasts")
    with session.open() as app:
        wanted = read_grants(app, grants or ())
        made = tokens.add(app, session.settings.actor, account, label, wanted, length, SystemClock().now())
        answer = {"secret": made.secret, **_object(made.token, app.store.accounts.identified(made.token.account))}
    told = session.say("Ce jeton n'est montré qu'ici :", "This token is shown here only:")
    session.answer(answer, lambda page: page.lines([told, made.secret]))


@command(commands, "token list")
def list_tokens(session: Session) -> None:
    """List the tokens: whose, what they may do, until when."""
    with session.open() as app:
        known = {each.id: each for each in app.store.accounts.listed()}
        found = app.store.tokens.listed()
    items = [_object(each, known.get(each.account)) for each in found]
    columns = session.say("jeton|compte|usage|rôles|jusqu'au|révoqué le|utilisé le",
                          "token|account|for|roles|until|revoked at|last used").split("|")  # fmt: skip
    session.answer({"items": items}, lambda page: page.table(columns, [
        (i["token"], i["account"], i["for"], " ".join(i["grants"]), i["expires_at"], i["revoked_at"],
         i["used_at"]) for i in items
    ]))  # fmt: skip


@command(commands, "token revoke", _BY)
def revoke(
    session: Session,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="Its first part, as token list shows it.")],
) -> None:
    """End a token, at once and for ever."""
    from operators.cli.extras import needing_web

    with needing_web(session):
        from operators.api import tokens
    from workflow.clock import SystemClock

    with session.open() as app:
        ended = tokens.revoke(app, session.settings.actor, token, SystemClock().now())
        answer = _object(ended, app.store.accounts.identified(ended.account))
    told = session.say(f"Le jeton {ended.prefix} n'ouvre plus rien.", f"The token {ended.prefix} opens nothing more.")
    session.answer(answer, lambda page: page.line(told))


def _object(token: "Token", account: "Account | None") -> dict[str, Any]:
    """A token as in all JSON, without its secret."""
    from operators.cli.output import instant

    return {
        "token": token.prefix,
        "account": None if account is None else account.name,
        "for": token.label,
        "grants": [str(grant) for grant in token.grants],
        "created_at": instant(token.created_at),
        "expires_at": instant(token.expires_at),
        "revoked_at": instant(token.revoked_at),
        "used_at": instant(token.used_at),
    }
