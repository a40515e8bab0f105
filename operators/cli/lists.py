"""Lists over all placements, a page at a time, and the counts. They show what is recorded."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import command, new_commands
from operators.cli.filters import FILTERS, After, Limit
from operators.cli.options import Sets, complete_reference
from operators.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from operators.cli.output import Page
    from storage.queries import DeadlineItem, PlacementItem
    from storage.queries import Page as Slice

commands = new_commands()


@command(commands, "list", gathered=FILTERS)
def list_(session: Session, limit: Limit = 50, after: After = None, **filters: Any) -> None:
    """List placements."""
    from operators.cli.list_shapes import placement_item

    found, now = _filtered(session, "placements", filters, limit, after)
    columns = session.say("dossier|département|état|depuis|révision|structure",
                          "placement|territory|state|since|revision|host")  # fmt: skip
    answer_list(session, found, lambda item: placement_item(item, now), columns, _placement_row)


@command(commands, "deadlines", gathered=FILTERS)
def deadlines(
    session: Session,
    reference: Annotated[
        str | None,
        typer.Argument(metavar="[REF]", help="Of this placement only.", autocompletion=complete_reference),
    ] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option("--what-if", metavar="'WHAT WHEN'", help="The dates that would follow: 'signed 2021-03-12'."),
    ] = None,
    sets: Sets = None,
    limit: Limit = 50,
    after: After = None,
    **filters: Any,
) -> int | None:
    """List deadlines that run, are paused or were missed, soonest first."""
    from operators.cli.list_shapes import deadline_item

    if what_if or reference is not None:
        return _of_some(session, reference, what_if or (), sets, filters, limit)
    found, now = _filtered(session, "deadlines", filters, limit, after)
    columns = session.say("dossier|département|échéance|dernier jour|instant|état|effet|structure",
                          "placement|territory|deadline|last day|instant|status|then|host")  # fmt: skip
    answer_list(session, found, lambda item: deadline_item(item, now), columns, _deadline_row)
    return None


def _of_some(
    session: Session,
    reference: str | None,
    what_if: "Sequence[str]",
    sets: "Sequence[str] | None",
    filters: dict[str, Any],
    limit: int,
) -> int | None:
    """The deadlines of one placement, or of those that the filters select, as they are or as they would be."""
    from operators.cli.people import write_deadlines
    from operators.cli.shapes import deadline_object
    from operators.cli.supposing import answer_what_if
    from operators.filters import placement_filter
    from settings import WrongUsage
    from workflow.calendar import zone_of

    if reference is not None and any(value is not None for value in filters.values()):
        raise WrongUsage("Une référence ou des filtres, non les deux.", "A reference or filters, not both.")
    with session.open() as app:
        if what_if:
            found = paged(lambda: app.queries.placements(placement_filter(app, filters), limit)).items
            names = [row.reference for row in found] if reference is None else [reference]
            return answer_what_if(session, app, names, what_if, sets)
        view = app.engine.view(str(reference))
    items = [{"reference": reference, **deadline_object(each)} for each in view.deadlines]
    zone = zone_of(view.facts.territory)
    session.answer({"items": items, "next": None}, lambda page: write_deadlines(page, view.deadlines, zone))
    return None


@command(commands, "stats")
def stats(session: Session) -> None:
    """Count placements by state and territory."""
    from operators.cli.brake import brake_warnings
    from operators.cli.list_shapes import stats_object

    with session.open() as app:
        answer, standing = stats_object(app, session.lang), app.engine.brake()
    warnings = brake_warnings(session, standing)
    session.answer(answer, lambda page: _write_stats(page, answer, warnings))


def _filtered(
    session: Session, query: str, given: dict[str, Any], limit: int, after: str | None
) -> "tuple[Slice[Any], Any]":
    from operators.filters import placement_filter

    with session.open() as app:
        which = placement_filter(app, given)
        return paged(lambda: getattr(app.queries, query)(which, limit, after)), app.clock.now()


def paged(ask: "Callable[[], Slice[Any]]") -> "Slice[Any]":
    """A page of a list; a limit or a cursor that will not do is wrong usage."""
    from settings import WrongUsage

    try:
        return ask()
    except ValueError as error:
        fr, en = f"--limit ou --after ne convient pas : {error}.", f"--limit or --after will not do: {error}."
        raise WrongUsage(fr, en) from None


def answer_list(
    session: Session,
    found: "Slice[Any]",
    as_object: "Callable[[Any], dict[str, Any]]",
    columns: str,
    as_row: "Callable[[Any], Sequence[Any]]",
) -> None:
    """Print a page of a list, and how to ask for the next one."""
    answer = {"items": [as_object(item) for item in found.items], "next": found.next}

    def write(page: "Page") -> None:
        page.table(columns.split("|"), [as_row(item) for item in found.items])
        if found.next is not None:
            page.line(page.say(f"Suite : --after {found.next}", f"More: --after {found.next}"))

    session.answer(answer, write)


def _placement_row(item: "PlacementItem") -> "Sequence[Any]":
    from operators.moments import local_text
    from workflow.calendar import zone_of

    since = local_text(item.state_since, zone_of(item.territory))
    return item.reference, item.territory, item.state, since, item.revision, item.host_name


def _deadline_row(item: "DeadlineItem") -> "Sequence[Any]":
    from operators.moments import local_text
    from workflow.calendar import zone_of

    due = local_text(item.due_at, zone_of(item.territory))
    return (item.reference, item.territory, item.name, item.last_day.isoformat(), due, item.status, item.then,
            item.host_name)  # fmt: skip


def _write_stats(page: "Page", answer: dict[str, Any], warnings: list[str]) -> None:
    from operators.cli.people import status_label
    from operators.cli.runners import write_runners

    quota, deadlines = page.say("contingent", "quota"), page.say("échéance", "deadlines")
    columns = page.say("état|département|dossiers", "state|territory|placements").split("|")
    page.table(columns, [(row["state"], row["territory"], row["count"]) for row in answer["counts"]])
    by_status = answer["deadlines"].items()
    page.pairs([
        (page.say("dossiers", "placements"), answer["placements"]),
        (page.say("écritures", "entries"), answer["entries"]),
        (page.say("incidents", "incidents"), answer["incidents"]),
        *((f"{deadlines} {status_label(page, status)}", count) for status, count in by_status),
        *((f"{quota} {q['name']}", f"{q['used']} / {q['ceiling']}") for q in answer["quotas"]),
    ])  # fmt: skip
    write_runners(page, answer["runners"])
    if answer["behind"]:
        waiting = answer["pending"]["placements"]
        page.line(page.say(f"En retard d'un balayage : {waiting} dossiers.",
                           f"Behind: {waiting} placements wait for a sweep."))  # fmt: skip
    for warning in warnings:
        page.line(f"{page.say('attention', 'warning')} : {warning}")
