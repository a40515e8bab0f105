"""The keys of one log, one after the other: each announced by an act in the log, under a seal of the one before.

The seal of the announcement is signed by both, so that whoever believes either key can go over to the other. It
refuses to know where keys are kept.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from audit.notes import Signer, Verifier, parse_vkey
from storage.seals import SealReading
from workflow.commitments import commitment_to, disclosure_of, fresh_salt
from workflow.errors import IntegrityBroken
from workflow.system import Head, SystemEntry, system_entry

KEY_ROTATED: Final = "key_rotated"


@dataclass(frozen=True, slots=True)
class Rotation:
    """A change of key: the leaf that announces it, its exact bytes, and the two keys."""

    position: int
    data: bytes
    old: Verifier
    new: Verifier

    @property
    def size(self) -> int:
        """The size of the checkpoint that both keys signed: the announcement is its last leaf."""
        return self.position + 1


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the sealer is to announce: the key that signs from then on, who says so, and a disclosure of why."""

    new: Signer
    actor: str
    disclosure: str

    def entry(self, log: str, head: Head, old: Verifier, now: datetime) -> SystemEntry:
        """The act; of the reason it holds a commitment."""
        fields: dict[str, str | int] = {"old": old.vkey, "new": self.new.verifier.vkey}
        commitments = {"reason": commitment_to(self.disclosure)}
        return system_entry(log, head, KEY_ROTATED, self.actor, now, fields, commitments)


def announcement(new: Signer, actor: str, reason: str) -> Announcement:
    """An announcement for a reason as typed, which is personal like every free text."""
    return Announcement(new, actor, disclosure_of(fresh_salt(), "reason", reason))


def rotations(reading: SealReading) -> list[Rotation]:
    """All sealed changes of key, oldest first. Raises IntegrityBroken where one cannot be read."""
    # Every key is kept with its announcement: most logs have one, and need not be looked through.
    if len(reading.keys()) < 2:
        return []
    return [_rotation(position, data) for position, data in reading.sealed_acts(KEY_ROTATED)]


def _rotation(position: int, data: bytes) -> Rotation:
    try:
        fields = json.loads(data)["fields"]
        return Rotation(position, data, parse_vkey(str(fields["old"])), parse_vkey(str(fields["new"])))
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityBroken(
            f"leaf {position} announces no key that can be read: run `parcours audit verify`"
        ) from error


def all_keys(current: Sequence[Verifier], found: Sequence[Rotation]) -> list[Verifier]:
    """The current keys, then those that they took over from, newest first, each once."""
    return list(dict.fromkeys([*current, *(each.old for each in reversed(found))]))


def keys_for(size: int, current: Sequence[Verifier], found: Sequence[Rotation]) -> list[Verifier]:
    """The keys that may have signed a seal of this size; of the announcement's own seal, the one before and the new."""
    after = next((each for each in found if size <= each.size), None)
    if after is None:
        return list(current)
    return [after.old, after.new] if size == after.size else [after.old]


def expect_current(signer: Signer, found: Sequence[Rotation]) -> None:
    """Raise IntegrityBroken where the log has gone over to another key than this."""
    if found and found[-1].new != signer.verifier:
        name = found[-1].new
        raise IntegrityBroken(
            f"the log has gone over to the key {name.key_id.hex()}, and the file holds {signer.verifier.key_id.hex()}: "
            "finish with `parcours audit key rotate`, or put the newest key's file back"
        )
