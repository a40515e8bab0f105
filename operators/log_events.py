"""Every event that may be logged: its name, meaning and keys. A test compares it with code and docs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event: when its line is written, and its keys besides the common ones."""

    meaning: str
    keys: tuple[str, ...] = ()


_CHANGE = (
    "reference", "seq", "from_state", "to_state", "trigger", "deadline", "actor", "role", "occurred_at",
    "recorded_at", "key",
)  # fmt: skip

EVENTS: Mapping[str, LogEvent] = {
    "placement.placed": LogEvent("A placement was created.", _CHANGE),
    "transition.fired": LogEvent("A transition that somebody asked for.", _CHANGE),
    "fact.recorded": LogEvent("A fact that keeps the state.", _CHANGE),
    "deadline.fired": LogEvent("A deadline fell due and its transition was made.", _CHANGE),
    "deadline.missed": LogEvent("A deadline fell due that has no transition, or whose guard refused.", _CHANGE),
    "milestone.reached": LogEvent("A dated expectation came without its fact.", _CHANGE),
    "reminder.recorded": LogEvent("A reminder fell due.", _CHANGE),
    "transition.followed": LogEvent("An automatic transition followed.", _CHANGE),
    "field.amended": LogEvent("Values were corrected.", _CHANGE),
    "entry.reversed": LogEvent("An entry was reversed: it stands no longer.", _CHANGE),
    "deadline.paused": LogEvent("The clock of a deadline was stopped.", _CHANGE),
    "deadline.resumed": LogEvent("The clock of a deadline runs again.", _CHANGE),
    "deadline.extended": LogEvent("A deadline was made longer.", _CHANGE),
    "deadline.moved": LogEvent("A deadline was given another last day, or waived.", _CHANGE),
    "note.added": LogEvent("A remark was attached.", _CHANGE),
    "placement.voided": LogEvent("A placement was put aside.", _CHANGE),
    "runner.started": LogEvent("The daemon began.", ("until",)),
    "runner.stopped": LogEvent("The daemon ended after its last transaction."),
    "sweep.finished": LogEvent("A sweep entered what was due.", ("placements", "entries", "incidents", "duration_s")),
    "sweep.failed": LogEvent("A sweep could not read or write; it is tried again.", ("reason", "retry_in_s")),
    "runner.failed": LogEvent("The daemon gives up: what is stored contradicts itself.", ("reason",)),
    "storage.journal_downgraded": LogEvent(
        "The SQLite library is too old for write-ahead logging.", ("sqlite_version", "journal_mode")
    ),
    "command.failed": LogEvent("A command met an error that nobody expected; with traceback.", ("command",)),
}
