"""`fire`: one placement, or many after a preview (bulk.py)."""

from typing import Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import MANY, At, Reason, Sets, complete_targets
from operators.cli.session import Session

commands = new_commands()


@command(commands, "fire", ACTING, MANY)
def fire(
    session: Session,
    words: Annotated[
        list[str],
        typer.Argument(metavar="REF... TRIGGER", help="One or more references, the trigger last.",
                       autocompletion=complete_targets),
    ],
    sets: Sets = None,
    at: At = None,
    reason: Reason = None,
    late: Annotated[
        bool, typer.Option("--late", help="Accept a fact that came in late; needs a reason and `supervisor`.")
    ] = False,
    **chosen: Any,
) -> int:  # fmt: skip
    """Ask for a transition, of one placement or of many."""
    from operators.cli.asking import ask
    from operators.cli.values import parse_sets
    from operators.moments import optional_moment
    from settings import WrongUsage
    from workflow.commands import Fire

    references, trigger = tuple(words[:-1]), words[-1]
    if chosen["where"] is None and not references:
        raise WrongUsage("Il manque la référence ou le déclencheur : parcours fire REF TRIGGER.",
                         "The reference or the trigger is missing: parcours fire REF TRIGGER.")  # fmt: skip
    fields, moment = parse_sets(sets), optional_moment(at)
    said = {"trigger": trigger, "fields": fields, "at": moment, "reason": reason, "late": late}
    return ask(session, Fire, said, references, chosen)
