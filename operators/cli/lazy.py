"""Groups of commands that import a command's module only when that command is run.

For help and completion a stub with the catalogue's line stands in: imports would cost more than the help.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from operators.cli.catalogue import Entry
from operators.cli.command import shared_options


class LazyGroup(TyperGroup):
    """A group that knows its commands from the catalogue."""

    entries: Mapping[str, Entry] = {}
    path: tuple[str, ...] = ()
    default = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if self.default and not ctx.resilient_parsing and not {*args} & {*self.entries, "--help"}:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        entry = self.entries.get(cmd_name)
        return None if entry is None else TyperCommand(cmd_name, help=entry.help, rich_markup_mode=None)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # What the suggestion for a mistyped name is chosen from.
        self.commands = {name: TyperCommand(name) for name in self.entries}
        name, stub, rest = super().resolve_command(ctx, args)
        return name, None if stub is None else load((*self.path, str(name)), self.entries[str(name)]), rest


def load(path: Sequence[str], entry: Entry) -> Any:
    """Import the module of a command or group, and give the command that a Typer of its own makes of it."""
    if entry.commands:
        return group(path, entry.help, entry.commands, default=entry.default)
    module = import_module(f"operators.cli.{entry.module}")
    loaded = typer.main.get_group(module.commands)
    return loaded.commands[" ".join(path)]


def group(
    path: Sequence[str],
    help_line: str,
    entries: Mapping[str, Entry],
    *,
    completion: bool = False,
    default: str = "",
) -> Any:
    """A lazy group of these commands, which takes the shared options before a command's name."""
    shell = typer.Typer(
        cls=LazyGroup,
        help=help_line,
        add_completion=completion,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    shell.callback()(shared_options())
    made = typer.main.get_command(shell)
    if isinstance(made, LazyGroup):
        made.entries, made.path, made.default = entries, tuple(path), default
    return made
