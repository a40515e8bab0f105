"""`console`: the web console, in the foreground. What it shows is in operators/console."""

from typing import Annotated, Any

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
    "console_proxies": Annotated[
        list[str] | None,
        typer.Option("--proxy", metavar="ADDRESS", help="A proxy whose X-Forwarded headers count; repeatable."),
    ],
    "console_health_address": Annotated[
        str | None,
        typer.Option("--console-health-address", metavar="HOST:PORT", help="Tell there how the console does."),
    ],
}


@command(commands, "console", LISTENING)
def console(session: Session) -> None:
    """Serve the web console, on this machine alone unless told otherwise."""
    from operators.cli.extras import needing_web
    from operators.tally import Tally

    with needing_web(session):
        from operators.console.serving import serve

    session.log_by_default = "info"
    tally = Tally()
    with session.open(also=tally) as app:
        serve(app, lambda address, link: _tell(session, address, link), tally)


def _tell(session: Session, address: str, link: str | None) -> None:
    first = session.say(f"Pas encore de compte : ce lien, à usage unique, ouvre celui d'un administrateur :\n{link}",
                        f"No account yet: this one-time link makes an administrator's:\n{link}")  # fmt: skip
    where = session.say(f"La console est à {address} (Ctrl+C l'arrête).",
                        f"The console is at {address} (Ctrl+C stops it).")  # fmt: skip
    lines = [where, *([] if link is None else first.splitlines())]
    session.answer({"address": address, "first_link": link}, lambda page: page.lines(lines))
