"""`fire`: one placement, or many after a preview (bulk.py)."""

from typing import TYPE_CHECKING, Annotated

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import At, Expect, Key, Reason, Sets, complete_targets
from operators.cli.session import Session

if TYPE_CHECKING:
    from operators.cli.bulk import Wanted
    from workflow.commands import Fire

commands = new_commands()


@command(commands, "fire", ACTING)
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
    key: Key = None,
    expect: Expect = None,
    late: Annotated[
        bool, typer.Option("--late", help="Accept a fact that came in late; needs a reason and `supervisor`.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a bulk.")] = False,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="FILTER", help="Filters of list: 'state=in_post territory=75'."),
    ] = None,
) -> int:  # fmt: skip
    """Ask for a transition, of one placement or of many."""
    from operators.cli.bulk import Wanted, fire_many
    from operators.cli.changes import new_key
    from operators.cli.moments import optional_moment
    from operators.cli.values import parse_sets
    from settings import WrongUsage

    references, trigger = tuple(words[:-1]), words[-1]
    wanted = Wanted(
        trigger, session.settings.actor, parse_sets(sets), optional_moment(at), session.settings.role, reason,
        key or new_key(), expect, late, dry_run, yes,
    )  # fmt: skip
    if where is not None:
        if references:
            raise WrongUsage("Des références ou --where, non les deux.", "References or --where, not both.")
        return fire_many(session, wanted, where=where)
    if not references:
        raise WrongUsage("Il manque la référence ou le déclencheur : parcours fire REF TRIGGER.",
                         "The reference or the trigger is missing: parcours fire REF TRIGGER.")  # fmt: skip
    return fire_many(session, wanted, references) if len(references) > 1 else _fire_one(session, references[0], wanted)


def _fire_one(session: Session, reference: str, wanted: "Wanted") -> int:
    from operators.cli.changes import known_outcome
    from operators.cli.people import write_outcome
    from operators.cli.shapes import outcome_object, preview_object

    request: Fire = wanted.of(reference)
    with session.open() as app:
        if wanted.dry_run:
            outcome = app.engine.preview(request)
            shown = preview_object(app.engine, outcome)
        else:
            with known_outcome(wanted.key):
                outcome = app.engine.fire(request)
            shown = outcome_object(app.engine, outcome)
        session.answer(shown, lambda page: write_outcome(page, app, outcome))
    return 0
