"""Commands on databases as such: who may do what on a server, and moving from one kind to another."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

commands = new_commands()


@command(commands, "move")
def move(
    session: Session,
    target: Annotated[str, typer.Option("--to", metavar="URL", help="The database to move to; it must hold nothing.")],
) -> None:
    """Copy everything to another database, of either kind, and compare both."""
    from app import move as moving
    from settings import masked_url

    done = moving(session.settings, target)
    missing = [str(path) for path in done.missing]
    answer = {
        "from": masked_url(session.settings.database_url),
        "to": masked_url(target),
        "placements": done.placements,
        "entries": done.entries,
        "rows": done.rows,
        "digest": done.digest,
        "size": done.size,
        "root": done.root,
        "missing_files": missing,
    }
    session.answer(answer, lambda page: page.lines(_moved(session, answer, missing)))


def _moved(session: Session, answer: dict[str, Any], missing: list[str]) -> Iterator[str]:
    placements, entries, url = answer["placements"], answer["entries"], answer["to"]
    yield session.say(
        f"{placements} dossiers et {entries} écritures sont aussi dans {url}, à l'identique.",
        f"{placements} placements and {entries} entries are in {url} too, the same to the row.",
    )
    if answer["root"]:
        yield session.say(f"Racine de {answer['size']} feuilles : {answer['root']}",
                          f"Root over {answer['size']} leaves: {answer['root']}")  # fmt: skip
    for path in missing:
        yield session.say(f"À emporter : {path} n'est pas là.", f"To be brought along: {path} is not there.")


@command(commands, "database roles")
def roles(
    session: Session,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="NAME", help="What the roles' names begin with.")
    ] = "parcours",
    schema: Annotated[str, typer.Option("--schema", metavar="NAME", help="Where the tables are.")] = "public",
) -> None:
    """Print the SQL that makes the roles of a PostgreSQL server, each with what it needs and no more."""
    from app import server_roles
    from settings import WrongUsage

    try:
        made = server_roles(prefix, schema)
    except ValueError as error:
        raise WrongUsage(f"--prefix ou --schema ne convient pas : {error}.",
                         f"--prefix or --schema will not do: {error}.") from None  # fmt: skip
    session.answer(made, lambda page: page.lines(made))
