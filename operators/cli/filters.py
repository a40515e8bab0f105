"""The filters that `list`, `deadlines` and `fire --where` share: from options to what the queries take."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app import App
    from storage.queries import PlacementFilter

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


def filter_from_where(app: "App", where: str) -> "PlacementFilter":
    """The filter written in `--where`."""
    from operators.cli.values import parse_where
    from operators.filters import placement_filter
    from settings import WrongUsage

    given = parse_where(where, FILTERS)
    for name, value in given.items():
        if (value is True) != (name == "overdue"):
            raise WrongUsage(f"--where : écrire {name}=valeur, et overdue sans valeur.",
                             f"--where: write {name}=value, and overdue without a value.")  # fmt: skip
    return placement_filter(app, given)
