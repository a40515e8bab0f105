"""`incident`: the placements that could not be decided, and trying them at once. For supervisors."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import complete_reference
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from operators.cli.output import Page
    from storage.queries import IncidentItem
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
        "dossier|code|pourquoi|depuis|essais|prochain essai", "placement|code|why|since|tries|next try"
    )
    answer_list(session, Page(found, None), _object, columns, _row)


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
        page.line(f"{item['reference']} : {ended if item['resolved'] else item['message']}")
    if not items:
        page.line(page.say("Aucun incident n'est ouvert.", "No incident is open."))


def _object(item: "IncidentItem") -> dict[str, Any]:
    from operators.cli.output import instant

    return {
        "reference": item.reference,
        "code": item.code,
        "message": item.message,
        "since": instant(item.since_at),
        "attempts": item.attempts,
        "retry_at": instant(item.retry_at),
    }


def _row(item: "IncidentItem") -> list[str]:
    from operators.cli.output import instant

    since, next_at = instant(item.since_at), instant(item.retry_at)
    return [item.reference, item.code, item.message, str(since), str(item.attempts), str(next_at)]
