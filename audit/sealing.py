"""Sealing: takes what waits, checks each chain, appends to the tree, signs a checkpoint of it and remembers that.

It never signs what does not extend the checkpoint before, nor a chain that is broken: that placement waits and is
reported, the others go on. It refuses to know when it is called.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Final

from audit.heads import Head as MapHead
from audit.heads import HeadsMap
from audit.key_chain import Announcement, all_keys, expect_current, rotations
from audit.links import COMMIT_BOUND, Fault, Last, link_of, read_link
from audit.notes import Checkpoint, Signer, Verifier, open_checkpoint, sign_checkpoint, signed_by
from audit.remembered import Remembered
from audit.restored import DatabaseOlder, continues
from audit.tree import append, consistency_proof, extends, leaf_hash, root
from storage.seals import QueuedRow, SealReading, Seals, SealWork
from storage.seals import Seal as Seal
from workflow.clock import Clock
from workflow.errors import IntegrityBroken
from workflow.history import instant_text
from workflow.system import NO_HEAD, SYSTEM, system_entry

AT_ONCE: Final = 2_000
"""How many entries one seal covers at most: a long queue is sealed in several, so that nobody waits for long."""

HEADS_EVERY: Final = 60
"""Every so many seals the map of all heads becomes an entry; every export of a part makes one too."""

_SEALED, _PENDING = "sealed", "pending"


@dataclass(slots=True)
class Outcome:
    """What one run of the sealer did: how many entries it sealed, what it left, what came late, the last seal."""

    sealed: int = 0
    seals: int = 0
    broken: list[Fault] = field(default_factory=list)
    late: list[Fault] = field(default_factory=list)
    last: Seal | None = None


def origin_of(log: str) -> str:
    """The name of a log, in its checkpoints and of its key."""
    return f"parcours/{log}"


def checkpoint_text(origin: str, size: int, root: bytes, sealed_at: datetime, pending: bool) -> Checkpoint:
    """A checkpoint that also says when it was made, and whether more was waiting."""
    said = (f"{_SEALED} {instant_text(sealed_at)}",)
    return Checkpoint(origin, size, root, (*said, _PENDING) if pending else said)


def agrees(seal: Seal, verifiers: list[Verifier], origin: str) -> bool:
    """Whether a seal's row says what its signed note says."""
    try:
        checkpoint = open_checkpoint(seal.note, verifiers, origin)
    except IntegrityBroken:
        return False
    said = (checkpoint.size, checkpoint.root, checkpoint.extensions[:1])
    return said == (seal.size, seal.root, (f"{_SEALED} {instant_text(seal.sealed_at)}",))


def expect_signed(last: Seal, signer: Signer, name: str) -> None:
    """Raise IntegrityBroken where the last seal of a database is not signed by this key: it cannot be gone on from."""
    if not agrees(last, [signer.verifier], signer.name):
        raise IntegrityBroken(
            f"the last seal of {name} is not signed by this key ({signer.verifier.key_id.hex()}): "
            f"nothing more is sealed until the file of the key {signed_by(last.note)} is back"
        )


def is_pending(seal: Seal) -> bool:
    """Whether more was waiting when this seal was made: then what it left is not late."""
    return f"\n{_PENDING}\n".encode() in seal.note


def seal(
    seals: Seals,
    signer: Signer,
    remembered: Remembered,
    clock: Clock,
    *,
    heads: bool = False,
    accepted: bool = False,
    announced: Announcement | None = None,
) -> Outcome:
    """Seal all that waits; `heads`: and the map of all heads, unless the last leaf is one; `announced`: and a new key.

    Raises IntegrityBroken where the tree or the last seal is not what was signed, DatabaseOlder where it does not
    continue the remembered checkpoint (unless a person `accepted` that), StoreUnavailable.
    """
    outcome, broken = Outcome(), set[str]()
    after: tuple[str, int] | None = ("", 0)
    while after is not None:
        before = outcome.seals
        with seals.writing() as work:
            note = remembered.read()
            run = _Run(work, signer, seals.name, clock.now(), outcome, broken, announced)
            run.expect(None if accepted else note)
            after = run.seal_after(after, heads)
        if outcome.seals > before and outcome.last is not None:
            remembered.write(outcome.last.note)
            accepted = False
        elif outcome.last is not None and not accepted and note != outcome.last.note:
            # A sealer that was killed after its commit left the file behind.
            remembered.write(outcome.last.note)
    return outcome


def late_before(seals: list[Seal]) -> datetime | None:
    """The moment before which a new entry was recorded too early to be true; `seals` newest first."""
    for each in seals:
        if not is_pending(each):
            return each.sealed_at - COMMIT_BOUND
    return None


class _Run:
    """One seal, in one transaction."""

    def __init__(
        self,
        work: SealWork,
        signer: Signer,
        name: str,
        now: datetime,
        outcome: Outcome,
        broken: set[str],
        announced: Announcement | None,
    ) -> None:
        self._work, self._signer, self._name, self._outcome, self._broken = work, signer, name, outcome, broken
        self._announced = announced
        self._signers: tuple[Signer, ...] = (signer,)
        self._log = work.log()
        self._last = outcome.last = work.last_seal()
        self._size = self._last.size if self._last else 0
        # A sandbox's clock may be set back; the times of seals never go back.
        self._now = max(now, self._last.sealed_at) if self._last else now
        self._bound = None if work.is_sandbox() else late_before(work.latest_seals(HEADS_EVERY))
        self._leaves: list[QueuedRow] = []
        self._hashes: list[bytes] = []

    def expect(self, note: bytes | None) -> None:
        """Compare the tree with what was signed last, and with what is remembered. Raises IntegrityBroken."""
        origin, before = origin_of(self._log), rotations(self._work)
        expect_current(self._signer, before)
        if self._last is not None:
            self._expect_last(self._last)
        if self._work.leaf_end() != self._size:
            raise IntegrityBroken(
                f"{self._name} has leaves that no seal covers, or lost some: run `parcours audit verify`"
            )
        if note is not None:
            checkpoint = open_checkpoint(note, all_keys([self._signer.verifier], before), origin)
            if not continues(self._work, self._size, checkpoint):
                raise DatabaseOlder(self._name, checkpoint, self._size)

    def _expect_last(self, last: Seal) -> None:
        expect_signed(last, self._signer, self._name)
        if root(self._work, last.size) != last.root:
            raise IntegrityBroken(f"the tree of {self._name} does not give the root that was signed: nothing is sealed")

    def seal_after(self, after: tuple[str, int], heads: bool) -> tuple[str, int] | None:
        """Seal what waits after this key; gives the key to go on from, None at the end of the queue."""
        # Asked first: what is committed between the two questions is in the queue.
        written = self._work.is_written_to()
        rows = self._work.queued(AT_ONCE, after)
        sealed = self._work.heads_of(list(dict.fromkeys(row.placement for row in rows)))
        for chain, waiting in groupby(rows, key=attrgetter("placement")):
            if chain not in self._broken:
                self._take(chain, waiting, sealed.get(chain, NO_HEAD))
        full = len(rows) == AT_ONCE
        self._work.append_leaves(self._size, self._leaves)
        if not full and (heads or self._is_heads_due()):
            self._add_heads()
        if not full and self._announced is not None:
            self._add_announcement(self._announced)
        if self._leaves:
            self._sign(full or written)
        return (rows[-1].placement, rows[-1].seq) if full else None

    def _take(self, chain: str, waiting: Iterable[QueuedRow], head: Last) -> None:
        """Put what follows a chain's head among the leaves, up to the first entry that does not."""
        for row in waiting:
            link = link_of(row, head, self._log)
            if isinstance(link, str) or row.data is None or row.hash is None:
                self._broken.add(chain)
                code = link if isinstance(link, str) else "entry_missing"
                self._outcome.broken.append(Fault(code, self._work.reference(chain), row.seq))
                return
            self._add(row, row.data)
            if self._bound is not None and link.recorded_at < self._bound:
                self._outcome.late.append(Fault("recorded_late", self._work.reference(chain), row.seq))
            head = row

    def _add(self, row: QueuedRow, data: bytes) -> None:
        self._leaves.append(row)
        self._hashes.append(leaf_hash(data))

    def _is_heads_due(self) -> bool:
        number = self._last.number + 1 if self._last else 1
        return bool(self._leaves) and number % HEADS_EVERY == 0

    def _add_heads(self) -> None:
        """Enter the map of all heads as they are after all leaves so far, unless nothing came since the last one."""
        head, size = self._work.sealed_head(SYSTEM), self._size + len(self._leaves)
        if head != self._work.system_head() or (not self._leaves and ends_with_heads(self._work, size)):
            return
        fields = heads_map(self._work, size).fields(size)
        act = system_entry(self._log, head, "heads", SYSTEM, self._now, fields)
        self._work.record(act)
        self._add(QueuedRow(SYSTEM, act.seq, act.prev, act.hash, act.data), act.data)
        self._work.append_leaves(size, self._leaves[-1:])

    def _add_announcement(self, announced: Announcement) -> None:
        """Enter that another key signs from now on; this one seal is signed by both. Raises IntegrityBroken."""
        head, size = self._work.sealed_head(SYSTEM), self._size + len(self._leaves)
        if head != self._work.system_head():
            raise IntegrityBroken(f"the system's chain of {self._name} cannot be sealed: no key is announced in it")
        act = announced.entry(self._log, head, self._signer.verifier, self._now)
        self._work.record(act)
        self._add(QueuedRow(SYSTEM, act.seq, act.prev, act.hash, act.data), act.data)
        self._work.append_leaves(size, self._leaves[-1:])
        self._work.add_key(announced.new.verifier.vkey, self._now)
        self._signers = (self._signer, announced.new)

    def _sign(self, pending: bool) -> None:
        size = append(self._work, self._size, self._hashes)
        new_root = root(self._work, size)
        if self._last is not None:
            proof = consistency_proof(self._work, self._size, size)
            if not extends(self._size, self._last.root, size, new_root, proof):
                raise IntegrityBroken(f"the tree of {self._name} does not extend what was signed: nothing is sealed")
        checkpoint = checkpoint_text(origin_of(self._log), size, new_root, self._now, pending)
        number = self._last.number + 1 if self._last else 1
        made = Seal(number, size, new_root, self._now, sign_checkpoint(checkpoint, *self._signers))
        self._work.keep(made)
        self._outcome.sealed += len(self._leaves)
        self._outcome.seals += 1
        self._outcome.last = made


def heads_map(reading: SealReading, size: int) -> HeadsMap:
    """The map of the heads of all chains after the first `size` leaves."""
    return HeadsMap(MapHead(*head) for head in reading.sealed_heads(size))


def ends_with_heads(reading: SealReading, size: int) -> bool:
    """Whether the last leaf is a map of heads."""
    found = reading.leaf_at(size - 1)
    link = read_link(found.data) if found is not None and found.data is not None else None
    return link is not None and link.kind == "heads"
