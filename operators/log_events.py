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

_NOTICE = ("notice", "channel", "recipient", "attempts", "reference")

_BRAKE = ("cause", "now", "since", "due", "open")

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
    "note.added": LogEvent("A remark was attached, or a legal hold began or ended.", _CHANGE),
    "reminder.asked": LogEvent("A person had those who are awaited reminded of a deadline.", _CHANGE),
    "personal_data.erased": LogEvent("Personal data were erased, or their period of retention ended.", _CHANGE),
    "placement.voided": LogEvent("A placement was put aside.", _CHANGE),
    "placement.migrated": LogEvent("A placement goes on under another version.", (*_CHANGE, "version")),
    "actor.erased": LogEvent(
        "The name of somebody who acts was erased; the id stays.", ("actor", "ground", "decision", "seq")
    ),
    "approval.requested": LogEvent("A correction waits for a second person.", _CHANGE),
    "approval.granted": LogEvent("A second person approved a correction; its own lines follow.", _CHANGE),
    "approval.refused": LogEvent("A second person refused a correction.", _CHANGE),
    "approval.withdrawn": LogEvent("Who asked for a correction withdrew it.", _CHANGE),
    "batch.interrupted": LogEvent("A batch of the console ended before its end; with traceback.", ("batch",)),
    "batch.postponed": LogEvent("The database was busy; batches that others left are looked for again.", ("reason",)),
    "incident.retried": LogEvent(
        "A person had a placement with an incident tried at once; the reason says why it goes on, where it does.",
        ("reference", "reason"),
    ),
    "incident.set_aside": LogEvent(
        "A person set the incident of a placement aside: it causes no alarm while it stays as it is.",
        ("reference", "reason", "actor"),
    ),
    "incident.taken_up": LogEvent("An incident that was set aside is one to look at again.", ("reference", "actor")),
    "log.thinned": LogEvent("Lines of another log (`access`, `delivery`) were older than is kept.", ("log", "count")),
    "runner.started": LogEvent("The daemon began.", ("until",)),
    "runner.stopped": LogEvent("The daemon ended after its last transaction."),
    "brake.engaged": LogEvent("The brake holds: nothing fires until it is released.", _BRAKE),
    "brake.held": LogEvent("The brake still holds; told every hour.", _BRAKE),
    "brake.lifted": LogEvent("The brake holds no longer: released, or the clock was set right."),
    "brake.released": LogEvent("A person released the brake.", _BRAKE),
    "sweep.finished": LogEvent("A sweep entered what was due.", ("placements", "entries", "incidents", "duration_s")),
    "sweep.postponed": LogEvent("Another process was writing; the sweep is tried again.", ("reason", "retry_in_s")),
    "sweep.failed": LogEvent("A sweep could not read or write; it is tried again.", ("reason", "retry_in_s")),
    "runner.failed": LogEvent("The daemon gives up: what is stored contradicts itself.", ("reason",)),
    "login.refused": LogEvent("Nobody was proven to have signed in by the identity provider.", ("address", "reason")),
    "provider.failed": LogEvent("The identity provider did not answer, or not as one.", ("reason",)),
    "health.started": LogEvent("Health and metrics are told at an address.", ("address",)),
    "heartbeat.failed": LogEvent("The daemon could not tell the others that it lives; it tries again.", ("reason",)),
    "clock.skewed": LogEvent(
        "This machine's clock differs too much from the database's; the daemon fires nothing while it does.",
        ("skew_s",),
    ),
    "runner.outdated": LogEvent(
        "A daemon of a newer program runs on this database; this one fires nothing until it is brought up to date.",
        ("definition_format", "newest"),
    ),
    "seal.finished": LogEvent(
        "New entries were sealed; where some were not, or came late, it is an error.",
        ("entries", "size", "broken", "late", "duration_s"),
    ),
    "seal.failed": LogEvent("Nothing could be sealed; it is tried again, and firing goes on.", ("reason",)),
    "anchor.sent": LogEvent("A checkpoint went out by a channel.", ("channel", "checkpoint", "detail")),
    "anchor.failed": LogEvent(
        "A channel did not take a checkpoint; it is tried again.", ("channel", "checkpoint", "reason", "retry_at")
    ),
    "notice.sent": LogEvent("A notice or digest was taken by a mail server or a webhook.", _NOTICE),
    "notice.failed": LogEvent("A notice was not taken; it is tried again.", (*_NOTICE, "reason", "retry_at")),
    "notice.given_up": LogEvent(
        "A notice was not taken and is not tried again, unless somebody asks.", (*_NOTICE, "reason")
    ),
    "notice.overtaken": LogEvent("A notice need not be sent any more, and was not.", (*_NOTICE, "reason")),
    "notices.retried": LogEvent("A person had notices tried again that were given up.", ("actor", "count", "seq")),
    "notices.dismissed": LogEvent("A person dismissed notices that were given up.", ("actor", "count", "seq")),
    "notices.postponed": LogEvent("Another process was writing; notices are looked at again.", ("reason",)),
    "notices.failed": LogEvent("Notices could not be looked at, or one of them not read.", ("reason", "reference")),
    "storage.journal_downgraded": LogEvent(
        "The SQLite library is too old for write-ahead logging.", ("sqlite_version", "journal_mode")
    ),
    "storage.log_kept": LogEvent(
        "A reader, or the disk, kept the write-ahead log from being cut after an erasure; the next change tries again.",
        ("database",),
    ),
    "erasure.unregistered": LogEvent(
        "An erasure was made, and the register beside the database could not be written.",
        ("file", "reason", "reference"),
    ),
    "console.started": LogEvent("The console listens.", ("address",)),
    "console.stopped": LogEvent("The console ended; requests under way were finished."),
    "login.succeeded": LogEvent("Somebody signed in to the console.", ("account",)),
    "login.failed": LogEvent("A name and a password did not fit.", ("address",)),
    "request.failed": LogEvent(
        "A page of the console met an error that it did not expect; with traceback.", ("method", "path")
    ),
    "command.failed": LogEvent("A command met an error that nobody expected; with traceback.", ("command",)),
}
