"""The evidence bundle: a zip file that proves itself to whoever holds a checkpoint and the public key.

What it holds is told in verifier/verify.py, which lies in it and checks it without this program. It is written as
a stream; only the proofs of a part and the map of heads are held in memory. It discloses no personal value.
"""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from audit.anchors import Receipt
from audit.bundle_anchors import Anchored, anchored
from audit.bundle_readme import README_EN, README_FR
from audit.flushing import sync_folder
from audit.key_chain import Rotation, rotations
from audit.notes import Verifier, open_checkpoint
from audit.restored import continues
from audit.sealing import ends_with_heads, heads_map, origin_of
from audit.tlog_proof import ENDING, format_proof
from audit.tree import consistency_proof, inclusion_proof, leaf_hash
from storage.seals import LeafRow, Seal, SealReading
from workflow.definition import Definition, Transition
from workflow.errors import IntegrityBroken
from workflow.history import instant_text
from workflow.system import SYSTEM

PROVED_SEALS = 256
"""To so many of the newest seals a proof of consistency lies in every bundle."""

_VERIFIER = Path(__file__).with_name("verifier") / "verify.py"
# More names than this are looked up one by one in the stream of all leaves.
_NAMED = 500


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written: how many lines and placements, under which checkpoint, with which anchors."""

    entries: int
    placements: int
    last: Seal
    anchors: Anchored


def write_bundle(
    reading: SealReading,
    target: Path,
    verifiers: Sequence[Verifier],
    *,
    scope: Sequence[str] | None = None,
    held: bytes | None = None,
    sent: Iterable[tuple[bytes, Receipt]] = (),
) -> Bundle:
    """Write what is sealed, of the whole log or of the placements (ids) in `scope`, to a file that appears when whole.

    `held` is a checkpoint that an auditor kept; `sent` are checkpoints that went out, with what came back. A part needs
    a map of heads as the last leaf. Raises IntegrityBroken where nothing is sealed, or `held` is not of this log or not
    continued by it; OSError.
    """
    last = reading.last_seal()
    if last is None:
        raise IntegrityBroken("nothing is sealed yet: there is nothing to prove")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            anchors = anchored(reading, last.size, verifiers, sent)
            writer = _Writer(reading, archive, last, scope)
            made = writer.write(verifiers, _earlier(reading, verifiers, last, held), anchors)
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        partial.replace(target)
        sync_folder(target.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise
    return made


def plain_rules(definition: Definition) -> dict[str, Any]:
    """What a definition allows, for a reader without YAML: (trigger, from, to), automatic transitions included."""
    moves = [move for each in definition.transitions.values() for move in each] + list(definition.automatic)
    final = [name for name, state in definition.states.items() if state.final]
    return {"initial": definition.initial, "final": final, "edges": [edge for move in moves for edge in _edges(move)]}


def _edges(move: Transition) -> Iterator[list[str | None]]:
    return ([move.trigger, source, move.to] for source in sorted(move.sources))


def _earlier(reading: SealReading, verifiers: Sequence[Verifier], last: Seal, held: bytes | None) -> bytes | None:
    """The checkpoint that the auditor kept, else the last but one."""
    if held is None:
        before = reading.latest_seals(2)[1:]
        return before[0].note if before else None
    checkpoint = open_checkpoint(held, verifiers, origin_of(reading.log()))
    if not continues(reading, last.size, checkpoint):
        raise IntegrityBroken(
            f"the log does not continue the checkpoint of {checkpoint.size} entries that was given: "
            "run `parcours audit verify --since-checkpoint`"
        )
    return held


class _Writer:
    """Writes the files of one bundle, and remembers their digests for the manifest."""

    def __init__(self, reading: SealReading, archive: zipfile.ZipFile, last: Seal, scope: Sequence[str] | None) -> None:
        self._reading, self._archive, self._last, self._scope = reading, archive, last, scope
        self._digests: dict[str, str] = {}
        self._names = None if scope is None else {*scope, SYSTEM}
        self._entries, self._chains = 0, set[str]()

    def write(self, verifiers: Sequence[Verifier], earlier: bytes | None, anchors: Anchored) -> Bundle:
        """All files, the manifest last."""
        self._log()
        if self._scope is not None:
            self._proofs(self._scope)
        self._checkpoints(verifiers, earlier, anchors.sizes)
        self._definitions()
        for name, data in (("verify.py", _VERIFIER.read_bytes()), *_readme(), *sorted(anchors.files.items())):
            self._file(name, [data])
        self._manifest()
        return Bundle(self._entries, len(self._chains), self._last, anchors)

    def _file(self, name: str, pieces: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self._archive.open(_info(name), "w", force_zip64=True) as stream:
            for piece in pieces:
                digest.update(piece)
                stream.write(piece)
        self._digests[name] = digest.hexdigest()

    # Lines and proofs

    def _log(self) -> None:
        self._file("entries.jsonl", map(self._line, self._rows()))
        self._file("leaves.jsonl", (_json([row.position, _b64(leaf_hash(_data(row)))]) for row in self._rows()))

    def _line(self, row: LeafRow) -> bytes:
        self._entries += 1
        if self._scope is None or row.placement != SYSTEM:
            self._chains.add(row.placement)
        return _data(row) + b"\n"

    def _rows(self) -> Iterator[LeafRow]:
        """The leaves to be told; of the system's chain, in a part, the last one only: the map of heads."""
        names, size = self._names, self._last.size
        if names is None:
            return self._reading.leaves(size)
        rows = self._reading.leaves(size, sorted(names) if len(names) <= _NAMED else None)
        return (
            row for row in rows
            if row.placement in names and (row.placement != SYSTEM or row.position == size - 1)
        )  # fmt: skip

    def _proofs(self, scope: Sequence[str]) -> None:
        size = self._last.size
        if not ends_with_heads(self._reading, size):
            raise IntegrityBroken("the log does not end with a map of heads: run `parcours audit verify`")
        proofs = ([_b64(item) for item in inclusion_proof(self._reading, row.position, size)] for row in self._rows())
        self._file("inclusion.json", _listed(proofs))
        for row in self._rows():
            path = inclusion_proof(self._reading, row.position, size)
            self._file(f"proofs/{row.position:012}{ENDING}", [format_proof(row.position, path, self._last.note)])
        heads = heads_map(self._reading, size - 1)
        found = [heads.membership(name) for name in scope]
        absent = [heads.absence(name).record() for name, proof in zip(scope, found, strict=True) if proof is None]
        present = [proof.record() for proof in found if proof is not None]
        self._file("heads.json", [_json({"entry": size - 1, "present": present, "absent": absent})])

    # What it hangs on

    def _checkpoints(self, verifiers: Sequence[Verifier], earlier: bytes | None, also: frozenset[int]) -> None:
        self._file("checkpoint", [self._last.note])
        sizes = {seal.size for seal in self._reading.latest_seals(PROVED_SEALS)} | also
        sizes |= {each.size for each in self._rotations()}
        if earlier is not None:
            self._file("earlier_checkpoint", [earlier])
            sizes.add(open_checkpoint(earlier, verifiers, origin_of(self._reading.log())).size)
        size = self._last.size
        proofs = {
            str(old): [_b64(item) for item in consistency_proof(self._reading, old, size)] for old in sorted(sizes)
        }
        self._file("consistency.json", [_json(proofs)])
        self._file("seals.jsonl", (_json([seal.size, instant_text(seal.sealed_at)]) for seal in self._reading.seals()))
        self._file("keys/log.vkey", [f"{verifier.vkey}\n".encode() for verifier in verifiers])

    def _rotations(self) -> Iterator[Rotation]:
        """The changes of key, each with its announcement and the proof of it under a checkpoint of both keys."""
        for each in rotations(self._reading):
            sealed = self._reading.seal_at(each.size)
            if sealed is None:
                raise IntegrityBroken(f"the seal of the key announced in leaf {each.position} is gone: "
                                      "run `parcours audit verify`")  # fmt: skip
            path = inclusion_proof(self._reading, each.position, each.size)
            name = f"keys/{each.position:012}"
            self._file(f"{name}.entry", [each.data])
            self._file(f"{name}{ENDING}", [format_proof(each.position, path, sealed.note)])
            yield each

    def _definitions(self) -> None:
        for digest, source, compiled in self._reading.definitions():
            self._file(f"definitions/{digest}.yaml", [source])
            rules = plain_rules(Definition.from_compiled(compiled, source))
            self._file(f"definitions/{digest}.json", [_json(rules)])

    def _manifest(self) -> None:
        log = self._reading.log()
        scope = "whole" if self._scope is None else {"placements": list(self._scope)}
        counts = {"entries": self._entries, "placements": len(self._chains)}
        told = {"format": 1, "log": log, "origin": origin_of(log), "scope": scope, "counts": counts}
        self._archive.writestr(_info("manifest.json"), _json({**told, "files": self._digests}))


def _readme() -> tuple[tuple[str, bytes], ...]:
    return ("LISEZ-MOI.txt", README_FR.encode()), ("README.txt", README_EN.encode())


def _info(name: str) -> zipfile.ZipInfo:
    """A name in the archive, without the time of its writing: the same log gives the same bytes."""
    info = zipfile.ZipInfo(name)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return info


def _data(row: LeafRow) -> bytes:
    if row.data is None:
        raise IntegrityBroken(f"the entry of leaf {row.position} is gone: run `parcours audit verify`")
    return row.data


def _listed(items: Iterator[Any]) -> Iterator[bytes]:
    """A JSON list, item by item."""
    yield b"["
    for first in islice(items, 1):
        yield json.dumps(first).encode()
    for item in items:
        yield b"," + json.dumps(item).encode()
    yield b"]\n"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"
