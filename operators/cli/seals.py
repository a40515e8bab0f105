"""`audit seal` and `audit verify`: sign what was entered, and check that all of it still is what was signed."""

import base64
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, SIGNING, command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from audit.bundle import Bundle
    from audit.links import Fault
    from audit.sealing import Outcome, Seal
    from audit.verification import Report
    from operators.cli.output import Page
    from operators.key_rotation import KeyRotated

commands = new_commands()


@command(commands, "audit seal", {**SIGNING, "actor": ACTING["actor"]})
def seal(
    session: Session,
    accept_restored: Annotated[
        bool, typer.Option("--accept-restored", help="Go on from a restored database, and enter that in the log.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", metavar="T", help="Why, with --accept-restored.")] = None,
) -> int:
    """Seal the entries that wait for it, and sign a checkpoint."""
    from app import accept_restored as accept
    from app import seal as seal_waiting
    from operators.cli.errors import BROKEN, DONE
    from settings import WrongUsage

    if accept_restored != (reason is not None):
        raise WrongUsage("--accept-restored et --reason vont ensemble.", "--accept-restored and --reason go together.")
    with session.open() as app:
        disclosure = accept(app, reason) if reason is not None else None
        outcome = seal_waiting(app, accepted=disclosure is not None)
        with app.store.seals.reading() as reading:
            waiting = reading.queue_length()
    answer = _sealed(session, outcome, waiting) | ({"disclosure": disclosure} if accept_restored else {})
    session.answer(answer, lambda page: _write_sealed(page, outcome, waiting, disclosure))
    return BROKEN if outcome.broken or outcome.late else DONE


@command(commands, "audit verify", SIGNING)
def verify(
    session: Session,
    reference: Annotated[str | None, typer.Argument(metavar="[REF]", help="One placement only.")] = None,
    since: Annotated[
        Path | None,
        typer.Option("--checkpoint", "--since-checkpoint", metavar="FILE", help="A checkpoint that was kept."),
    ] = None,
) -> int:
    """Check the whole log: chains, tree, seals, signatures, kept checkpoints."""
    from app import verify as verify_log
    from operators.cli.errors import BROKEN, DONE

    held = None if since is None else (str(since), since.read_bytes())
    with session.open() as app:
        report = verify_log(app, reference, held, _tell_progress)
    _end_progress()
    session.answer(verified_object(report, session.lang), lambda page: _write_verified(page, report))
    return DONE if report.ok else BROKEN


@command(commands, "audit key rotate", {**SIGNING, "actor": ACTING["actor"]})
def rotate(
    session: Session,
    reason: Annotated[str, typer.Option("--reason", metavar="T", help="Why; what opens it is told once.")],
) -> None:
    """Go over to a new signing key, announced in the log under the old one."""
    from operators.key_rotation import rotate_key

    with session.open() as app:
        done = rotate_key(app, reason)
    answer = {"old": done.old, "new": done.new, "disclosure": done.disclosure}
    session.answer(answer, lambda page: _write_rotated(page, done))


def _write_rotated(page: "Page", done: "KeyRotated") -> None:
    page.line(page.say(f"Clé remplacée : {done.old}", f"Key replaced: {done.old}"))
    page.line(page.say(f"Clé publique : {done.new}", f"Public key: {done.new}"))
    if done.disclosure is not None:
        page.line(page.say(
            f"C'est au journal, avec un engagement sur le motif ; ce qui l'ouvre, à garder : {done.disclosure}",
            f"The change is entered, with a commitment to its reason; what opens it, to be kept: {done.disclosure}",
        ))  # fmt: skip


def export_bundle(
    session: Session, target: Path, references: Sequence[str], territory: str | None, held: Path | None, moment: object
) -> None:
    """The part of `audit export` that writes an evidence bundle."""
    from app import export_bundle as write
    from settings import WrongUsage

    if moment is not None:
        raise WrongUsage("Un dossier de preuve n'a ni --since, ni --until, ni --after, ni --sealed.",
                         "An evidence bundle takes no --since, --until, --after or --sealed.")  # fmt: skip
    with session.open() as app:
        made = write(app, target, references, territory, None if held is None else held.read_bytes())
        with app.store.seals.reading() as reading:
            waiting = reading.queue_length()
    answer = {"file": str(target), "format": "bundle", "entries": made.entries, "placements": made.placements,
              "unsealed": waiting, "anchors": made.anchors.receipts, "anchors_left_out": made.anchors.foreign,
              "checkpoint": checkpoint_object(made.last)}  # fmt: skip
    session.answer(answer, lambda page: _write_bundled(page, target, made, waiting))


def _write_bundled(page: "Page", target: Path, made: "Bundle", waiting: int) -> None:
    page.line(page.say(
        f"{target} : {made.entries} écritures, sous le point de contrôle de {made.last.size} ; {waiting} en attente.",
        f"{target}: {made.entries} entries, under the checkpoint of {made.last.size}; {waiting} waiting.",
    ))  # fmt: skip
    if made.anchors.foreign:
        page.line(page.say(
            f"attention : {made.anchors.foreign} ancres sont de points de contrôle que ce journal ne prolonge pas.",
            f"warning: {made.anchors.foreign} anchors are of checkpoints that this log does not continue.",
        ))  # fmt: skip


def _sealed(session: Session, outcome: "Outcome", waiting: int) -> dict[str, Any]:
    return {
        "sealed": outcome.sealed,
        "seals": outcome.seals,
        "unsealed": waiting,
        "broken": _records(session.lang, outcome.broken),
        "late": _records(session.lang, outcome.late),
        "checkpoint": checkpoint_object(outcome.last),
    }


def verified_object(report: "Report", lang: str) -> dict[str, Any]:
    """The answer of `audit verify`."""
    return {
        "ok": report.ok,
        "entries": report.entries,
        "chains": report.chains,
        "leaves": report.leaves,
        "seals": report.seals,
        "unsealed": report.unsealed,
        "key_vouched": report.vouched,
        "faults": _records(lang, report.faults),
        "checkpoint": checkpoint_object(report.last),
    }


def _records(lang: str, faults: "list[Fault]") -> list[Any]:
    return [fault.record(lang) for fault in faults]


def checkpoint_object(last: "Seal | None") -> dict[str, Any] | None:
    """A signed checkpoint as in all JSON; None where there is none that can be shown."""
    from operators.cli.output import instant

    if last is None or not isinstance(last.note, bytes) or not isinstance(last.root, bytes):
        return None
    root = base64.b64encode(last.root).decode()
    return {
        "number": last.number,
        "size": last.size,
        "root": root,
        "sealed_at": instant(last.sealed_at),
        # A damaged one is shown as far as it can be read.
        "note": last.note.decode(errors="replace"),
    }


def _write_sealed(page: "Page", outcome: "Outcome", waiting: int, disclosure: str | None) -> None:
    page.lines(fault.sentence(page.lang) for fault in [*outcome.broken, *outcome.late])
    page.line(page.say(
        f"{outcome.sealed} écritures scellées, {waiting} en attente.",
        f"{outcome.sealed} entries sealed, {waiting} waiting.",
    ))  # fmt: skip
    if disclosure is not None:
        page.line(page.say(
            f"La reprise est au journal, avec un engagement sur son motif ; ce qui l'ouvre, à garder : {disclosure}",
            f"Going on is entered, with a commitment to its reason; what opens it, to be kept: {disclosure}",
        ))  # fmt: skip
    if outcome.last is not None:
        page.lines(outcome.last.note.decode().splitlines())


def _write_verified(page: "Page", report: "Report") -> None:
    page.lines(fault.sentence(page.lang) for fault in report.faults)
    if not report.vouched:
        page.line(page.say(
            "attention : le fichier de clé n'est pas là ; la clé vient de la base elle-même.",
            "warning: the key's file is not here; the key comes from the database itself.",
        ))  # fmt: skip
    page.line(page.say(
        f"{report.entries} écritures, dont {report.leaves} sous {report.seals} scellés ; {report.unsealed} en attente.",
        f"{report.entries} entries, {report.leaves} of them sealed in {report.seals} seals; {report.unsealed} waiting.",
    ))  # fmt: skip
    page.line(page.say("Tout se tient.", "All holds.") if report.ok else page.say(
        "Le journal a été altéré ou endommagé : ne rien écrire avant d'avoir compris.",
        "The log was tampered with or damaged: write nothing before it is understood.",
    ))  # fmt: skip


def _tell_progress(count: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{count}")
        sys.stderr.flush()


def _end_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
