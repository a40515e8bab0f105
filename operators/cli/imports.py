"""`parcours import`: prints what became of a file, and shows how far along it is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from operators.cli.command import command, new_commands
from operators.cli.output import Page, colors_wanted, is_terminal, shown, write

if TYPE_CHECKING:
    from operators.cli.session import Session
    from operators.imports.run import ImportReport, Progress

commands = new_commands()


@command(commands, "import")
def import_(
    session: "Session",
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    layout: Annotated[
        Literal["structures", "facts"] | None,
        typer.Option("--layout", help="What the rows are; by default what the header says."),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Enter the placements whose rows are all sound; report the rest."),
    ] = False,
) -> int:
    """Create placements, or enter lives already lived, from a CSV file: all of it or nothing, never twice."""
    from operators.cli.errors import DONE, INVALID
    from operators.imports.run import import_file

    with session.open() as app, _bar(session) as progress:
        report = import_file(app.engine, file, layout=layout, partial=partial, dry_run=dry_run, progress=progress)
    session.answer(_plain(report, session), lambda page: _tell(report, page))
    if report.refused and not session.json:
        write("".join(f"{shown(finding.sentence(session.lang))}\n" for finding in report.refused), sys.stderr)
    return INVALID if report.refused else DONE


def _plain(report: "ImportReport", session: "Session") -> dict[str, Any]:
    from operators.cli.errors import error_object, finding_object
    from workflow.errors import InputRefused

    answer = {
        "created": report.created,
        "extended": report.extended,
        "unchanged": report.unchanged,
        "differs": [{"reference": each.reference, "fields": list(each.fields)} for each in report.differs],
        "refused": [finding_object(finding, session.lang) for finding in report.refused],
        "dry_run": report.dry_run,
    }
    if report.refused:
        answer["error"] = error_object(InputRefused(report.refused), session.lang)
    return answer


def _tell(report: "ImportReport", page: Page) -> None:
    if report.dry_run:
        page.heading(page.say("Essai : rien n'a été écrit.", "Dry run: nothing was written."))
    page.pairs(
        [
            (page.say("créés", "created"), report.created),
            (page.say("complétés", "extended"), report.extended),
            (page.say("inchangés", "unchanged"), report.unchanged),
            (page.say("différents", "differing"), len(report.differs)),
            (page.say("anomalies", "faults"), len(report.refused)),
        ]
    )
    if report.differs:
        page.heading(page.say("Existent avec d'autres valeurs :", "Exist with other values:"))
        page.pairs((each.reference, ", ".join(each.fields)) for each in report.differs)


@contextmanager
def _bar(session: "Session") -> Iterator["Progress | None"]:
    """A progress bar on stderr while the file is read and entered, where a person looks at it."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, no_color=session.settings.no_color or not colors_wanted())
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(session.say("Lecture", "Reading"), total=None)

        def show(line: int, lines: int) -> None:
            if line < lines:
                bar.update(task, completed=line, total=lines)
            else:
                bar.update(task, description=session.say("Enregistrement", "Entering"), total=None)

        yield show
