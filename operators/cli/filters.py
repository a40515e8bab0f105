"""The filters that `list`, `deadlines` and `fire --where` share: from options to what the queries take."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app import App
    from storage.queries import PlacementFilter, PlacementItem

PAGE = 500

FILTERS: dict[str, Any] = {
    "state": Annotated[str | None, typer.Option("--state", metavar="STATE", help="In this state.")],
    "territory": Annotated[str | None, typer.Option("--territory", metavar="T", help="In this département.")],
    "host_siret": Annotated[str | None, typer.Option("--host-siret", metavar="SIRET", help="Of this host structure.")],
    "deadline": Annotated[str | None, typer.Option("--deadline", metavar="NAME", help="With this deadline.")],
    "overdue": Annotated[bool | None, typer.Option("--overdue", help="With a deadline that has passed.")],
    "due_within": Annotated[
        str | None, typer.Option("--due-within", metavar="7d", help="With a deadline due in that time.")
    ],
    "stuck_since": Annotated[
        str | None, typer.Option("--stuck-since", metavar="30d", help="In the same state for so long.")
    ],
}
"""The filters as options; what is asked of a deadline is asked of one and the same."""

Limit = Annotated[int, typer.Option("--limit", metavar="N", help="So many at most.")]
After = Annotated[str | None, typer.Option("--after", metavar="CURSOR", help="Those after this cursor (`next`).")]


def placement_filter(app: "App", given: Mapping[str, Any]) -> "PlacementFilter":
    """The filter that these options mean now. Raises WrongUsage for a state or deadline that is none."""
    from operators.cli.moments import parse_age
    from storage.queries import PlacementFilter

    now = app.clock.now()
    _check_names(app, given)
    windows = {
        name: (now, parse_age(str(text), f"--{name.replace('_', '-')}"))
        for name in ("due_within", "stuck_since")
        if (text := given.get(name)) is not None
    }
    siret = given.get("host_siret")
    return PlacementFilter(
        state=given.get("state"),
        territory=given.get("territory"),
        host_siret=None if siret is None else "".join(str(siret).split()),
        deadline=given.get("deadline"),
        overdue=now if given.get("overdue") else None,
        due_within=windows.get("due_within"),
        stuck_since=windows.get("stuck_since"),
    )


def filter_from_where(app: "App", where: str) -> "PlacementFilter":
    """The filter written in `--where`."""
    from operators.cli.values import parse_where
    from settings import WrongUsage

    given = parse_where(where, FILTERS)
    for name, value in given.items():
        if (value is True) != (name == "overdue"):
            raise WrongUsage(f"--where : écrire {name}=valeur, et overdue sans valeur.",
                             f"--where: write {name}=value, and overdue without a value.")  # fmt: skip
    return placement_filter(app, given)


def all_placements(app: "App", which: "PlacementFilter") -> "Iterator[PlacementItem]":
    """Every placement that the filter selects, page by page."""
    after = None
    while True:
        page = app.queries.placements(which, PAGE, after)
        yield from page.items
        if (after := page.next) is None:
            return


def _check_names(app: "App", given: Mapping[str, Any]) -> None:
    """A state or deadline that no published definition has would select nothing, silently."""
    from workflow.definition import VOIDED
    from workflow.errors import UnknownName

    wanted = {kind: given[kind] for kind in ("state", "deadline") if given.get(kind) is not None}
    if not wanted:
        return
    with app.store.reading() as reading:
        digests = [version.digest for version in reading.versions()]
    definitions = [app.engine.rules(digest).definition for digest in digests]
    known = {
        "state": {VOIDED, *(name for definition in definitions for name in definition.states)},
        "deadline": {name for definition in definitions for name in definition.deadlines},
    }
    for kind, name in wanted.items():
        if name not in known[kind]:
            raise UnknownName(kind, str(name), sorted(known[kind]))
