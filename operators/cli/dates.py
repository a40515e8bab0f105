"""`date`: the deadline calculator alone. It opens no database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from operators.cli.batch_dates import Case
    from workflow.calendar import Calendar, Due

commands = new_commands()


@command(commands, "date")
def date_(
    session: Session,
    anchor: Annotated[
        str | None,
        typer.Option("--from", metavar="I", help="When the clock starts: instant, local time, date."),
    ] = None,
    territory: Annotated[
        str | None, typer.Option("--territory", metavar="T", help="Département: gives zone and holidays.")
    ] = None,
    length: Annotated[
        str | None, typer.Option("--within", metavar="LENGTH", help='"15 days", "4 months", "48 hours".')
    ] = None,
    counting: Annotated[
        str, typer.Option("--counting", metavar="C", help="calendar, inclusive, clear, working or workable.")
    ] = "calendar",
    roll: Annotated[str, typer.Option("--roll", metavar="R", help="none or next_working_day.")] = "none",
    calendar: Annotated[
        str | None, typer.Option("--calendar", metavar="NAME", help="Another version of the public holidays.")
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", metavar="FILE", help="A CSV of cases: id, anchor, territory, length …"),
    ] = None,
) -> None:
    """Compute a legal deadline, alone or for a whole CSV file."""
    from operators.cli.batch_dates import Case
    from settings import WrongUsage

    holidays = _holidays(session, calendar)
    if batch is not None:
        return _answer_batch(session, batch, holidays)
    for option, value in {"--from": anchor, "--territory": territory, "--within": length}.items():
        if value is None:
            raise WrongUsage(f"Il manque {option}, ou --batch FICHIER.", f"{option} is missing, or --batch FILE.")
    case = Case("", str(anchor), str(territory), str(length), counting, roll)
    return _answer_one(session, case, holidays)


def _holidays(session: Session, version: str | None) -> "Calendar":
    """The calendar of this version, shipped or beside the definition; by default the current one."""
    from settings import WrongUsage
    from workflow.calendar import CURRENT_CALENDAR, CalendarError, calendars_beside, load_calendar

    try:
        return load_calendar(version or CURRENT_CALENDAR, calendars_beside(session.settings.definition))
    except CalendarError as error:
        fr, en = f"La date ne peut être calculée : {error.fr}.", f"The date cannot be computed: {error.en}."
        raise WrongUsage(fr, en) from None


def _answer_one(session: Session, case: "Case", calendar: "Calendar") -> None:
    from operators.cli.shapes import step_object
    from settings import WrongUsage
    from workflow.calendar import CalendarError

    try:
        due = case.due(calendar)
    except CalendarError as error:
        fr, en = f"La date ne peut être calculée : {error.fr}.", f"The date cannot be computed: {error.en}."
        raise WrongUsage(fr, en) from None
    steps = [step_object(step, session.lang) for step in due.steps]
    answer = {**case.as_object(), **_dates(due), "steps": steps}
    session.answer(answer, lambda page: page.lines(step["sentence"] for step in steps))


def _answer_batch(session: Session, file: Path, calendar: "Calendar") -> None:
    from operators.cli.batch_dates import compute

    results = compute(file, calendar)
    answer = [{**case.as_object(), **_dates(due), "agrees": case.agrees(due)} for case, due in results]
    columns = ("id", "last_day", "instant", "agrees")
    session.answer(answer, lambda page: page.table(columns, [
        (row.get("id", ""), row["last_day"], row["instant"], _yes_no(row["agrees"])) for row in answer
    ]))  # fmt: skip


def _yes_no(agrees: bool | None) -> str:
    return {None: "", True: "yes", False: "no"}[agrees]


def _dates(due: "Due") -> dict[str, Any]:
    from operators.cli.output import day, instant

    return {"last_day": day(due.last_day), "instant": instant(due.instant), "due_at": instant(due.instant)}
