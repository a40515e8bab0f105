"""Which commands there are, in which file, and one line about each: all that `--help` needs.

A test compares it with the commands themselves, which are not imported here, and with the docs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or group: the module of this package that holds its Typer, and its line in the help.

    `default` is the command of a group that is meant where none is named.
    """

    module: str
    help: str
    commands: Mapping[str, "Entry"] = field(default_factory=dict)
    default: str = ""


_DEFINITION = {
    "check": Entry("definitions", "Find every fault of a definition, with file, line and column, in time too."),
    "schema": Entry("definitions", "Print the JSON Schema of the definition language."),
    "graph": Entry("picturing", "Draw the states, transitions and deadlines: Mermaid, DOT or SVG, or as a table."),
    "diff": Entry("comparing", "Say in words what changed between two definitions, and whom that touches."),
    "poster": Entry(
        "picturing",
        "Write the process on one page, to be printed on A4: states, who may do what, deadlines and legal bases.",
    ),
    "test": Entry(
        "testing", "Rehearse a definition: paths, deadlines' edges, recorded outcomes, scenarios; or hunt mutants."
    ),
    "publish": Entry("definitions", "Publish the definition in the database, for placements to come."),
    "plan": Entry("migrations", "Show what another version would do to running placements; write nothing."),
    "migrate": Entry("migrations", "Bring running placements under another published version."),
}

_PERSON = {
    "show": Entry("persons", "Show all that is kept of the persons of a placement."),
    "find": Entry("finding", "Find the placements that speak of somebody."),
    "erase": Entry("persons", "Erase personal data for ever, of a placement or of a person in all placements."),
    "hold": Entry("persons", "Put a placement under a legal hold: nothing of it is erased."),
    "release": Entry("persons", "End a legal hold."),
    "register": Entry("persons", "Write the register of all erasures."),
    "reapply": Entry("persons", "Erase again, in a restored database, what a register names."),
}

COMMANDS: Mapping[str, Entry] = {
    "init": Entry("setup", "Create or upgrade the database and publish the definition; repeatable."),
    "import": Entry(
        "imports",
        "Create placements, or enter lives already lived, from a CSV file: "
        "all of it or nothing, never twice.",
    ),
    "place": Entry("placements", "Create one placement."),
    "fire": Entry("firing", "Ask for a transition, of one placement or of many."),
    "reverse": Entry("correcting", "Undo the last change of state with what followed it, or take back one entry."),
    "amend": Entry("correcting", "Correct the values of fields."),
    "deadline": Entry("correcting", "Pause, resume, extend or move one deadline.", {
        "pause": Entry("correcting", "Stop the clock of a deadline: it fires nothing until it is resumed."),
        "resume": Entry("correcting", "Let the clock of a paused deadline run again; the paused days are given back."),
        "extend": Entry("correcting", "Make a deadline longer, counted as the deadline counts."),
        "move": Entry("correcting", "Give a deadline another last day."),
    }),
    "approvals": Entry("approvals", "List the corrections that wait for a second person, oldest first."),
    "approve": Entry("approvals", "Approve a correction that somebody else asked for: it is carried out at once."),
    "refuse": Entry("approvals", "Refuse a correction that waits; who asked for it withdraws it so."),
    "can": Entry("reads", "Say what may fire now, and every blocker of what may not."),
    "note": Entry("placements", "Attach a free remark to a placement."),
    "remind": Entry("placements", "Remind those who are awaited of a deadline that runs."),
    "void": Entry("placements", "Put aside a placement that was created by mistake."),
    "show": Entry("reads", "Show one placement: state, fields, deadlines."),
    "history": Entry("reads", "Show the history of a placement, oldest first."),
    "list": Entry("lists", "List placements."),
    "deadlines": Entry("lists", "List deadlines that run, are paused or were missed, soonest first."),
    "notices": Entry("notices", "Notices: what they are, what became of them, a calendar.", {
        "list": Entry("notices", "List the notices that reminders and deadlines gave rise to, or those given up."),
        "log": Entry("notices", "Show what became of notices with each recipient."),
        "send": Entry("notices", "Send all that is due, as the daemon does."),
        "retry": Entry("notices", "Have notices tried again that were given up."),
        "dismiss": Entry("notices", "Dismiss a notice that was given up, for a reason: it alarms nobody any more."),
        "calendar": Entry("notices", "Write the deadlines as a calendar file (iCalendar)."),
    }, default="list"),
    "incident": Entry("incidents", "Placements that could not be decided.", {
        "list": Entry("incidents", "List the placements that could not be decided, the oldest first."),
        "retry": Entry("incidents", "Try at once what could not be decided; 8 where an incident goes on."),
        "set-aside": Entry("incidents", "Set an incident aside, for a reason: it alarms nobody while it stays so."),
        "take-up": Entry("incidents", "Let an incident that was set aside be one to look at again."),
    }, default="list"),
    "stats": Entry("lists", "Count placements by state and territory."),
    "explain": Entry("reads", "Say how the date of a deadline was computed, step by step."),
    "date": Entry("dates", "Compute a legal deadline, alone or for a whole CSV file."),
    "simulate": Entry(
        "simulations",
        "Show the consequences of a definition over months: "
        "the engine itself, simulated people, no real placement.",
    ),
    "forecast": Entry("simulations", "Tell week by week what falls due and what it costs; writes nothing."),
    "run": Entry("daemon", "Run the daemon that fires what falls due."),
    "console": Entry("web", "Serve the web console, on this machine alone unless told otherwise."),
    "doctor": Entry("doctor", "Check that everything stored holds together."),
    "backup": Entry("setup", "Write a verified copy of the database."),
    "restore": Entry("setup", "Put a copy in the place of a database that is lost, and verify it."),
    "move": Entry("databases", "Copy everything to another database, of either kind, and compare both."),
    "definition": Entry("definitions", "Work on definitions.", _DEFINITION),
    "person": Entry("persons", "Personal data: access, erasure, legal hold.", _PERSON),
    "actor": Entry("actors", "The names of those who act.", {
        "list": Entry("actors", "List those who act, with the ids that stand for them in the history."),
        "erase": Entry("actors", "Erase the name of somebody who acts; the id stays."),
    }),
    "account": Entry("accounts", "Accounts of the console.", {
        "list": Entry("accounts", "List the accounts of the console."),
        "add": Entry("accounts", "Add an account; prints the one-time link by which its password is chosen."),
        "invite": Entry("accounts", "Give an account another one-time link, for a new password."),
        "grant": Entry("accounts", "Replace the roles of an account."),
        "disable": Entry("accounts", "Disable an account; its sessions end."),
    }),
    "token": Entry("tokens", "The tokens of programs that use the API.", {
        "add": Entry("tokens", "Make a token for an account; it is shown once and kept nowhere."),
        "list": Entry("tokens", "List the tokens: whose, what they may do, until when."),
        "revoke": Entry("tokens", "End a token, at once and for ever."),
    }),
    "audit": Entry("audit", "The audit log.", {
        "export": Entry("audit", "Write history entries to a file for programs, spreadsheets, process mining."),
        "seal": Entry("seals", "Seal the entries that wait for it, and sign a checkpoint."),
        "verify": Entry("seals", "Check the whole log: chains, tree, seals, signatures, kept checkpoints."),
        "anchor": Entry("anchors", "Send checkpoints to where nobody on this server can call them back."),
        "key": Entry("seals", "The key that signs checkpoints.", {
            "rotate": Entry("seals", "Go over to a new signing key, announced in the log under the old one."),
        }),
    }),
    "database": Entry("databases", "Databases as such.", {
        "roles": Entry(
            "databases",
            "Print the SQL that makes the roles of a PostgreSQL server, each with what it needs and no more.",
        ),
    }),
    "calendar": Entry("calendars", "Public holidays.", {
        "build": Entry("calendars", "Write the library's public holidays into a calendar file."),
        "change": Entry("calendars", "Write another version of a calendar, with days added and removed."),
    }),
    "config": Entry("setup", "Settings.", {
        "show": Entry("setup", "Show every setting, and with --origin where it was said."),
    }),
}  # fmt: skip
