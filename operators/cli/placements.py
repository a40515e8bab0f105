"""Commands that make a placement, remark on it, or put it aside."""

from typing import TYPE_CHECKING, Annotated

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import At, Expect, Key, Reference, Sets
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App

commands = new_commands()


@command(commands, "place", ACTING)
def place(
    session: Session,
    reference: Annotated[str, typer.Option("--reference", metavar="R", help="Its reference, unique.")],
    territory: Annotated[str, typer.Option("--territory", metavar="T", help="Its département: 75, 2A, 974 …")],
    sets: Sets = None,
    at: At = None,
    key: Key = None,
) -> None:
    """Create one placement."""
    from operators.cli.changes import answer_change, known_outcome, new_key
    from operators.cli.moments import optional_moment
    from operators.cli.values import parse_sets
    from workflow.commands import Outcome, Place

    fields = {**parse_sets(sets), "territory": territory}
    key = key or new_key()
    request = Place(reference=reference, fields=fields, actor=session.settings.actor, at=optional_moment(at), key=key)

    def act(app: "App") -> Outcome:
        with known_outcome(key):
            return app.engine.place(request)

    answer_change(session, act)


@command(commands, "note", ACTING)
def note(
    session: Session,
    reference: Reference,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The remark; kept with the personal data.")],
    at: At = None,
) -> None:
    """Attach a free remark to a placement."""
    from operators.cli.changes import answer_change
    from operators.cli.moments import optional_moment
    from workflow.commands import Note

    request = Note(reference=reference, text=text, actor=session.settings.actor, at=optional_moment(at))
    answer_change(session, lambda app: app.engine.note(request))


@command(commands, "void", ACTING)
def void(
    session: Session,
    reference: Reference,
    reason: Annotated[str, typer.Option("--reason", metavar="T", help="A reason's code, or free text.")],
    expect: Expect = None,
) -> None:
    """Put aside a placement that was created by mistake."""
    from operators.cli.changes import answer_change
    from workflow.commands import Void

    settings = session.settings
    request = Void(reference=reference, reason=reason, actor=settings.actor, roles=settings.role, expect=expect)
    answer_change(session, lambda app: app.engine.ask(request))
