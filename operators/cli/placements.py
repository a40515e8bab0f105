"""Commands that make a placement, remark on it, or put it aside."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import MANY, At, Key, Reason, References, Sets, Targets
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App

commands = new_commands()


@command(commands, "place", ACTING)
def place(
    session: Session,
    reference: Annotated[str, typer.Option("--reference", metavar="R", help="Its reference, unique.")],
    territory: Annotated[
        str | None,
        typer.Option("--territory", metavar="T", help="Its département: 75, 2A, 974 …, where no default gives it."),
    ] = None,
    sets: Sets = None,
    at: At = None,
    key: Key = None,
) -> None:
    """Create one placement."""
    from operators.cli.changes import answer_change, known_outcome, new_key
    from operators.cli.values import parse_sets
    from operators.moments import optional_moment
    from workflow.commands import Outcome, Place

    fields = {**parse_sets(sets), **({} if territory is None else {"territory": territory})}
    key = key or new_key()
    request = Place(reference=reference, fields=fields, actor=session.settings.actor, at=optional_moment(at), key=key)

    def act(app: "App") -> Outcome:
        with known_outcome(key):
            return app.engine.place(request)

    answer_change(session, act)


@command(commands, "note", ACTING, MANY)
def note(
    session: Session,
    words: Annotated[
        list[str],
        typer.Argument(metavar="REF... TEXT", help="References, the remark last; kept with the personal data."),
    ],
    at: At = None,
    **chosen: Any,
) -> int:
    """Attach a free remark to a placement."""
    from operators.cli.asking import ask_each
    from operators.moments import optional_moment
    from workflow.commands import Note

    actor, moment = session.settings.actor, optional_moment(at)

    def make(reference: str, revision: int | None, correlation: str | None, key: str) -> Note:
        return Note(reference=reference, text=words[-1], actor=actor, at=moment, expect=revision, key=key,
                    correlation=correlation)  # fmt: skip

    return ask_each(session, make, words[:-1], chosen)


@command(commands, "remind", ACTING, MANY)
def remind(session: Session, words: Targets, **chosen: Any) -> int:
    """Remind those who are awaited of a deadline that runs."""
    from operators.cli.asking import ask_each
    from workflow.commands import Remind

    actor = session.settings.actor

    def make(reference: str, revision: int | None, correlation: str | None, key: str) -> Remind:
        return Remind(reference=reference, deadline=words[-1], actor=actor, expect=revision, key=key,
                      correlation=correlation)  # fmt: skip

    return ask_each(session, make, words[:-1], chosen)


@command(commands, "void", ACTING, MANY)
def void(session: Session, references: References = None, reason: Reason = None, **chosen: Any) -> int:
    """Put aside a placement that was created by mistake."""
    from operators.cli.asking import ask
    from workflow.commands import Void

    return ask(session, Void, {"reason": reason}, references or (), chosen)
