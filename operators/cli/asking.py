"""Asks something of one placement or of many as somebody, in their roles and under one key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from operators.cli.bulk import Wanted, ask_any
from operators.cli.changes import new_key
from operators.cli.session import Session
from workflow.commands import Adjust, Amend, Fire, HoldData, Request, Reverse, Void


def ask(
    session: Session,
    kind: type[Fire | Reverse | Amend | Adjust | Void | HoldData],
    said: Mapping[str, Any],
    references: Sequence[str],
    chosen: Mapping[str, Any],
) -> int:
    """Make requests of a kind from what was said, and ask them as `chosen` (options.MANY) says; the exit code."""
    common = {**said, "actor": session.settings.actor, "roles": session.settings.role}

    def make(reference: str, revision: int | None, correlation: str | None, key: str) -> Request:
        return kind(reference=reference, expect=revision, correlation=correlation, key=key, **common)

    return ask_each(session, make, references, chosen)


def ask_each(
    session: Session,
    make: Callable[[str, int | None, str | None, str], Request],
    references: Sequence[str],
    chosen: Mapping[str, Any],
) -> int:
    """Ask the request that `make` gives for a reference, a revision, a correlation and a key; the exit code."""
    key = chosen["key"] or new_key()

    def request(reference: str, revision: int | None, correlation: str | None) -> Request:
        return make(reference, revision, correlation, key)

    wanted = Wanted(request, key, chosen["expect"], bool(chosen["dry_run"]), bool(chosen["yes"]))
    return ask_any(session, wanted, references, chosen["where"])
