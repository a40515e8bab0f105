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
    from operators.cli.bulk import Wanted, ask_any
    from operators.cli.changes import new_key
    from operators.cli.moments import optional_moment
    from operators.cli.values import parse_sets
    from settings import WrongUsage
    from workflow.commands import Fire

    references, trigger = tuple(words[:-1]), words[-1]
    if chosen["where"] is None and not references:
        raise WrongUsage("Il manque la référence ou le déclencheur : parcours fire REF TRIGGER.",
                         "The reference or the trigger is missing: parcours fire REF TRIGGER.")  # fmt: skip
    actor, roles, key = session.settings.actor, session.settings.role, chosen["key"] or new_key()
    fields, moment = parse_sets(sets), optional_moment(at)

    def request(reference: str, revision: int | None, correlation: str | None) -> Fire:
        return Fire(
            reference=reference, trigger=trigger, actor=actor, fields=fields, at=moment, roles=roles, reason=reason,
            key=key, expect=revision, late=late, correlation=correlation,
        )  # fmt: skip

    wanted = Wanted(request, key, chosen["expect"], bool(chosen["dry_run"]), bool(chosen["yes"]))
    return ask_any(session, wanted, references, chosen["where"])
