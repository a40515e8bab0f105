"""What to answer where a claim was refused: a quota used up, or a value that another placement holds."""

from workflow import blockers
from workflow.changes import Claim, QuotaClaim, Release
from workflow.errors import Blocker
from workflow.rules import Rules


def claim_blocker(rules: Rules, claim: Claim) -> Blocker:
    """The blocker of a claim that the store could not grant."""
    if isinstance(claim, QuotaClaim):
        quota = rules.definition.quotas[claim.quota]
        details = {"quota": quota.name, "limit": quota.limit}
        return Blocker("quota_exhausted", quota.message.fr, quota.message.en, details)
    if isinstance(claim, Release):
        raise ValueError(f"nothing can refuse to release {claim.field}")
    return blockers.value_taken(claim.field)
