"""`definition graph` and `definition poster`: a definition as a picture. They open a database for its heat only."""

from pathlib import Path
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

Form = Literal["mermaid", "dot", "svg", "html", "table"]


@command(commands, "definition graph")
def graph(
    session: Session,
    file: File = None,
    form: Annotated[Form, typer.Option("--format", help="SVG and HTML need Graphviz's dot.")] = "mermaid",
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
    from operators.definitions.graph_html import graph_html
    from operators.definitions.heat import notes
    from operators.definitions.mermaid import mermaid
    from operators.definitions.svg import svg

    if form == "mermaid":
        if heat is not None:
            raise WrongUsage("Mermaid ne porte pas --heat : --format svg, dot ou table.",
                             "Mermaid cannot show --heat: --format svg, html, dot or table.")  # fmt: skip
        return mermaid(definition, lang)
    if form == "html":
        return graph_html(definition, lang, heat)
    noted = {} if heat is None else notes(heat, lang)
    return svg(definition, lang, noted) if form == "svg" else dot(definition, lang, noted)


@command(commands, "definition poster")
def poster(
    session: Session,
    file: File = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="F", help="The file to write, .html; else stdout.")
    ] = None,
) -> None:
    """Write the process on one page, to be printed on A4: states, who may do what, deadlines and legal bases."""
    from operators.definitions.poster import poster_of
    from operators.definitions.poster_html import poster_html
    from workflow.loader import load_definition

    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise WrongUsage(f"L'affiche est une page HTML, à imprimer : nommer {out.name} en .html.",
                         f"The poster is an HTML page, to be printed: name {out.name} .html.")  # fmt: skip
    page = poster_html(poster_of(load_definition(file or session.definition_path), session.lang))
    if out is None:
        session.answer({"file": None, "poster": page}, lambda _: write(page))
        return
    _put(out, page)
    answer = {"file": str(out), "poster": None}
    session.answer(answer, lambda told: told.line(told.say(f"{out} : écrit.", f"{out}: written.")))


def _put(out: Path, page: str) -> None:
    try:
        out.write_text(page, "utf-8")
    except OSError as error:
        raise WrongUsage(f"{out} ne peut être écrit : {error.strerror}.",
                         f"{out} cannot be written: {error.strerror}.") from error  # fmt: skip


def _heat(session: Session, definition: "Definition") -> "Heat":
    from operators.definitions.lives import heat_in

    with session.open() as app:
        return heat_in(app, definition)
