"""Claims over SQL: quotas and exclusive values, taken one by one so that the first that fails is known.

Most changes claim one thing, and are granted it: that takes one statement, and nothing that could undo it.
"""

from collections import Counter
from collections.abc import Sequence

from storage.executing import Executor
from storage.statements import Writes
from workflow.changes import Change, Claim, Hold, QuotaClaim, Release
from workflow.errors import IntegrityBroken
from workflow.store import ClaimRefused


def only_give_back(changes: Sequence[Change]) -> bool:
    """Whether nothing is taken, as in most sweeps: then no claim can be refused, and their order is all one."""
    return all(
        isinstance(claim, Release) or (isinstance(claim, QuotaClaim) and claim.delta < 0)
        for change in changes
        for claim in change.claims
    )


def give_back(executor: Executor, statements: Writes, changes: Sequence[Change]) -> None:
    """Give back all that such changes do, at once. Raises IntegrityBroken for a quota that is not there.

    Best done last: whoever gives back to a quota keeps everybody else from it until the transaction ends.
    """
    back: Counter[str] = Counter()
    released = []
    for change in changes:
        for claim in change.claims:
            if isinstance(claim, QuotaClaim):
                back[claim.quota] += claim.delta
            elif isinstance(claim, Release):
                released.append((claim.field, change.after.id))
    statements.bulk.released.run(executor, released)
    for name, delta in sorted(back.items()):
        if executor.write(statements.take_quota, (delta, name, delta, delta)) != 1:
            raise IntegrityBroken(
                f"the quota {name}, of which posts are given back, is not there: run `parcours doctor`"
            )


def settle(executor: Executor, statements: Writes, changes: Sequence[Change]) -> None:
    """Take what is claimed and give back what is released, in order, all of it or nothing.

    Raises ClaimRefused for the first claim that cannot be met.
    """
    claimed = [(change.after, claim) for change in changes for claim in change.claims]
    if not claimed or (len(claimed) == 1 and _met_at_once(executor, statements, claimed[0][0].id, claimed[0][1])):
        return
    executor.write(statements.before_claims)
    for after, claim in claimed:
        if not _met(executor, statements, after.id, claim):
            executor.write(statements.without_claims)
            raise ClaimRefused(after.reference, claim)
    executor.write(statements.after_claims)


def _met_at_once(executor: Executor, statements: Writes, placement: str, claim: Claim) -> bool:
    """Meet a claim by one statement; false where that did nothing, as where it takes the place of an earlier one."""
    match claim:
        case QuotaClaim(name, delta):
            return executor.write(statements.take_quota, (delta, name, delta, delta)) == 1
        case Hold(field, token):
            return executor.write(statements.hold, (field, token, placement)) == 1
        case Release(field):
            executor.write(statements.release, (field, placement))
            return True


def _met(executor: Executor, statements: Writes, placement: str, claim: Claim) -> bool:
    if isinstance(claim, Hold):
        executor.write(statements.release, (claim.field, placement))
    return _met_at_once(executor, statements, placement, claim)
