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
}


@command(commands, "console", LISTENING)
def console(session: Session) -> None:
    """Serve the web console, on this machine alone unless told otherwise."""
    from operators.cli.extras import needing_web

    with needing_web(session):
        from operators.console.serving import serve

    session.log_by_default = "info"
    with session.open() as app:
        serve(app, lambda fr, en: session.answer(*_said(session, fr, en)))


def _said(session: Session, fr: str, en: str) -> Any:
    text = session.say(fr, en)
    return {"message": text}, lambda page: page.line(text)
