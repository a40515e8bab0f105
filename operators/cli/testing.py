"""The command that rehearses definitions: generated tests, scenarios, expected outcomes, mutants.

It opens no database.
"""

from pathlib import Path
from typing import Annotated

import typer

from operators.cli.command import command, new_commands
from operators.cli.errors import FAILED
from operators.cli.session import Session

commands = new_commands()

COVERAGE, KILLED = 90.0, 95.0


@command(commands, "definition test")
def rehearse(
    session: Session,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="The definition's file; by default the setting `definition`."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Fail below so many percent seen (90), or of mutants found out (95)."),
    ] = None,
    loops: Annotated[int, typer.Option(min=0, max=3, help="How often a path may come back to a state.")] = 0,
    paths: Annotated[int, typer.Option(min=0, help="At most so many paths.")] = 2000,
    budget: Annotated[
        float, typer.Option(min=0, help="About so many seconds of computing for paths and edges.")
    ] = 40.0,
    record: Annotated[
        bool, typer.Option("--record", help="Write what is seen as what is expected from now on.")
    ] = False,
    mutants: Annotated[int, typer.Option(min=0, help="Try so many mutants against the recorded outcomes.")] = 0,
    seed: Annotated[int, typer.Option(help="Which mutants are drawn.")] = 1,
) -> int | None:
    """Rehearse a definition: paths, deadlines' edges, recorded outcomes, scenarios; or hunt mutants."""
    from operators import rehearsals

    path = file or session.definition_path
    subject = rehearsals.subject(path)
    if record:
        answer, lines, good = rehearsals.record(subject)
    elif mutants:
        answer, lines, good = rehearsals.hunt_mutants(
            subject, mutants, seed, KILLED if threshold is None else threshold, session.lang
        )
    else:
        limits = rehearsals.limits(loops, paths, budget)
        least = COVERAGE if threshold is None else threshold
        answer, lines, good = rehearsals.test(subject, limits, least, session.lang)
    session.answer(answer, lambda page: page.lines(page.say(*line) for line in lines))
    return None if good else FAILED
