"""Commands on calendars: the versioned files of public holidays that definitions count with."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from workflow.civil.build import Name

commands = new_commands()


@command(commands, "calendar build")
def calendar_build(
    session: Session,
    target: Annotated[Path, typer.Option("--out", metavar="F", help="The file to write.")],
    version: Annotated[str | None, typer.Option("--version", metavar="NAME", help="The calendar's version.")] = None,
    first: Annotated[int, typer.Option("--first-year", metavar="Y", help="First year.")] = 2000,
    last: Annotated[int, typer.Option("--last-year", metavar="Y", help="Last year, included.")] = 2060,
) -> None:
    """Write the library's public holidays into a calendar file."""
    from settings import WrongUsage
    from workflow.calendar import CURRENT_CALENDAR
    from workflow.civil.build import build_calendar

    if not 1900 <= first <= last <= 2200:
        raise WrongUsage(
            "Les années doivent se suivre, de 1900 à 2200.", "The years must be in order, from 1900 to 2200."
        )
    name = version or CURRENT_CALENDAR
    target.write_bytes(build_calendar(name, first_year=first, last_year=last))
    answer = {"file": str(target), "version": name, "first_year": first, "last_year": last}
    session.answer(
        answer,
        lambda page: page.line(page.say(f"Calendrier {name} : {target}.", f"Calendar {name}: {target}.")),
    )


@command(commands, "calendar change")
def calendar_change(
    session: Session,
    version: Annotated[str, typer.Option("--version", metavar="NAME", help="The new calendar's version: FR-2026.2.")],
    base: Annotated[str | None, typer.Option("--from", metavar="NAME", help="The version that is changed.")] = None,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="DAY=NAME", help="A new holiday; DAY=French|English.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="DAY", help="A holiday that is none.")] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="GROUP", help="For these groups only: Alsace-Moselle …")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--out", metavar="F", help="By default in calendars/, beside the definition.")
    ] = None,
) -> None:
    """Write another version of a calendar, with days added and removed."""
    from settings import WrongUsage
    from workflow.calendar import CURRENT_CALENDAR, CalendarError, calendars_beside, known_calendars, load_calendar
    from workflow.civil.build import changed_calendar

    folder = calendars_beside(session.settings.definition)
    added = dict(_named(text) for text in add or ())
    removed = [_day(text, "--remove") for text in remove or ()]
    if not added and not removed:
        raise WrongUsage("Il manque --add ou --remove.", "--add or --remove is missing.")
    try:
        if version in known_calendars(folder):
            raise CalendarError(
                f"{version} est déjà là : donnez au nouveau calendrier une nouvelle version",
                f"{version} is there already: give the new calendar a new version",
            )
        content = changed_calendar(load_calendar(base or CURRENT_CALENDAR, folder), version, added, removed, only or ())
    except CalendarError as error:
        raise WrongUsage(f"Le calendrier ne peut être écrit : {error.fr}.",
                         f"The calendar cannot be written: {error.en}.") from None  # fmt: skip
    path = target or folder / f"{version}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    answer = {"file": str(path), "version": version, "added": [day.isoformat() for day in added],
              "removed": [day.isoformat() for day in removed]}  # fmt: skip
    session.answer(
        answer,
        lambda page: page.line(page.say(f"Calendrier {version} : {path}.", f"Calendar {version}: {path}.")),
    )


def _named(text: str) -> "tuple[date, Name]":
    from settings import WrongUsage
    from workflow.civil.build import Name

    day, _, names = text.partition("=")
    fr, _, en = (part.strip() for part in names.partition("|"))
    if not fr:
        raise WrongUsage(f"--add {text!r} : écrire 2026-05-15=Nom.", f"--add {text!r}: write 2026-05-15=Name.")
    return _day(day, "--add"), Name(fr, en or fr)


def _day(text: str, option: str) -> date:
    from settings import WrongUsage

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise WrongUsage(
            f"{option} {text!r} n'est pas une date : 2026-05-15.", f"{option} {text!r} is no date: 2026-05-15."
        ) from None
