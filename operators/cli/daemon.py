"""`run`: the daemon, in the foreground. What it does is in runner.py."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from operators.cli.command import SIGNING, command, new_commands
from operators.cli.session import Session

commands = new_commands()

INTERVAL: dict[str, Any] = {
    "safety_interval_s": Annotated[
        float | None,
        typer.Option("--safety-interval", metavar="S", help="Sweep at least every so many seconds."),
    ],
    "seal_interval_s": Annotated[
        float | None,
        typer.Option("--seal-interval", metavar="S", help="Seal new entries every so many seconds."),
    ],
    **SIGNING,
}


@command(commands, "run", INTERVAL)
def run(
    session: Session,
    once: Annotated[bool, typer.Option("--once", help="Fire all that is due, and end.")] = False,
    until: Annotated[
        str | None, typer.Option("--until", metavar="I", help="End when the clock has reached this moment.")
    ] = None,
) -> int:
    """Run the daemon that fires what falls due."""
    import runner
    from operators.cli.moments import parse_instant
    from workflow.calendar import load_zone

    session.log_by_default = "info"
    # A daemon that waits for somebody else's transaction cannot leave when it is told to: it tries again instead.
    with session.open(patience=timedelta(seconds=1)) as app:
        zone = load_zone(app.engine.current_rules().definition.timezone) if until else None
        end = None if until is None or zone is None else parse_instant(until, zone, "--until")
        return runner.run(app, once=once, until=end)
