"""A database that does not continue what was remembered of it: refusing it, and the act of going on from it.

It refuses to know when this is asked: continuing.py does so before anything is written, sealing.py before it signs.
"""

from datetime import datetime

from audit.notes import Checkpoint, parse_checkpoint, parse_note
from audit.remembered import Remembered
from audit.tree import TileReader, root
from storage.seals import SealReading
from workflow.commitments import commitment_to, disclosure_of, fresh_salt
from workflow.errors import IntegrityBroken
from workflow.system import Head, SystemEntry, system_entry


class DatabaseOlder(IntegrityBroken):
    """The database does not continue the checkpoint that was remembered; a person has to say that it may."""

    code = "older_than_checkpoint"

    def __init__(self, name: str, remembered: Checkpoint, size: int) -> None:
        self.remembered, self.size = remembered, size
        self.message_en = (
            f"{name} holds {size} sealed entries that do not continue the {remembered.size} of the remembered "
            f"checkpoint: an old backup was restored, or sealed history was changed. Nothing is written. Restore the "
            f"latest database; where it is lost, a person may go on from here: "
            f"parcours audit seal --accept-restored --reason …"
        )
        super().__init__(
            f"{name} : {size} entrées scellées, qui ne prolongent pas les {remembered.size} du point de contrôle "
            f"retenu : une ancienne copie a été restaurée, ou l'historique scellé a changé. Rien n'est écrit. "
            f"Restaurez la dernière base ; si elle est perdue, une personne peut repartir d'ici : "
            f"parcours audit seal --accept-restored --reason …"
        )


def conflict(reading: SealReading, remembered: Remembered) -> Checkpoint | None:
    """The remembered checkpoint, where what is sealed does not continue it; who signed it does not matter here.

    Raises IntegrityBroken where the file holds none.
    """
    note = remembered.read()
    if note is None:
        return None
    checkpoint = parse_checkpoint(parse_note(note).text)
    last = reading.last_seal()
    return None if continues(reading, last.size if last else 0, checkpoint) else checkpoint


def restored(
    log: str, head: Head, actor: str, now: datetime, remembered: Checkpoint, size: int, reason: str
) -> tuple[SystemEntry, str]:
    """The act of going on from `size` leaves though more, or others, were remembered; and what opens its reason."""
    disclosure = disclosure_of(fresh_salt(), "reason", reason)
    fields: dict[str, str | int] = {"size": size, "remembered_size": remembered.size}
    fields["remembered_root"] = remembered.root.hex()
    commitments = {"reason": commitment_to(disclosure)}
    return system_entry(log, head, "restored", actor, now, fields, commitments), disclosure


def continues(tiles: TileReader, size: int, checkpoint: Checkpoint) -> bool:
    """Whether a tree of `size` leaves begins with what a checkpoint says."""
    try:
        return checkpoint.size <= size and root(tiles, checkpoint.size) == checkpoint.root
    except IntegrityBroken:
        return False
