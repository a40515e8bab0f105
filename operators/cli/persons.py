"""Commands on the personal data of a placement: showing, erasing and holding them, and the register of erasures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import MANY, Reason, Reference, References, complete_reference
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from audit.register import Row
    from workflow.commands import Erase

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
    ground: Annotated[str, typer.Option("--ground", metavar="CODE", help="Why: a point of GDPR article 17(1).")],
    decision: Annotated[
        str, typer.Option("--decision", "--reason", metavar="REF", help="The decision's reference; it stays.")
    ],
    reference: Annotated[
        str | None,
        typer.Argument(
            metavar="[REF|PERSON]",
            help="A placement's reference, else a person as --person.",
            autocompletion=complete_reference,
        ),
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option("--person", metavar="TEXT", help="How somebody is called or referred to, or -; repeatable."),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME", help="A personal field, reason or note; repeatable."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is kept.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before erasing in all placements.")] = False,
) -> int:
    """Erase personal data for ever, of a placement or of a person in all placements."""
    from operators.cli.errors import DONE
    from operators.cli.person_bulk import Erasing, erase_person, typed
    from settings import WrongUsage
    from workflow.commands import Erase

    if (reference is None) != bool(person):
        raise WrongUsage("Dire soit REF, soit --person.", "Say either REF, or --person.")
    if everything and fields:
        raise WrongUsage("Dire soit --all, soit un ou plusieurs --field.", "Say either --all, or one --field or more.")
    common: dict[str, Any] = {"ground": ground, "decision": decision, "fields": tuple(fields or ()),
                              "actor": session.settings.actor, "roles": session.settings.role}  # fmt: skip
    if reference is None or not _is_placement(session, reference):
        texts = typed([reference] if reference is not None else person or ())
        return erase_person(session, texts, Erasing(common, everything, dry_run, yes))
    if not everything and not fields:
        raise WrongUsage("Dire soit --all, soit un ou plusieurs --field.", "Say either --all, or one --field or more.")
    _erase_one(session, Erase(reference=reference, **common), dry_run=dry_run)
    return DONE


def _erase_one(session: Session, request: "Erase", *, dry_run: bool) -> None:
    from operators.cli.people import write_outcome
    from operators.cli.shapes import outcome_object, preview_object

    with session.open() as app:
        outcome = app.engine.preview(request) if dry_run else app.engine.ask(request)
        shown = (preview_object if dry_run else outcome_object)(app.engine, outcome)
        session.answer(shown, lambda page: write_outcome(page, app, outcome))


def _is_placement(session: Session, reference: str) -> bool:
    with session.open() as app:
        return app.queries.placement(reference) is not None


@command(commands, "person hold", ACTING, MANY)
def hold(session: Session, references: References = None, reason: Reason = None, **chosen: Any) -> int:
    """Put a placement under a legal hold: nothing of it is erased."""
    return _hold(session, references or (), reason, chosen, on=True)


@command(commands, "person release", ACTING, MANY)
def release(session: Session, references: References = None, reason: Reason = None, **chosen: Any) -> int:
    """End a legal hold."""
    return _hold(session, references or (), reason, chosen, on=False)


def _hold(
    session: Session, references: Sequence[str], reason: str | None, chosen: Mapping[str, Any], *, on: bool
) -> int:
    from operators.cli.asking import ask
    from workflow.commands import HoldData

    return ask(session, HoldData, {"on": on, "reason": reason}, references, chosen)


@command(commands, "person register")
def register(
    session: Session,
    target: Annotated[Path, typer.Option("--out", metavar="F", help="The file to write, or to write anew.")],
) -> None:
    """Write the register of all erasures."""
    from app import actor_erasures, erasures
    from audit.register import write

    with session.open() as app:
        rows: list[Row] = [*erasures(app), *actor_erasures(app)]
        count = write(target, sorted(rows, key=lambda row: row.at))
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
        items = [{**_of(row), "status": _again(session, app, row)} for row in rows]
    statuses = [item["status"] for item in items]
    counts = {status: statuses.count(status) for status in ("erased", "nothing_left", "unknown")}
    again, already, unknown = counts.values()
    session.answer({"items": items, **counts}, lambda page: page.line(page.say(
        f"{again} effacements refaits, {already} déjà faits, {unknown} inconnus ici.",
        f"{again} erasures made again, {already} made already, {unknown} unknown here.",
    )))  # fmt: skip


def _of(row: "Row") -> dict[str, str]:
    from audit.register import ActorErasure

    return {"actor": row.actor} if isinstance(row, ActorErasure) else {"reference": row.reference}


def _again(session: Session, app: "App", row: "Row") -> str:
    from audit.register import ActorErasure
    from workflow.errors import NotFound, TransitionRefused

    try:
        _erase_again(session, app, row)
    except NotFound:
        return "nothing_left" if isinstance(row, ActorErasure) else "unknown"
    except TransitionRefused as refused:
        if {blocker.code for blocker in refused.blockers} != {"nothing_to_erase"}:
            raise
        return "nothing_left"
    return "erased"


def _erase_again(session: Session, app: "App", row: "Row") -> None:
    from audit.register import ActorErasure
    from operators.actors import erase_actor
    from workflow.commands import EraseActor, EraseAgain

    actor, roles = session.settings.actor, session.settings.role
    if isinstance(row, ActorErasure):
        erase_actor(app, EraseActor(
            who=row.actor, ground=row.ground, decision=row.decision, actor=actor, roles=roles,
        ))  # fmt: skip
        return
    app.engine.erase_again(EraseAgain(
        reference=row.reference, commitments=row.commitments, ground=row.ground, decision=row.decision, actor=actor,
        roles=roles,
    ))  # fmt: skip
