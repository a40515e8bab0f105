"""`run`: the daemon, in the foreground. What it does is in runner.py."""

from datetime import timedelta
from typing import Annotated, Any, Literal

import typer

from operators.cli.command import ACTING, SIGNING, command, new_commands
from operators.cli.notices import SENDING
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

KEEPING: dict[str, Any] = {
    "accesses_keep_days": Annotated[
        int | None,
        typer.Option("--accesses-keep", metavar="DAYS", help="Keep the log of shown personal data so long."),
    ],
    "deliveries_keep_days": Annotated[
        int | None,
        typer.Option("--deliveries-keep", metavar="DAYS", help="Keep the log of deliveries so long."),
    ],
}

HEALTH: dict[str, Any] = {
    "health_address": Annotated[
        str | None,
        typer.Option("--health-address", metavar="HOST:PORT", help="Tell there how the daemon does, over HTTP."),
    ],
}

BRAKE: dict[str, Any] = {
    "brake": Annotated[
        Literal["auto", "on", "off"] | None,
        typer.Option("--brake", help="Whether the clock is judged and a sweep may be held."),
    ],
    "brake_max_gap_s": Annotated[
        float | None,
        typer.Option("--brake-max-gap", metavar="S", help="Hold where the clock was not seen for so long."),
    ],
    "brake_max_back_s": Annotated[
        float | None,
        typer.Option("--brake-max-back", metavar="S", help="Write nothing where the clock is so far behind."),
    ],
    "brake_max_share": Annotated[
        float | None,
        typer.Option("--brake-max-share", metavar="X", help="Hold a sweep that would fire more of all deadlines."),
    ],
    "brake_min_firings": Annotated[
        int | None,
        typer.Option("--brake-min-firings", metavar="N", help="Never hold a sweep that would fire fewer."),
    ],
}


@command(commands, "run", {**INTERVAL, **BRAKE, **SENDING, **KEEPING, **HEALTH, **ACTING})
def run(
    session: Session,
    once: Annotated[bool, typer.Option("--once", help="Fire all that is due, and end.")] = False,
    until: Annotated[
        str | None, typer.Option("--until", metavar="I", help="End when the clock has reached this moment.")
    ] = None,
    released: Annotated[
        bool, typer.Option("--release", help="Release the brake, and end; with --once, sweep then.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", metavar="T", help="Why, with --release.")] = None,
) -> int:
    """Run the daemon that fires what falls due."""
    import runner
    from operators.cli.brake import release
    from operators.cli.errors import DONE
    from operators.moments import parse_instant
    from operators.tally import Tally
    from settings import WrongUsage
    from workflow.calendar import load_zone

    if released != (reason is not None):
        raise WrongUsage("--release et --reason vont ensemble.", "--release and --reason go together.")
    session.log_by_default = "info"
    # A daemon that waits for somebody else's transaction cannot leave when it is told to: it tries again instead.
    tally = Tally()
    with session.open(patience=timedelta(seconds=1), also=tally) as app:
        if reason is not None:
            release(session, app, reason)
            if not once:
                return DONE
        zone = load_zone(app.engine.current_rules().definition.timezone) if until else None
        end = None if until is None or zone is None else parse_instant(until, zone, "--until")
        return runner.run(app, once=once, until=end, tally=tally)
