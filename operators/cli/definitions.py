"""Commands on definitions. `check` and `schema` open no database."""

from pathlib import Path
from typing import Annotated

import typer

from operators.cli.command import command, new_commands
from operators.cli.output import write
from operators.cli.session import Session

commands = new_commands()

File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="The definition's file; by default the setting `definition`."),
]


@command(commands, "definition check")
def check(session: Session, file: File = None) -> None:
    """Find every fault of a definition, with file, line and column, in time too."""
    from operators.cli.shapes import definition_object
    from workflow.loader import prove_definition

    path = file or session.definition_path
    definition = prove_definition(path)
    counts = {"states": len(definition.states), "triggers": len(definition.transitions),
              "deadlines": len(definition.deadlines), "fields": len(definition.fields),
              "invariants": len(definition.invariants)}  # fmt: skip
    answer = {"file": str(path), "definition": definition_object(definition), **counts, "findings": []}
    name = f"{definition.name} {definition.version}"
    proved_fr = f"{counts['invariants']} invariants démontrés, " if definition.invariants else ""
    proved_en = f"{counts['invariants']} invariants proved, " if definition.invariants else ""
    session.answer(answer, lambda page: page.line(page.say(
        f"{path} : {name}, {counts['states']} états, {counts['triggers']} déclencheurs, "
        f"{counts['deadlines']} échéances, {proved_fr}aucune anomalie.",
        f"{path}: {name}, {counts['states']} states, {counts['triggers']} triggers, "
        f"{counts['deadlines']} deadlines, {proved_en}no finding.",
    )))  # fmt: skip


@command(commands, "definition schema")
def schema(
    session: Session,
    scenarios: Annotated[bool, typer.Option("--scenarios", help="That of scenario files instead.")] = False,
) -> None:
    """Print the JSON Schema of the definition language."""
    from rehearsal.scenarios.forms import schema_text as of_scenarios
    from workflow.language.schema import schema_text

    write(of_scenarios() if scenarios else schema_text())


@command(commands, "definition publish")
def publish(
    session: Session,
    file: File = None,
    unproved: Annotated[
        bool, typer.Option("--unproved", help="Do not look at what time brings, which takes about a second.")
    ] = False,
) -> None:
    """Publish the definition in the database, for placements to come."""
    from app import publish as publish_in
    from app import read_source
    from operators.cli.shapes import definition_object

    path = file or session.definition_path
    source = read_source(path)
    with session.open() as app:
        published, is_new = publish_in(app, source, path, in_time=not unproved)
        definition = app.engine.rules(published.digest).definition
    answer = {"file": str(path), "definition": definition_object(definition), "published": is_new}
    session.answer(answer, lambda page: page.line(page.say(
        f"{published.name} {published.version} : {'publiée' if is_new else 'déjà publiée'}.",
        f"{published.name} {published.version}: {'published' if is_new else 'published already'}.",
    )))  # fmt: skip
