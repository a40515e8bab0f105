"""Commands on databases as such: who may do what on a server, and moving from one kind to another."""

from typing import Annotated

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

commands = new_commands()


@command(commands, "database roles")
def roles(
    session: Session,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="NAME", help="What the roles' names begin with.")
    ] = "parcours",
    schema: Annotated[str, typer.Option("--schema", metavar="NAME", help="Where the tables are.")] = "public",
) -> None:
    """Print the SQL that makes the roles of a PostgreSQL server, each with what it needs and no more."""
    from settings import WrongUsage
    from storage.postgres_roles import statements

    try:
        made = list(statements(prefix, schema))
    except ValueError as error:
        raise WrongUsage(f"--prefix ou --schema ne convient pas : {error}.",
                         f"--prefix or --schema will not do: {error}.") from None  # fmt: skip
    session.answer(made, lambda page: page.lines(made))
