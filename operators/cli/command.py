"""Makes commands: each takes the options that all commands share, before or after its own name."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from operators.cli.session import Session

SHARED: dict[str, Any] = {
    "database_url": Annotated[
        str | None, typer.Option("--database", metavar="URL", help="The database (PARCOURS_DATABASE_URL).")
    ],
    "definition": Annotated[Path | None, typer.Option("--definition", metavar="FILE", help="The definition's file.")],
    "json": Annotated[bool | None, typer.Option("--json", help="One JSON value on stdout.")],
    "lang": Annotated[Literal["fr", "en"] | None, typer.Option("--lang", help="The language of answers.")],
    "no_color": Annotated[bool | None, typer.Option("--no-color", help="No colours.")],
    "log_format": Annotated[
        Literal["auto", "console", "json"] | None, typer.Option("--log-format", help="How log lines look.")
    ],
    "log_level": Annotated[
        Literal["auto", "debug", "info", "warning", "error"] | None,
        typer.Option("--log-level", help="The least level that is logged."),
    ],
    "clock": Annotated[str | None, typer.Option("--clock", metavar="CLOCK", help="A sandbox's clock.")],
    "config": Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Another file than parcours.toml.")],
}

ACTING: dict[str, Any] = {
    "actor": Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who acts; by default the system's user.")
    ],
    "role": Annotated[list[str] | None, typer.Option("--role", metavar="ROLE", help="A role to act in; repeatable.")],
}
"""The settings of commands that change something."""

SIGNING: dict[str, Any] = {
    "signing_key": Annotated[
        Path | None, typer.Option("--signing-key", metavar="FILE", help="The file of the key that signs checkpoints.")
    ],
}
"""The settings of commands that sign, or look at what was signed."""


def new_commands() -> typer.Typer:
    """The Typer that holds the commands of one module."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def command(
    commands: typer.Typer,
    name: str,
    also: Mapping[str, Any] | None = None,
    gathered: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as the command of this full name (`audit export`); it is given the Session first.

    `also` are settings that only this command takes as options; `gathered` are options that it takes as `**`.
    What the function returns is the exit code, None for 0.
    """
    options = {**(also or {}), **SHARED}

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        own = [each for each in parameters if each.kind is not inspect.Parameter.VAR_KEYWORD]

        @wraps(function)
        def run(ctx: typer.Context, **given: Any) -> Any:
            session: Session = ctx.obj
            take_settings(session, {option: given.pop(option) for option in options})
            return function(session, **given)

        _describe(run, [*own, *unset_parameters({**(gathered or {}), **options})])
        commands.command(name)(run)
        return run

    return register


def shared_options() -> Callable[..., None]:
    """The callback of a group: it takes the shared options where they come before a command's name."""

    def take(ctx: typer.Context, **given: Any) -> None:
        take_settings(ctx.obj, given)

    _describe(take, unset_parameters(SHARED))
    return take


def unset_parameters(options: Mapping[str, Any]) -> list[inspect.Parameter]:
    """These options as parameters without a value of their own."""
    kind = inspect.Parameter.KEYWORD_ONLY
    return [inspect.Parameter(name, kind, default=None, annotation=hint) for name, hint in options.items()]


def take_settings(session: Session, given: dict[str, Any]) -> None:
    """Keep what was said in the session; what comes after the command's name wins."""
    session.config = given.pop("config", None) or session.config
    session.flags.update({name: value for name, value in given.items() if value not in (None, [])})


def _describe(run: Any, parameters: list[inspect.Parameter]) -> None:
    """Tell Typer the parameters, the context first."""
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    ordered = [context, *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters)]
    run.__signature__ = inspect.Signature(ordered)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in ordered}
