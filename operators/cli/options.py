"""Arguments and options that several commands share, with completion of references from the database."""

from typing import Annotated, Any

import typer


def complete_reference(ctx: typer.Context, incomplete: str) -> list[str]:
    """Up to fifty references that begin so; none, without a word, where the database cannot be asked."""
    from operators.cli.session import Session

    session = ctx.obj if isinstance(ctx.obj, Session) else Session(())
    try:
        with session.open() as app:
            return list(app.queries.references(incomplete, 50))
    except Exception:  # a failing completion must not write into the person's command line
        return []


def complete_trigger(ctx: typer.Context, incomplete: str) -> list[str]:
    """The triggers of the published definition that begin so."""
    from operators.cli.session import Session

    session = ctx.obj if isinstance(ctx.obj, Session) else Session(())
    try:
        with session.open() as app:
            names = app.engine.current_rules().definition.transitions
            return [name for name in names if name.startswith(incomplete)]
    except Exception:  # as above
        return []


def complete_targets(ctx: typer.Context, incomplete: str) -> list[str]:
    """What may follow `fire`: references, then triggers."""
    return [*complete_trigger(ctx, incomplete), *complete_reference(ctx, incomplete)]


def complete_adjusted(ctx: typer.Context, incomplete: str) -> list[str]:
    """What may follow `deadline pause`: references, then deadlines of the published definition."""
    from operators.cli.session import Session

    session = ctx.obj if isinstance(ctx.obj, Session) else Session(())
    try:
        with session.open() as app:
            names = app.engine.current_rules().definition.deadlines
            return [name for name in names if name.startswith(incomplete)] + complete_reference(ctx, incomplete)
    except Exception:  # as above
        return []


Reference = Annotated[
    str, typer.Argument(metavar="REF", help="The placement's reference.", autocompletion=complete_reference)
]
References = Annotated[
    list[str] | None,
    typer.Argument(metavar="REF...", help="One or more references.", autocompletion=complete_reference),
]
Targets = Annotated[
    list[str],
    typer.Argument(metavar="REF... NAME", help="One or more references, the deadline last.",
                   autocompletion=complete_adjusted),
]  # fmt: skip
Trigger = Annotated[
    str | None, typer.Argument(metavar="[TRIGGER]", help="One trigger only.", autocompletion=complete_trigger)
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="F=V", help="A field's value; F= empties it; repeatable.")
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="I", help="When it happened: instant with offset, local time, or date."),
]
Why = Annotated[
    str, typer.Option("--reason", metavar="T", help="Why, in your own words; no personal data: others read it.")
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="T", help="A reason's code, or free text.")]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="K", help="The command's key: asked again, it is answered again."),
]
Expect = Annotated[
    int | None, typer.Option("--expect", metavar="REVISION", help="Refuse (4) at another revision than this.")
]
Ground = Annotated[
    str | None, typer.Option("--ground", metavar="T", help="The legal ground; kept with the personal data.")
]
MANY: dict[str, Any] = {
    "key": Key,
    "expect": Expect,
    "dry_run": Annotated[bool | None, typer.Option("--dry-run", help="Say what would happen; write nothing.")],
    "yes": Annotated[bool | None, typer.Option("--yes", help="Do not ask before a bulk.")],
    "where": Annotated[
        str | None,
        typer.Option("--where", metavar="FILTER", help="Filters of list: 'state=in_post territory=75'."),
    ],
}
"""The options of what may be asked of one placement or of many."""
