"""Commands on the personal data of a placement: showing, erasing and holding them, and the register of erasures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import Reference
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from audit.register import Erasure

commands = new_commands()

REGISTER: dict[str, Any] = {
    "erasure_register": Annotated[
        Path | None,
        typer.Option("--erasure-register", metavar="FILE", help="The register of erasures that is kept."),
    ]
}
WRITING = {**ACTING, **REGISTER}


@command(commands, "person show")
def show(session: Session, reference: Reference) -> None:
    """Show all that is kept of the persons of a placement."""
    from operators.cli.person_shapes import persons_object, write_persons

    with session.open() as app:
        view = app.engine.persons(reference)
    session.answer(persons_object(view), lambda page: write_persons(page, view))


@command(commands, "person erase", WRITING)
def erase(
    session: Session,
    reference: Reference,
    ground: Annotated[str, typer.Option("--ground", metavar="CODE", help="Why: a point of GDPR article 17(1).")],
    decision: Annotated[
        str, typer.Option("--decision", "--reason", metavar="REF", help="The decision's reference; it stays.")
    ],
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME", help="A personal field, reason or note; repeatable."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is kept.")] = False,
) -> None:
    """Erase personal data of a placement for ever."""
    from operators.cli.changes import answer_change
    from settings import WrongUsage
    from workflow.commands import Erase

    if everything == bool(fields):
        raise WrongUsage("Dire soit --all, soit un ou plusieurs --field.", "Say either --all, or one --field or more.")
    request = Erase(
        reference=reference,
        ground=ground,
        decision=decision,
        actor=session.settings.actor,
        fields=tuple(fields or ()),
        roles=session.settings.role,
    )
    answer_change(session, lambda app: app.engine.erase(request))


@command(commands, "person hold", ACTING)
def hold(
    session: Session,
    reference: Reference,
    reason: Annotated[str, typer.Option("--reason", metavar="T", help="A reason's code, or free text.")],
) -> None:
    """Put a placement under a legal hold: nothing of it is erased."""
    _hold(session, reference, reason, on=True)


@command(commands, "person release", ACTING)
def release(
    session: Session,
    reference: Reference,
    reason: Annotated[str, typer.Option("--reason", metavar="T", help="A reason's code, or free text.")],
) -> None:
    """End a legal hold."""
    _hold(session, reference, reason, on=False)


def _hold(session: Session, reference: str, reason: str, *, on: bool) -> None:
    from operators.cli.changes import answer_change
    from workflow.commands import HoldData

    settings = session.settings
    request = HoldData(reference=reference, on=on, reason=reason, actor=settings.actor, roles=settings.role)
    answer_change(session, lambda app: app.engine.hold(request))


@command(commands, "person register")
def register(
    session: Session,
    target: Annotated[Path, typer.Option("--out", metavar="F", help="The file to write, or to write anew.")],
) -> None:
    """Write the register of all erasures."""
    from app import erasures
    from audit.register import write

    with session.open() as app:
        count = write(target, erasures(app))
    answer = {"file": str(target), "erasures": count}
    session.answer(
        answer, lambda page: page.line(page.say(f"{target} : {count} effacements.", f"{target}: {count} erasures."))
    )


@command(commands, "person reapply", WRITING)
def reapply(
    session: Session,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A register of erasures.")],
) -> None:
    """Erase again, in a restored database, what a register names."""
    from audit.register import read

    rows = read(source)
    with session.open() as app:
        items = [{"reference": row.reference, "status": _again(session, app, row)} for row in rows]
    statuses = [item["status"] for item in items]
    counts = {status: statuses.count(status) for status in ("erased", "nothing_left", "unknown")}
    again, already, unknown = counts.values()
    session.answer({"items": items, **counts}, lambda page: page.line(page.say(
        f"{again} effacements refaits, {already} déjà faits, {unknown} inconnus ici.",
        f"{again} erasures made again, {already} made already, {unknown} unknown here.",
    )))  # fmt: skip


def _again(session: Session, app: "App", row: "Erasure") -> str:
    from workflow.commands import EraseAgain
    from workflow.errors import NotFound, TransitionRefused

    request = EraseAgain(
        reference=row.reference,
        commitments=row.commitments,
        ground=row.ground,
        decision=row.decision,
        actor=session.settings.actor,
        roles=session.settings.role,
    )
    try:
        app.engine.erase_again(request)
    except NotFound:
        return "unknown"
    except TransitionRefused as refused:
        if {blocker.code for blocker in refused.blockers} != {"nothing_to_erase"}:
            raise
        return "nothing_left"
    return "erased"
