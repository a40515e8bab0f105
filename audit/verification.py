"""Does the stored history hold: every chain, every leaf, every seal, and the checkpoints that somebody kept?

Streams: an entry takes a third of a byte of memory, and where all is well each is read once. It repairs nothing,
writes nothing, and reports each thing that is wrong with its placement and seq. Whether rows follow from the history is
for `doctor`.
"""

from audit.chains import Chains
from audit.findings import Findings, Progress
from audit.findings import Report as Report
from audit.leaves import Leaves
from audit.roots import Roots
from audit.signed import Signed
from audit.signed import Trust as Trust
from audit.sound import Sound
from audit.tree import includes, inclusion_proof, leaf_hash
from storage.seals import LeafRow, Seal, SealReading
from workflow.errors import IntegrityBroken, NotFound


def verify(reading: SealReading, trust: Trust, told: Progress = lambda count: None) -> Report:
    """Check the whole log; `told` hears of progress, in entries and leaves looked at."""
    report = Report(unsealed=reading.queue_length(), last=reading.last_seal(), vouched=trust.vouched)
    findings, size = Findings(reading, report, told), report.last.size if report.last else 0
    signed, leaves = Signed(reading, trust, findings), Leaves(reading, size)
    sound, chains = Sound(reading, findings, leaves).holds(), Chains(reading, findings)

    def tree() -> None:
        signed.checkpoints(size)
        if report.last is not None:
            signed.tree(report.last)
        Roots(reading, findings, signed).all(size, leaves)

    for part in (tree,) if sound else (chains.all, chains.rows, tree):
        findings.tried(part)
    return report


def verify_placement(reading: SealReading, trust: Trust, reference: str) -> Report:
    """Check one placement: its chain, and that what is sealed of it lies under the last checkpoint. Raises NotFound."""
    chain = reading.placement_id(reference)
    if chain is None:
        raise NotFound(f"there is no placement {reference}")
    last = reading.last_seal()
    report = Report(last=last, seals=last.number if last else 0, vouched=trust.vouched)
    findings = Findings(reading, report)
    signed = Signed(reading, trust, findings)
    Chains(reading, findings).one(chain)
    report.unsealed = sum(1 for row in reading.entries(chain) if row.queued)
    if last is not None:
        signed.signature(last)
        signed.checkpoints(last.size)
        _included(reading, findings, chain, last)
    return report


def _included(reading: SealReading, findings: Findings, chain: str, last: Seal) -> None:
    """Every sealed entry of one placement lies under the last seal, by its proof."""
    for row in reading.leaves(placements=[chain]):
        findings.report.leaves += 1
        if row.data is None or not _is_included(reading, row, last):
            findings.fault("entry_missing" if row.data is None else "other_than_sealed", chain, row.seq)


def _is_included(reading: SealReading, row: LeafRow, last: Seal) -> bool:
    try:
        proof = inclusion_proof(reading, row.position, last.size)
    except (IntegrityBroken, ValueError):
        return False
    return row.data is not None and includes(leaf_hash(row.data), row.position, last.size, proof, last.root)
