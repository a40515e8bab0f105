"""Corrections of one placement or of many: `reverse`, `amend`, and the ledger of a deadline. For supervisors."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import MANY, At, Ground, Reason, References, Sets, Targets
from operators.cli.session import Session

commands = new_commands()

LEDGER: dict[str, Any] = {"reason": Reason, "ground": Ground, "at": At, **MANY}
"""The options that all lines in the ledger of a deadline have in common."""


@command(commands, "reverse", ACTING, MANY)
def reverse(
    session: Session,
    references: References = None,
    reason: Reason = None,
    extend_to: Annotated[
        str | None, typer.Option("--extend-to", metavar="DATE", help="The new last day of what is overdue then.")
    ] = None,
    waive: Annotated[bool, typer.Option("--waive", help="Waive what is overdue then.")] = False,
    entry: Annotated[
        int | None, typer.Option("--entry", metavar="SEQ", help="Take back this amendment or line of a ledger instead.")
    ] = None,
    **chosen: Any,
) -> int:
    """Undo the last change of state with what followed it, or take back one entry."""
    from operators.cli.asking import ask
    from settings import WrongUsage
    from workflow.commands import Reverse

    if waive and extend_to is not None:
        raise WrongUsage("--extend-to ou --waive, non les deux.", "--extend-to or --waive, not both.")
    if entry is not None and (chosen["where"] is not None or len(references or ()) != 1):
        raise WrongUsage("--entry nomme l'écriture d'un seul dossier.", "--entry names an entry of one placement.")
    said = {"reason": reason, "extend_to": _day(extend_to, "--extend-to"), "waive": waive, "entry": entry}
    return ask(session, Reverse, said, references or (), chosen)


@command(commands, "amend", ACTING, MANY)
def amend(
    session: Session,
    references: References = None,
    sets: Sets = None,
    reason: Reason = None,
    accept_earlier: Annotated[
        bool, typer.Option("--accept-earlier", help="Let an open deadline come forward; else it keeps its day.")
    ] = False,
    at: At = None,
    **chosen: Any,
) -> int:
    """Correct the values of fields."""
    from operators.cli.asking import ask
    from operators.cli.values import parse_sets
    from operators.moments import optional_moment
    from workflow.commands import Amend

    said = {"fields": parse_sets(sets), "reason": reason, "accept_earlier": accept_earlier, "at": optional_moment(at)}
    return ask(session, Amend, said, references or (), chosen)


@command(commands, "deadline pause", ACTING, LEDGER)
def pause(session: Session, words: Targets, **chosen: Any) -> int:
    """Stop the clock of a deadline: it fires nothing until it is resumed."""
    return _adjust(session, words, chosen, kind="pause")


@command(commands, "deadline resume", ACTING, LEDGER)
def resume(session: Session, words: Targets, **chosen: Any) -> int:
    """Let the clock of a paused deadline run again; the paused days are given back."""
    return _adjust(session, words, chosen, kind="resume")


@command(commands, "deadline extend", ACTING, LEDGER)
def extend(
    session: Session,
    words: Targets,
    by: Annotated[str, typer.Option("--by", metavar="LENGTH", help='How much longer: "10 days".')],
    **chosen: Any,
) -> int:
    """Make a deadline longer, counted as the deadline counts."""
    return _adjust(session, words, chosen, kind="extension", by=by)


@command(commands, "deadline move", ACTING, LEDGER)
def move(
    session: Session,
    words: Targets,
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="The new last day.")],
    **chosen: Any,
) -> int:
    """Give a deadline another last day."""
    return _adjust(session, words, chosen, kind="move", to=_day(to, "--to"))


def _adjust(session: Session, words: Sequence[str], chosen: Mapping[str, Any], **said: Any) -> int:
    from operators.cli.asking import ask
    from operators.moments import optional_moment
    from workflow.commands import Adjust

    common = {"deadline": words[-1], "at": optional_moment(chosen["at"])}
    texts = {name: chosen[name] for name in ("reason", "ground")}
    return ask(session, Adjust, {**said, **common, **texts}, words[:-1], chosen)


def _day(text: str | None, option: str) -> date | None:
    """A date, None where nothing was typed. Raises WrongUsage for anything else."""
    from datetime import datetime

    from operators.moments import parse_moment
    from settings import WrongUsage

    if text is None:
        return None
    moment = parse_moment(text, option)
    if isinstance(moment, datetime):
        raise WrongUsage(f"{option} demande une date : 2021-03-16.", f"{option} takes a date: 2021-03-16.")
    return moment
