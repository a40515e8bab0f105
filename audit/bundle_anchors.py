"""What others keep of a log's checkpoints, as it lies in an evidence bundle under `anchors/`.

Of every checkpoint that went out and that the log still continues: its exact bytes, the stamps, the receipts of
e-mails. It refuses to know who was written to, and to show a checkpoint that it could not prove to be the log's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audit.anchors import Receipt, digest_of
from audit.notes import Verifier, open_checkpoint
from audit.restored import continues
from audit.sealing import origin_of
from storage.seals import SealReading
from workflow.errors import IntegrityBroken
from workflow.history import instant_text

FOLDER = "anchors/"


@dataclass(frozen=True, slots=True)
class Anchored:
    """The files, the sizes to which the bundle needs proofs, the number of receipts; `foreign`: of those left out."""

    files: Mapping[str, bytes]
    sizes: frozenset[int]
    receipts: int
    foreign: int


def anchored(
    reading: SealReading, size: int, verifiers: Sequence[Verifier], sent: Iterable[tuple[bytes, Receipt]]
) -> Anchored:
    """What of these receipts belongs into a bundle of the first `size` leaves."""
    files: dict[str, bytes] = {}
    sizes: dict[bytes, int | None] = {}
    receipts = foreign = 0
    for note, receipt in sent:
        if note not in sizes:
            sizes[note] = _size(reading, size, verifiers, note)
        found = sizes[note]
        if found is None:
            foreign += 1
            continue
        receipts += 1
        name = f"{FOLDER}{found:012}-{digest_of(note)[:12]}"
        files[f"{name}.checkpoint"] = note
        files[f"{name}.{receipt.channel}.{'json' if receipt.token is None else 'tsr'}"] = _kept(note, receipt)
    return Anchored(files, frozenset(each for each in sizes.values() if each is not None), receipts, foreign)


def _size(reading: SealReading, size: int, verifiers: Sequence[Verifier], note: bytes) -> int | None:
    """How many leaves a checkpoint speaks of; None where it is not signed for this log, or not continued by it."""
    try:
        checkpoint = open_checkpoint(note, verifiers, origin_of(reading.log()))
    except IntegrityBroken:
        return None
    return checkpoint.size if continues(reading, size, checkpoint) else None


def _kept(note: bytes, receipt: Receipt) -> bytes:
    """The third party's own bytes, else what the channel said."""
    if receipt.token is not None:
        return receipt.token
    told = {"channel": receipt.channel, "at": instant_text(receipt.at), "detail": receipt.detail}
    return json.dumps({**told, "checkpoint": digest_of(note)}).encode() + b"\n"
