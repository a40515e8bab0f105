"""The register of erasures: a file beside the database, which names what a restored copy would have back.

One JSON object a line, with random ids and hashes only. Knows nothing of settings or of what erasing means.
"""

import json
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit.flushing import sync_folder
from workflow.actors import ERASED_ACTOR
from workflow.engine import Witness
from workflow.errors import Finding, InputRefused, IntegrityBroken, StoreUnavailable
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.keeping import commitments_in

_NO_ENTRY = ("this line is no entry of a register", "cette ligne n'est pas une inscription d'un registre")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure: of which placement, which commitments, on which ground and decision, at which moment."""

    placement: str
    reference: str
    commitments: tuple[str, ...]
    ground: str
    decision: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ActorErasure:
    """The erasure of the name behind an id, on which ground and decision, at which moment."""

    actor: str
    ground: str
    decision: str
    at: datetime


Row = Erasure | ActorErasure


def actor_erasures_in(acts: Iterable[bytes]) -> list[ActorErasure]:
    """The erasures of names among the bytes of some acts of the system's chain. Raises IntegrityBroken."""
    return [found for data in acts if (found := _actor_erasure(data)) is not None]


def _actor_erasure(act: bytes) -> ActorErasure | None:
    try:
        plain = json.loads(act)
        if plain["kind"] != "actor_erased":
            return None
        said, at = plain["fields"], datetime.fromisoformat(plain["occurred_at"])
        return ActorErasure(said[ERASED_ACTOR], said["ground"], said["decision"], at)
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityBroken("an act of the log cannot be read: run `parcours audit verify`") from error


def erasures_in(reference: str, entries: Iterable[ChainedEntry]) -> list[Erasure]:
    """The erasures among some entries of a placement; those that erased nothing are left out."""
    found = (item.entry for item in entries if item.entry.kind == "erasure")
    rows = []
    for entry in found:
        decision = entry.fields.get("decision")
        commitments = tuple(sorted(commitments_in(entry)))
        told = None if decision is None else str(decision)
        rows.append(Erasure(entry.placement, reference, commitments, str(entry.reason), told, entry.occurred_at))
    return [row for row in rows if row.commitments]


def registering(path: Path, witness: Witness) -> Witness:
    """A witness that keeps the register and then tells the other one.

    The erasure is committed by then: where the file cannot be written it stands all the same, and an error is logged.
    """

    def told(facts: Facts, entries: Sequence[ChainedEntry]) -> None:
        if any(item.entry.kind == "erasure" for item in entries):
            register(path, erasures_in(facts.reference, entries), facts.reference)
        witness(facts, entries)

    return told


def register(path: Path, rows: Iterable[Row], of: str) -> None:
    """Add erasures that are committed; an error is logged, and says of which placement or actor's id."""
    try:
        append(path, rows)
    except OSError as error:
        said = {"file": str(path), "reason": str(error.strerror), "reference": of}
        logging.getLogger("parcours.audit").error("erasure.unregistered", extra=said)


def append(path: Path, rows: Iterable[Row]) -> None:
    """Add erasures to a register, safely on disk once this returns. Raises OSError."""
    text = "".join(map(_line, rows))
    if not text:
        return
    with path.open("ab+") as file:
        # A line that a crash cut short stays alone.
        if file.tell() and not _ends_a_line(file):
            text = f"\n{text}"
        file.write(text.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    # It may be the first line: the file's name has to be found again too.
    sync_folder(path.parent)


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def write(path: Path, rows: Iterable[Row]) -> int:
    """Write a register anew; the file appears when it is complete. Gives their number. Raises StoreUnavailable."""
    listed = list(rows)
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch()
        append(partial, listed)
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreUnavailable(f"the register {path} cannot be written: {error.strerror}") from error
    return len(listed)


def read(path: Path) -> tuple[Row, ...]:
    """The erasures of a register, oldest first. Raises InputRefused with every line that is none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        from workflow.language.wording import unreadable

        said = unreadable(error)
        raise InputRefused([Finding(str(path), 1, 1, "file_unreadable", said.en, said.fr)]) from error
    rows: list[Row] = []
    findings: list[Finding] = []
    for number, line in enumerate(lines, start=1):
        try:
            rows += [_row(json.loads(line))] if line.strip() else []
        except (ValueError, KeyError, TypeError, AttributeError):
            findings.append(Finding(str(path), number, 1, "wrong_line", *_NO_ENTRY))
    if findings:
        raise InputRefused(findings)
    return tuple(rows)


def _line(row: Row) -> str:
    of: dict[str, Any] = {"actor": row.actor} if isinstance(row, ActorErasure) else {
        "placement": row.placement, "reference": row.reference, "commitments": list(row.commitments),
    }  # fmt: skip
    at = row.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({**of, "ground": row.ground, "decision": row.decision, "at": at}) + "\n"


def _row(plain: Any) -> Row:
    if "actor" in plain:
        said = {name: str(plain[name]) for name in ("actor", "ground", "decision")}
        return ActorErasure(**said, at=datetime.fromisoformat(plain["at"]))
    texts = {name: str(plain[name]) for name in ("placement", "reference", "ground")}
    decision = None if plain["decision"] is None else str(plain["decision"])
    at = datetime.fromisoformat(plain["at"])
    return Erasure(**texts, commitments=tuple(map(str, plain["commitments"])), decision=decision, at=at)
