"""`incident`: the placements that could not be decided; trying them at once, setting them aside. For supervisors."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import Why, complete_reference
from operators.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app import App
    from operators.cli.output import Page
    from storage.queries import IncidentItem, SetAside
    from workflow.retrying import Retried

commands = new_commands()


@command(commands, "incident list")
def list_(session: Session) -> None:
    """List the placements that could not be decided, the oldest first."""
    from operators.cli.lists import answer_list
    from storage.queries import Page

    with session.open() as app:
        found = app.queries.incidents()
    columns = session.say(
        "dossier|code|pourquoi|depuis|essais|prochain essai|mis de côté",
        "placement|code|why|since|tries|next try|set aside",
    )
    answer_list(session, Page(found, None), incident_object, columns, lambda item: _row(session, item))


@command(commands, "incident retry", ACTING)
def retry(
    session: Session,
    reference: Annotated[
        str | None,
        typer.Argument(metavar="[REF]", help="The placement's reference.", autocompletion=complete_reference),
    ] = None,
    all_open: Annotated[bool, typer.Option("--all", help="Every open incident.")] = False,
) -> int:
    """Try at once what could not be decided; 8 where an incident goes on."""
    from operators.cli.errors import DONE, HELD
    from settings import WrongUsage

    if (reference is None) != all_open:
        raise WrongUsage("Une référence ou --all, l'un des deux.", "A reference or --all, one of the two.")
    with session.open() as app:
        chosen = [reference] if reference is not None else [each.reference for each in app.queries.incidents()]
        items = [_retried(app, each) for each in chosen]
    session.answer({"items": items}, lambda page: _write(page, items))
    return HELD if any(not item["resolved"] for item in items) else DONE


Reference = Annotated[
    str, typer.Argument(metavar="REF", help="The placement's reference.", autocompletion=complete_reference)
]


@command(commands, "incident set-aside", ACTING)
def set_aside(session: Session, reference: Reference, reason: Why) -> None:
    """Set an incident aside, for a reason: it alarms nobody while it stays so."""
    from operators.incidents import set_aside as put

    with session.open() as app:
        put(app, reference, reason, app.settings.actor, app.settings.role)
    said = session.say(f"{reference} : incident mis de côté.", f"{reference}: the incident is set aside.")
    session.answer({"reference": reference, "set_aside": True}, lambda page: page.line(said))


@command(commands, "incident take-up", ACTING)
def take_up(session: Session, reference: Reference) -> None:
    """Let an incident that was set aside be one to look at again."""
    from operators.incidents import take_up as take
    from workflow.errors import NotFound

    with session.open() as app:
        if not take(app, reference, app.settings.actor, app.settings.role):
            raise NotFound(session.say(f"Aucun incident de {reference} n'est mis de côté.",
                                       f"No incident of {reference} is set aside."))  # fmt: skip
    said = session.say(f"{reference} : incident à examiner.", f"{reference}: an incident to look at.")
    session.answer({"reference": reference, "set_aside": False}, lambda page: page.line(said))


def _retried(app: "App", reference: str) -> dict[str, Any]:
    from operators.incidents import retry_incident

    return retried_object(reference, retry_incident(app, reference, app.settings.actor, app.settings.role))


def retried_object(reference: str, done: "Retried") -> dict[str, Any]:
    """What came of trying an incident, as in all JSON."""
    still = done.still
    return {
        "reference": reference,
        "resolved": still is None,
        "entries": 0 if done.change is None else len(done.change.entries),
        "code": None if still is None else still.code,
        "message": None if still is None else str(still),
    }


def _write(page: "Page", items: list[dict[str, Any]]) -> None:
    for item in items:
        ended = page.say("plus d'incident", "no incident any more")
        page.line(f"{item['reference']} : {ended if item['resolved'] else why(page, item)}")
    if not items:
        page.line(page.say("Aucun incident n'est ouvert.", "No incident is open."))


def why(page: "Page | Session", item: "Mapping[str, Any]") -> str:
    """Why a placement could not be decided, by the code and message of its incident as JSON has them."""
    from workflow.undecided import why_undecided

    return page.say(*why_undecided(item["code"], item["message"]))


def incident_object(item: "IncidentItem") -> dict[str, Any]:
    """An incident, as in all JSON."""
    from operators.cli.output import instant

    return {
        "reference": item.reference,
        "code": item.code,
        "message": item.message,
        "since": instant(item.since_at),
        "attempts": item.attempts,
        "retry_at": instant(item.retry_at),
        "set_aside": aside_object(item.aside),
    }


def aside_object(aside: "SetAside | None") -> dict[str, Any] | None:
    """Who set something aside, when and why, as in all JSON."""
    from operators.cli.output import instant

    return None if aside is None else {"by": aside.actor, "at": instant(aside.at), "reason": aside.reason}


def _row(session: Session, item: "IncidentItem") -> list[str]:
    from operators.cli.output import instant

    since, next_at = instant(item.since_at), instant(item.retry_at)
    aside = "" if item.aside is None else f"{item.aside.actor} : {item.aside.reason}"
    told = why(session, incident_object(item))
    return [item.reference, item.code, told, str(since), str(item.attempts), str(next_at), aside]
