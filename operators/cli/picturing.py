"""`definition graph` and `definition poster`: a definition as a picture. They open a database for its heat only."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from operators.cli.command import command, new_commands
from operators.cli.definitions import File
from operators.cli.output import write
from operators.cli.session import Session
from settings import WrongUsage

if TYPE_CHECKING:
    from operators.definitions.heat import Heat
    from workflow.definition import Definition

commands = new_commands()

Form = Literal["mermaid", "dot", "svg", "table"]


@command(commands, "definition graph")
def graph(
    session: Session,
    file: File = None,
    form: Annotated[Form, typer.Option("--format", help="SVG needs Graphviz's dot.")] = "mermaid",
    heat: Annotated[
        bool, typer.Option("--heat", help="Shade states by how long placements stay; by the database's history.")
    ] = False,
) -> None:
    """Draw the states, transitions and deadlines: Mermaid, DOT or SVG, or as a table."""
    from operators.cli.picture_shapes import heat_object, write_table
    from workflow.loader import load_definition

    definition = load_definition(file or session.definition_path)
    warm = _heat(session, definition) if heat else None
    if form == "table":
        table = {"format": form, "graph": None, "heat": heat_object(warm)}
        session.answer(table, lambda page: write_table(page, definition, warm))
        return
    drawing = _drawn(definition, form, session.lang, warm)
    answer = {"format": form, "graph": drawing, "heat": heat_object(warm)}
    session.answer(answer, lambda page: write(drawing))


def _drawn(definition: "Definition", form: Form, lang: str, heat: "Heat | None") -> str:
    from operators.definitions.dot import dot
    from operators.definitions.mermaid import mermaid
    from operators.definitions.svg import svg

    if form == "mermaid":
        if heat is not None:
            raise WrongUsage("Mermaid ne porte pas --heat : --format svg, dot ou table.",
                             "Mermaid cannot show --heat: --format svg, dot or table.")  # fmt: skip
        return mermaid(definition, lang)
    return svg(definition, lang, heat) if form == "svg" else dot(definition, lang, heat)


def _heat(session: Session, definition: "Definition") -> "Heat":
    from operators.definitions.lives import heat_in

    with session.open() as app:
        return heat_in(app, definition)
