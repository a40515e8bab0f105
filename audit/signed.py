"""What was signed: every seal by the keys of its time and in order, and the checkpoints that somebody kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.findings import Findings
from audit.key_chain import all_keys, keys_for, rotations
from audit.notes import Checkpoint, Verifier, open_checkpoint
from audit.sealing import agrees, origin_of
from audit.tree import root
from storage.seals import Seal, SealReading
from workflow.errors import IntegrityBroken


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verification starts from: public keys, and checkpoints that were kept, each with where it is from."""

    verifiers: Sequence[Verifier]
    kept: Sequence[tuple[str, bytes]] = ()
    vouched: bool = True


class Signed:
    """Looks at what was signed, and reports what is wrong with it."""

    def __init__(self, reading: SealReading, trust: Trust, findings: Findings) -> None:
        self._reading, self._trust, self._findings = reading, trust, findings
        self._origin = origin_of(reading.log())
        self._rotations = rotations(reading)

    def seal(self, seal: Seal, before: Seal | None, found: bytes | None) -> None:
        """One seal: signed, in order, and over what is there."""
        self.signature(seal)
        number = f"n° {seal.number}"
        expected = before.number + 1 if before else 1
        if seal.number != expected or (before and (seal.size <= before.size or seal.sealed_at < before.sealed_at)):
            self._findings.fault("seal_order", detail=number)
        if found is not None and found != seal.root:
            self._findings.fault("seal_wrong", detail=number)

    def signature(self, seal: Seal) -> None:
        """Whether the keys of its time signed a seal: each of them, where it announces a new one."""
        keys = keys_for(seal.size, self._trust.verifiers, self._rotations)
        announcing = any(each.size == seal.size for each in self._rotations)
        groups = [[key] for key in keys] if announcing else [keys]
        if not all(agrees(seal, group, self._origin) for group in groups):
            self._findings.fault("seal_signature", detail=f"n° {seal.number}")

    def tree(self, last: Seal) -> None:
        """The stored tree gives the root that was signed last."""
        try:
            fits = root(self._reading, last.size) == last.root
        except IntegrityBroken as error:
            self._findings.fault("tree_changed", detail=str(error))
            return
        if not fits:
            self._findings.fault("tree_changed")

    def checkpoints(self, size: int) -> None:
        """The checkpoints that were kept elsewhere are beginnings of this log."""
        known = all_keys(self._trust.verifiers, self._rotations)
        for where, note in self._trust.kept:
            try:
                checkpoint = open_checkpoint(note, known, self._origin)
            except IntegrityBroken as error:
                self._findings.fault("checkpoint_unreadable", detail=f"{where}: {error}")
                continue
            if checkpoint.size > size:
                self._findings.fault("older_than_checkpoint", detail=f"{where}: {checkpoint.size} > {size}")
            elif not self._begins_with(checkpoint):
                self._findings.fault("checkpoint_differs", detail=f"{where}: {checkpoint.size}")

    def _begins_with(self, checkpoint: Checkpoint) -> bool:
        try:
            return root(self._reading, checkpoint.size) == checkpoint.root
        except IntegrityBroken:
            return False
