"""`definition diff`: what changed between two definitions, and whom that touches."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from workflow.definition import Definition

commands = new_commands()


@command(commands, "definition diff")
def diff(
    session: Session,
    before: Annotated[str, typer.Argument(metavar="A", help="A file, or a published version such as placement@1.")],
    after: Annotated[
        str | None, typer.Argument(metavar="[B]", help="Another; by default the setting `definition`.")
    ] = None,
    whom: Annotated[bool, typer.Option("--whom", help="Count the running placements that it touches.")] = False,
) -> None:
    """Say in words what changed between two definitions, and whom that touches."""
    from operators.cli.comparison_shapes import comparison_object, write_comparison
    from operators.definitions.difference import differences
    from operators.definitions.naming import is_version
    from operators.definitions.whom import whom as whom_of

    named = [before, after or str(session.definition_path)]
    with ExitStack() as stack:
        app = stack.enter_context(session.open()) if whom or any(map(is_version, named)) else None
        old, new = (_read(app, name) for name in named)
        found = differences(old, new)
        touches = None if app is None or not whom else whom_of(app, old, found)
    answer = comparison_object(old, new, found, touches)
    session.answer(answer, lambda page: write_comparison(page, old, new, found, touches))


def _read(app: "App | None", name: str) -> "Definition":
    from operators.definitions.naming import is_version, version_of
    from workflow.loader import load_definition

    return version_of(app, name) if app is not None and is_version(name) else load_definition(Path(name))
