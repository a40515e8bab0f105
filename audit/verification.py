"""Does the stored history hold: every chain, every leaf, every seal, and the checkpoints that somebody kept?

Streams: memory stays flat whatever the number of entries. It repairs nothing, writes nothing, and reports each
thing that is wrong with its placement and seq. Whether rows follow from the history is for `doctor`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from audit.key_chain import all_keys, keys_for, rotations
from audit.links import COMMIT_BOUND, Fault, is_recorded_before, link_fault
from audit.notes import Checkpoint, Verifier, open_checkpoint
from audit.rooting import Root
from audit.sealing import agrees, is_pending, origin_of
from audit.tree import HASH_BYTES, TILE_WIDTH, includes, inclusion_proof, leaf_hash, root
from storage.seals import EntryRow, LeafRow, Seal, SealReading
from workflow.errors import IntegrityBroken, NotFound
from workflow.system import NO_HEAD, SYSTEM, Head

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verification starts from: public keys, and checkpoints that were kept, each with where it is from."""

    verifiers: Sequence[Verifier]
    kept: Sequence[tuple[str, bytes]] = ()
    vouched: bool = True


@dataclass(slots=True)
class Report:
    """What was found; `vouched`: the keys are from the key's own file, and not only from the database."""

    faults: list[Fault] = field(default_factory=list)
    entries: int = 0
    chains: int = 0
    leaves: int = 0
    seals: int = 0
    unsealed: int = 0
    last: Seal | None = None
    vouched: bool = True

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; entries that wait for a seal are not."""
        return not self.faults


def verify(reading: SealReading, trust: Trust, told: Progress = lambda count: None) -> Report:
    """Check the whole log; `told` hears of progress, in entries and leaves looked at."""
    report = Report(unsealed=reading.queue_length(), last=reading.last_seal(), vouched=trust.vouched)
    check = _Check(reading, trust, report, told)
    for part in (check.chains, check.rows, check.tree):
        check.tried(part)
    return report


def verify_placement(reading: SealReading, trust: Trust, reference: str) -> Report:
    """Check one placement: its chain, and that what is sealed of it lies under the last checkpoint. Raises NotFound."""
    chain = reading.placement_id(reference)
    if chain is None:
        raise NotFound(f"there is no placement {reference}")
    last = reading.last_seal()
    report = Report(last=last, seals=last.number if last else 0, vouched=trust.vouched)
    check = _Check(reading, trust, report, lambda count: None)
    check.chain(chain, reading.entries(chain))
    report.unsealed = sum(1 for row in reading.entries(chain) if row.queued)
    check.included(chain)
    return report


class _Check:
    def __init__(self, reading: SealReading, trust: Trust, report: Report, told: Progress) -> None:
        self._reading, self._trust, self._report, self._told = reading, trust, report, told
        self._log = reading.log()
        self._origin = origin_of(self._log)
        self._rotations = rotations(reading)
        self._seen = 0
        self._named: set[tuple[str | None, int | None]] = set()

    def _fault(self, code: str, chain: str | None = None, seq: int | None = None, detail: str = "") -> None:
        """Report once what is wrong with an entry: its chain and its leaf often tell the same."""
        where = None if chain is None else self._reading.reference(chain)
        if seq is None or (where, seq) not in self._named:
            self._report.faults.append(Fault(code, where, seq, detail))
        if seq is not None:
            self._named.add((where, seq))

    def tried(self, part: Callable[[], None]) -> None:
        """One part of the check; rows of types that no program of ours wrote are a fault, and no failure."""
        try:
            part()
        except (TypeError, ValueError, AttributeError) as error:
            self._fault("rows_unreadable", detail=str(error))

    def _step(self) -> None:
        self._seen += 1
        self._told(self._seen)

    # Chains

    def chains(self) -> None:
        """Every chain from its first entry, and what waits for a seal and is gone."""
        for name, rows in groupby(self._reading.entries(), key=lambda row: row.placement):
            self.chain(name, rows)
        self.chain(SYSTEM, self._reading.acts())
        for name, seq in self._reading.lost_from_queue():
            self._fault("entry_missing", name, seq)

    def chain(self, name: str, rows: Iterator[EntryRow]) -> None:
        """One chain: bytes, links, numbers, and that each entry is sealed or waits, in this order."""
        head, waits, broken = NO_HEAD, False, False
        for row in rows:
            self._step()
            self._report.entries += 1
            code = self._sealing_fault(row, waits)
            if not broken:
                link = link_fault(row, head, self._log)
                # Whatever follows a broken link cannot fit: only the first is told.
                broken, code = link is not None, link or code
            if code is not None:
                self._fault(code, name, row.seq)
            head, waits = Head(row.seq, row.hash), waits or bool(row.queued)
        self._report.chains += head != NO_HEAD

    @staticmethod
    def _sealing_fault(row: EntryRow, waits: bool) -> str | None:
        if row.position is None:
            return None if row.queued else "never_queued"
        if row.queued:
            return "sealed_twice"
        if row.leaf_hash != row.hash:
            return "other_than_sealed"
        return "after_unsealed" if waits else None

    def rows(self) -> None:
        """Every placement's row names its last entry, and has one."""
        for name, head, stored in self._reading.heads():
            if stored == NO_HEAD:
                self._fault("chain_empty", name)
            elif stored != head:
                self._fault("row_differs", name, head.seq)

    # The tree and its seals

    def tree(self) -> None:
        """The entries, hashed anew in the order of the leaves, give every signed root, in order."""
        last = self._report.last
        size = last.size if last else 0
        self._checkpoints(size)
        if last is not None:
            self._stored_tree(last)
        waiting = _Seals(self._reading.seals(), self)
        top, position = Root(), 0
        for row in self._reading.leaves():
            self._step()
            if row.position != position:
                self._missing(top, position, min(row.position, size))
            position = row.position + 1
            if row.position >= size:
                self._fault("leaf_added", row.placement, row.seq)
                continue
            top.append(self._leaf(row, waiting))
            waiting.pass_by(top)
        self._missing(top, position, size)
        waiting.pass_by(top)
        waiting.end()
        self._report.leaves, self._report.seals = top.size, waiting.count

    def _missing(self, top: Root, first: int, end: int) -> None:
        """Leaves that are not there, however many a changed row claims; the kept hashes go on for them."""
        if first < end:
            self._fault("leaf_missing", detail=str(first) if end == first + 1 else f"{first} … {end - 1}")
        for position in range(first, end):
            kept = self._kept(position)
            if not kept:
                return
            top.append(kept)

    def _leaf(self, row: LeafRow, waiting: "_Seals") -> bytes:
        """The leaf's hash; where its entry is gone or another, that is told and the kept hash goes on."""
        kept = self._kept(row.position)
        if not isinstance(row.data, bytes):
            self._fault("entry_missing", row.placement, row.seq)
            return kept
        if leaf_hash(row.data) != kept:
            self._fault("other_than_sealed", row.placement, row.seq)
        if waiting.bound is not None and is_recorded_before(row.data, waiting.bound):
            self._fault("recorded_late", row.placement, row.seq)
        return kept

    def _kept(self, position: int) -> bytes:
        number, offset = divmod(position, TILE_WIDTH)
        return self._tile(number)[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]

    def _tile(self, number: int) -> bytes:
        if getattr(self, "_tile_number", None) != number:
            self._tile_number, self._tile_data = number, self._reading.get(0, number)
        return self._tile_data

    def _stored_tree(self, last: Seal) -> None:
        try:
            fits = root(self._reading, last.size) == last.root
        except IntegrityBroken as error:
            self._fault("tree_changed", detail=str(error))
            return
        if not fits:
            self._fault("tree_changed")

    def seal(self, seal: Seal, before: Seal | None, found: bytes | None) -> None:
        """One seal: signed, in order, and over what is there."""
        number = f"n° {seal.number}"
        if not self._is_signed(seal):
            self._fault("seal_signature", detail=number)
        expected = before.number + 1 if before else 1
        if seal.number != expected or (before and (seal.size <= before.size or seal.sealed_at < before.sealed_at)):
            self._fault("seal_order", detail=number)
        if found is not None and found != seal.root:
            self._fault("seal_wrong", detail=number)

    def _is_signed(self, seal: Seal) -> bool:
        """Whether the keys of its time signed a seal: each of them, where it announces a new one."""
        keys = keys_for(seal.size, self._trust.verifiers, self._rotations)
        announcing = any(each.size == seal.size for each in self._rotations)
        groups = [[key] for key in keys] if announcing else [keys]
        return all(agrees(seal, group, self._origin) for group in groups)

    @property
    def times_count(self) -> bool:
        """Whether recording times are compared: a sandbox's clock may be set back."""
        return not self._reading.is_sandbox()

    def _checkpoints(self, size: int) -> None:
        """The checkpoints that were kept elsewhere are beginnings of this log."""
        known = all_keys(self._trust.verifiers, self._rotations)
        for where, note in self._trust.kept:
            try:
                checkpoint = open_checkpoint(note, known, self._origin)
            except IntegrityBroken as error:
                self._fault("checkpoint_unreadable", detail=f"{where}: {error}")
                continue
            if checkpoint.size > size:
                self._fault("older_than_checkpoint", detail=f"{where}: {checkpoint.size} > {size}")
            elif not self._begins_with(checkpoint):
                self._fault("checkpoint_differs", detail=f"{where}: {checkpoint.size}")

    def _begins_with(self, checkpoint: Checkpoint) -> bool:
        try:
            return root(self._reading, checkpoint.size) == checkpoint.root
        except IntegrityBroken:
            return False

    # One placement

    def included(self, chain: str) -> None:
        """Every sealed entry of one placement lies under the last seal, by its proof."""
        last = self._report.last
        if last is None:
            return
        if not self._is_signed(last):
            self._fault("seal_signature", detail=f"n° {last.number}")
        self._checkpoints(last.size)
        for row in self._reading.leaves(placements=[chain]):
            self._report.leaves += 1
            if row.data is None or not self._is_included(row, last):
                self._fault("entry_missing" if row.data is None else "other_than_sealed", chain, row.seq)

    def _is_included(self, row: LeafRow, last: Seal) -> bool:
        try:
            proof = inclusion_proof(self._reading, row.position, last.size)
        except (IntegrityBroken, ValueError):
            return False
        return row.data is not None and includes(leaf_hash(row.data), row.position, last.size, proof, last.root)


class _Seals:
    """The seals in order, each looked at when the tree has grown to its size."""

    def __init__(self, seals: Iterator[Seal], check: _Check) -> None:
        self._seals, self._check = seals, check
        self._before: Seal | None = None
        self._next = next(seals, None)
        self._times = check.times_count
        self.bound: datetime | None = None
        self.count = 0

    def pass_by(self, top: Root) -> None:
        """Look at the seals of this size."""
        while self._next is not None and self._next.size <= top.size:
            self._look(self._next, top.value() if self._next.size == top.size else b"")

    def end(self) -> None:
        """Look at the seals over more than there is."""
        while self._next is not None:
            self._look(self._next, b"")

    def _look(self, seal: Seal, found: bytes) -> None:
        self._check.seal(seal, self._before, found)
        if self._times and not is_pending(seal):
            self.bound = seal.sealed_at - COMMIT_BOUND
        self._before, self._next, self.count = seal, next(self._seals, None), self.count + 1
