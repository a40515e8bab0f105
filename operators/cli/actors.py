"""Commands on those who act: the history holds random ids, and one table the names behind them."""

from typing import Annotated

import typer

from operators.cli.command import command, new_commands
from operators.cli.persons import WRITING
from operators.cli.session import Session

commands = new_commands()


@command(commands, "actor list")
def list_actors(session: Session) -> None:
    """List those who act, with the ids that stand for them in the history."""
    with session.open() as app, app.store.reading() as reading:
        found = reading.actors()
    items = [{"actor": actor, "name": name} for actor, name in found]
    columns = session.say("nom|identifiant", "name|id").split("|")
    session.answer({"items": items}, lambda page: page.table(columns, [(name, actor) for actor, name in found]))


@command(commands, "actor erase", WRITING)
def erase(
    session: Session,
    who: Annotated[str, typer.Argument(metavar="NAME", help="The name as it was given with --as, or the id.")],
    ground: Annotated[str, typer.Option("--ground", metavar="CODE", help="Why: a point of GDPR article 17(1).")],
    decision: Annotated[
        str, typer.Option("--decision", "--reason", metavar="REF", help="The decision's reference; it stays.")
    ],
) -> None:
    """Erase the name of somebody who acts; the id stays."""
    from operators.actors import erase_actor
    from workflow.commands import EraseActor

    settings = session.settings
    asked = EraseActor(who=who, ground=ground, decision=decision, actor=settings.actor, roles=settings.role)
    with session.open() as app:
        done = erase_actor(app, asked)
    answer = {"actor": done.actor, "ground": ground, "decision": decision, "seq": done.act.seq, "hash": done.act.hash}
    session.answer(answer, lambda page: page.line(page.say(
        f"Le nom est effacé ; {done.actor} reste dans l'historique (acte {done.act.seq} du journal).",
        f"The name is erased; {done.actor} stays in the history (act {done.act.seq} of the log).",
    )))  # fmt: skip
