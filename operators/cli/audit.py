"""Commands on the audit log."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

commands = new_commands()


@command(commands, "audit export")
def export(
    session: Session,
    target: Annotated[Path, typer.Option("--out", metavar="F", help="The file to write.")],
    form: Annotated[Literal["csv", "jsonl"], typer.Option("--format", help="CSV (RFC 4180) or JSON lines.")] = "csv",
    since: Annotated[str | None, typer.Option("--since", metavar="I", help="From this moment on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="I", help="Before this moment.")] = None,
    territory: Annotated[str | None, typer.Option("--territory", metavar="T", help="Of this département only.")] = None,
    by: Annotated[
        Literal["recorded", "occurred"],
        typer.Option("--by", help="The moment that --since and --until compare."),
    ] = "recorded",
) -> None:
    """Write history entries to a file: CSV or JSON lines."""
    from audit.exports import export as write_file
    from audit.exports import records
    from operators.cli.moments import parse_instant
    from workflow.calendar import load_zone, zone_of

    with session.open() as app:
        zone = zone_of(territory) if territory else load_zone(app.engine.current_rules().definition.timezone)
        first = None if since is None else parse_instant(since, zone, "--since")
        end = None if until is None else parse_instant(until, zone, "--until")
        rows = records(
            app.queries, lambda digest: app.engine.rules(digest).definition,
            since=first, until=end, territory=territory, by=by,
        )  # fmt: skip
        count = write_file(rows, form, target)
    answer = {"file": str(target), "format": form, "entries": count}
    session.answer(
        answer,
        lambda page: page.line(page.say(f"{target} : {count} écritures.", f"{target}: {count} entries.")),
    )
