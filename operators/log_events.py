"""Every event that may be logged: its name, meaning and keys. A test compares it with code and docs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event: when its line is written, and its keys besides the common ones."""

    meaning: str
    keys: tuple[str, ...]


EVENTS: Mapping[str, LogEvent] = {
    "command.failed": LogEvent(
        "A command met an error that it did not expect; carries the traceback.", ("command",)
    ),
}
