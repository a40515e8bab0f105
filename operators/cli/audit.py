"""Commands on the audit log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from operators.cli.anchors import CHANNELS
from operators.cli.command import SIGNING, command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from audit.export_stream import By, Selection
    from audit.exports import Export, FormName
    from operators.cli.output import Page

commands = new_commands()


@command(commands, "audit export", {**SIGNING, "anchor_record": CHANNELS["anchor_record"]})
def export(
    session: Session,
    target: Annotated[Path, typer.Option("--out", metavar="F", help="The file to write.")],
    form: Annotated[
        Literal["csv", "csv-fr", "xlsx", "jsonl", "parquet", "xes", "ocel", "bundle"],
        typer.Option("--format", help="For programs, spreadsheets, analysts or process mining."),
    ] = "csv",
    since: Annotated[str | None, typer.Option("--since", metavar="I", help="From this moment on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="I", help="Before this moment.")] = None,
    territory: Annotated[str | None, typer.Option("--territory", metavar="T", help="Of this département only.")] = None,
    by: Annotated[
        Literal["recorded", "occurred"],
        typer.Option("--by", help="The moment that --since and --until compare."),
    ] = "recorded",
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help="Those sealed after this cursor (`next`).")
    ] = None,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Only what a seal covers; a good start for --after.")
    ] = False,
    references: Annotated[
        list[str] | None, typer.Option("--reference", metavar="REF", help="In a bundle: this placement; repeatable.")
    ] = None,
    held: Annotated[
        Path | None, typer.Option("--since-checkpoint", metavar="FILE", help="In a bundle: proved to continue this.")
    ] = None,
) -> None:
    """Write history entries to a file for programs, spreadsheets, process mining."""
    from audit.exports import export as write_file
    from operators.cli.seals import export_bundle
    from operators.exporting import last_checkpoint, stream_of
    from settings import WrongUsage

    if form == "bundle":
        export_bundle(session, target, references or (), territory, held, since or until or after or sealed or None)
        return
    if references or held:
        raise WrongUsage("--reference et --since-checkpoint ne valent que pour --format bundle.",
                         "--reference and --since-checkpoint hold for --format bundle only.")  # fmt: skip
    _refuse(form, target, after)
    with session.open() as app:
        stream = stream_of(app, _selection(app, since, until, territory, by, after, sealed))
        made = write_file(stream, form, target, made_at=app.clock.now(), checkpoint=last_checkpoint(app))
    answer = {"file": str(target), "format": form, "entries": made.entries, "unsealed": made.unsealed,
              "sha256": made.sha256, "next": made.next}  # fmt: skip
    session.answer(answer, lambda page: _write_exported(page, target, made))


def _write_exported(page: "Page", target: Path, made: "Export") -> None:
    waiting = page.say(f", dont {made.unsealed} pas encore scellées", f", {made.unsealed} of them not sealed yet")
    told = page.say(f"{target} : {made.entries} écritures", f"{target}: {made.entries} entries")
    page.line(f"{told}{waiting if made.unsealed else ''}.")


def _refuse(form: "FormName", target: Path, after: str | None) -> None:
    """Raises WrongUsage for what can be told to be wrong before anything is opened."""
    from audit.exports import RESUMABLE, missing_library
    from settings import WrongUsage
    from storage.entries import position_in

    if (library := missing_library(form)) is not None:
        install = f"pip install 'parcours[{form}]'"
        raise WrongUsage(f"--format {form} demande la bibliothèque {library} : {install}.",
                         f"--format {form} needs the library {library}: {install}.")  # fmt: skip
    if form == "ocel" and target.suffix not in (".sqlite", ".json"):
        raise WrongUsage("--format ocel écrit un fichier .sqlite ou .json : nommez-le ainsi.",
                         "--format ocel writes a file .sqlite or .json: name it so.")  # fmt: skip
    if after is None:
        return
    if form not in RESUMABLE:
        raise WrongUsage(f"--after ne vaut que pour {', '.join(sorted(RESUMABLE))}.",
                         f"--after holds for {', '.join(sorted(RESUMABLE))} only.")  # fmt: skip
    try:
        position_in(after)
    except ValueError:
        raise WrongUsage(f"--after {after!r} n'est pas un curseur donné par un export.",
                         f"--after {after!r} is no cursor that an export gave.") from None  # fmt: skip


def _selection(
    app: "App",
    since: str | None,
    until: str | None,
    territory: str | None,
    by: "By",
    after: str | None,
    sealed: bool,
) -> "Selection":
    """A bare date is the start of that day in the territory's zone, else the definition's."""
    from audit.export_stream import Selection
    from operators.moments import parse_instant
    from workflow.calendar import load_zone, zone_of

    zone = zone_of(territory) if territory else load_zone(app.engine.current_rules().definition.timezone)
    first = None if since is None else parse_instant(since, zone, "--since")
    end = None if until is None else parse_instant(until, zone, "--until")
    return Selection(first, end, territory, by, after, sealed)
