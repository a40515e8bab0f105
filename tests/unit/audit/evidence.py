"""A small log made by hand, and bundles of it as the offline verifier expects them: whole, or a part."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit.heads import Head, HeadsMap
from audit.notes import Checkpoint, Signer, new_signer, sign_checkpoint
from audit.tree import MemoryTiles, append, consistency_proof, inclusion_proof, leaf_hash, root
from workflow.commitments import commitment_to, disclosure_of
from workflow.history import GENESIS, DefinitionRef, HistoryEntry, canonical_bytes, entry_hash

ORIGIN, LOG = "parcours.example/essai", "log-1"
YAML = b"definition: placement\n"
DIGEST = hashlib.sha256(YAML).hexdigest()
RULES = {
    "initial": "applied",
    "final": ["closed"],
    "edges": [["show", "applied", "shown"], ["note_fact", "shown", None], ["close", "shown", "closed"]],
}
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def b64(items: Iterable[bytes]) -> list[str]:
    """Hashes as they lie in a bundle."""
    return [base64.b64encode(item).decode() for item in items]


@dataclass
class Log:
    """Entries in the order of their leaves, as a sealer would have appended them."""

    signer: Signer = field(default_factory=lambda: new_signer("parcours.example/key"))
    lines: list[bytes] = field(default_factory=list)
    heads: dict[str, Head] = field(default_factory=dict)
    states: dict[str, str | None] = field(default_factory=dict)
    disclosures: list[list[Any]] = field(default_factory=list)

    def enter(self, placement: str, kind: Any, to: str | None, trigger: str | None = None, **more: Any) -> None:
        """Append one entry of a placement."""
        head = self.heads.get(placement)
        seq = head.seq + 1 if head else 1
        personal = {name: disclosure_of(bytes(32), name, value) for name, value in more.pop("secret", {}).items()}
        entry = HistoryEntry(
            log=LOG,
            placement=placement,
            seq=seq,
            prev=head.hash if head else GENESIS,
            kind=kind,
            trigger=trigger,
            from_state=self.states.get(placement),
            to_state=to,
            definition=DefinitionRef("placement", 1, DIGEST),
            actor="operator:x",
            occurred_at=START,
            recorded_at=START + timedelta(minutes=len(self.lines)),
            commitments={name: commitment_to(text) for name, text in personal.items()},
            **more,
        )
        self.disclosures += [[placement, seq, name, text] for name, text in personal.items()]
        self._add(placement, seq, to, canonical_bytes(entry))

    def enter_heads(self, chain: str = "system") -> int:
        """Append the entry that seals the map of all heads; gives its leaf index."""
        head = self.heads.get(chain)
        heads = HeadsMap(self.heads.values())
        plain = {
            "v": 1, "log": LOG, "placement": chain, "seq": head.seq + 1 if head else 1,
            "prev": head.hash if head else GENESIS, "kind": "heads", "trigger": None, "from": None, "to": None,
            "definition": None, "commitments": {}, "concerns": None, "concerns_hash": None,
            "fields": heads.fields(len(self.lines)),
        }  # fmt: skip
        data = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
        self._add(chain, plain["seq"], None, data)
        return len(self.lines) - 1

    def _add(self, placement: str, seq: int, state: str | None, data: bytes) -> None:
        self.lines.append(data)
        self.heads[placement] = Head(placement, seq, entry_hash(data))
        self.states[placement] = state

    def tiles(self) -> MemoryTiles:
        """The tree over all entries."""
        tiles = MemoryTiles()
        append(tiles, 0, [leaf_hash(data) for data in self.lines])
        return tiles

    def checkpoint(self, size: int | None = None) -> bytes:
        """The signed checkpoint of the first `size` entries."""
        size = len(self.lines) if size is None else size
        return sign_checkpoint(Checkpoint(ORIGIN, size, root(self.tiles(), size)), self.signer)


def lived() -> Log:
    """Three placements, one of them finished, with a heads map after each round."""
    log = Log()
    for name in ("p1", "p2", "p3"):
        log.enter(name, "placed", "applied", secret={"host_email": "mairie@example.fr"})
    log.enter("p1", "transition", "shown", "show", secret={"candidate_name": "Zoé Ünver"})
    log.enter_heads()
    log.enter("p2", "transition", "shown", "show")
    log.enter("p1", "recorded", "shown", "note_fact")
    log.enter("p1", "transition", "closed", "close")
    return log


def whole(log: Log) -> dict[str, bytes]:
    """The files of a bundle of the whole log."""
    size = len(log.lines)
    files = common(log, log.lines, range(size))
    return finished(log, files, "whole", {"entries": size, "placements": len(log.heads)})


def part(log: Log, *placements: str, old: tuple[HeadsMap, int] | None = None) -> dict[str, bytes]:
    """The files of a bundle of some placements, proved by a heads map made for it or by an old one."""
    heads, leaf = old or (HeadsMap(log.heads.values()), log.enter_heads())
    chosen = [
        (index, data)
        for index, data in enumerate(log.lines)
        if index == leaf or json.loads(data)["placement"] in placements
    ]
    tiles, size = log.tiles(), len(log.lines)
    present = [proof for proof in (heads.membership(name) for name in placements) if proof is not None]
    absent = [heads.absence(name).record() for name in placements if heads.membership(name) is None]
    files = common(log, [data for _, data in chosen], [index for index, _ in chosen])
    files["inclusion.json"] = dumped([b64(inclusion_proof(tiles, index, size)) for index, _ in chosen])
    files["heads.json"] = dumped({"entry": leaf, "present": [proof.record() for proof in present], "absent": absent})
    files["disclosures.jsonl"] = jsonl(item for item in log.disclosures if item[0] in placements)
    counts = {"entries": len(chosen), "placements": len(present)}
    return finished(log, files, {"placements": list(placements)}, counts)


def common(log: Log, lines: Iterable[bytes], leaves: Iterable[int]) -> dict[str, bytes]:
    """What both kinds of bundle hold."""
    size, tiles, lines = len(log.lines), log.tiles(), list(lines)
    hashes = b64(leaf_hash(data) for data in lines)
    proofs = {str(old): b64(consistency_proof(tiles, old, size)) for old in (3, 5)}
    seals = [(3, "2026-03-01T09:00:00.000000Z"), (size, "2026-03-01T10:00:00.000000Z")]
    return {
        "entries.jsonl": b"".join(data + b"\n" for data in lines),
        "leaves.jsonl": jsonl(zip(leaves, hashes, strict=True)),
        "checkpoint": log.checkpoint(),
        "earlier_checkpoint": log.checkpoint(3),
        "consistency.json": dumped(proofs),
        f"definitions/{DIGEST}.yaml": YAML,
        f"definitions/{DIGEST}.json": dumped(RULES),
        "disclosures.jsonl": jsonl(log.disclosures),
        "keys/log.vkey": (log.signer.verifier.vkey + "\n").encode(),
        "seals.jsonl": jsonl(seals),
    }


def finished(log: Log, files: dict[str, bytes], scope: Any, counts: Mapping[str, int]) -> dict[str, bytes]:
    """The files with their manifest."""
    manifest = {"format": 1, "log": LOG, "origin": ORIGIN, "scope": scope, "counts": counts}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return files | {"manifest.json": dumped({**manifest, "files": digests})}


def listed_anew(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest that fits them, as somebody who covers a trace would write it."""
    manifest = json.loads(files["manifest.json"])
    rest = {name: data for name, data in files.items() if name != "manifest.json"}
    manifest["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in rest.items()}
    manifest["counts"]["entries"] = rest["entries.jsonl"].count(b"\n")
    return rest | {"manifest.json": dumped(manifest)}


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    """The bundle as a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def dumped(value: Any) -> bytes:
    """JSON."""
    return json.dumps(value).encode()


def jsonl(rows: Iterable[Any]) -> bytes:
    """One JSON value a line."""
    return b"".join(dumped(row) + b"\n" for row in rows)
