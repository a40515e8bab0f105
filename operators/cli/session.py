"""What one command works with: its options and settings, the database, the language, the way to answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operators.cli.output import Page, print_json

if TYPE_CHECKING:
    from app import App
    from settings import Settings
    from workflow.engine import Witness


class Session:
    """One run of the command line. `flags` fills while options are parsed; settings are read at first use."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self.command = command
        self.flags: dict[str, Any] = {}
        self.config: Path | None = None
        self.log_by_default = "warning"

    @cached_property
    def settings(self) -> "Settings":
        """The settings that hold for this command. Raises WrongUsage."""
        from settings import read_settings

        return read_settings(self.flags, config=self.config)

    @property
    def json(self) -> bool:
        """Whether the answer is one JSON value."""
        return self.settings.as_json

    @property
    def lang(self) -> str:
        """The language of the answer."""
        return self.settings.lang

    def say(self, fr: str, en: str) -> str:
        """The sentence in the language of the answer."""
        return en if self.lang == "en" else fr

    @contextmanager
    def open(
        self, patience: timedelta = timedelta(seconds=10), also: "Witness | None" = None, together: int = 1
    ) -> Iterator["App"]:
        """The application over the database that the settings name; what it changes is logged, and told to `also`.

        Of its threads, up to `together` share a commit.
        """
        from app import open_app
        from operators import logs
        from operators.change_log import both, log_changes

        level = self.settings.log_level
        logs.configure(self.settings.log_format, self.log_by_default if level == "auto" else level)
        witness = log_changes if also is None else both(log_changes, also)
        with open_app(settings=self.settings, witness=witness, patience=patience, together=together) as app:
            yield app

    @property
    def definition_path(self) -> Path:
        """The definition's file: the one named, `states.yaml` here, or else the one that is shipped."""
        return self.settings.definition_path

    def answer(self, value: Any, human: Callable[[Page], None]) -> None:
        """Print the command's result: `value` with `--json`, else what `human` writes on the page."""
        if self.json:
            print_json(value)
        else:
            page = Page(self.lang, plain=self.settings.no_color)
            human(page)
            page.flush()
