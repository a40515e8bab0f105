"""`console`: the web console and the API, in the foreground. They are in operators/console and operators/api."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

commands = new_commands()

LISTENING: dict[str, Any] = {
    "console_port": Annotated[
        int | None, typer.Option("--port", metavar="N", help="The port to listen on; 0 for any that is free.")
    ],
    "console_host": Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")],
    "console_names": Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="A name under which browsers reach it; repeatable."),
    ],
    "api_rate": Annotated[
        int | None, typer.Option("--api-rate", metavar="N", help="So many requests a minute under one token.")
    ],
    "console_proxies": Annotated[
        list[str] | None,
        typer.Option("--proxy", metavar="ADDRESS", help="A proxy whose X-Forwarded headers count; repeatable."),
    ],
    "console_health_address": Annotated[
        str | None,
        typer.Option("--console-health-address", metavar="HOST:PORT", help="Tell there how the console does."),
    ],
}

PROVIDER: dict[str, Any] = {
    "oidc_issuer": Annotated[
        str | None, typer.Option("--oidc-issuer", metavar="URL", help="The identity provider to sign in by.")
    ],
    "oidc_name": Annotated[str | None, typer.Option("--oidc-name", metavar="T", help="What it is called.")],
    "oidc_client_id": Annotated[str | None, typer.Option("--oidc-client-id", metavar="ID", help="The console's id.")],
    "oidc_client_secret_file": Annotated[
        Path | None, typer.Option("--oidc-client-secret-file", metavar="FILE", help="The file of its secret.")
    ],
    "oidc_scopes": Annotated[
        list[str] | None, typer.Option("--oidc-scope", metavar="SCOPE", help="What is asked of it; repeatable.")
    ],
    "oidc_acr": Annotated[
        list[str] | None, typer.Option("--oidc-acr", metavar="LEVEL", help="A level of assurance; repeatable.")
    ],
    "oidc_idp_hint": Annotated[
        str | None, typer.Option("--oidc-idp-hint", metavar="ID", help="The provider behind it to go to at once.")
    ],
    "oidc_pkce": Annotated[
        Literal["auto", "on", "off"] | None, typer.Option("--oidc-pkce", help="Whether a login has a code challenge.")
    ],
}


@command(commands, "console", {**LISTENING, **PROVIDER})
def console(session: Session) -> None:
    """Serve the web console, on this machine alone unless told otherwise."""
    from operators.cli.extras import needing_web
    from operators.tally import Tally
    from storage.turns import TOGETHER

    with needing_web(session):
        from operators.console.serving import serve

    session.log_by_default = "info"
    tally = Tally()
    with session.open(also=tally, together=TOGETHER) as app:
        serve(app, lambda address, link: _tell(session, address, link), tally)


def _tell(session: Session, address: str, link: str | None) -> None:
    first = session.say(f"Pas encore de compte : ce lien, à usage unique, ouvre celui d'un administrateur :\n{link}",
                        f"No account yet: this one-time link makes an administrator's:\n{link}")  # fmt: skip
    where = session.say(f"La console est à {address} (Ctrl+C l'arrête).",
                        f"The console is at {address} (Ctrl+C stops it).")  # fmt: skip
    lines = [where, *([] if link is None else first.splitlines())]
    session.answer({"address": address, "first_link": link}, lambda page: page.lines(lines))
