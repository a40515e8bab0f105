"""Who holds what there is once only, in memory: quotas with their ceilings, and values that one placement has alone."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field

from workflow.changes import Claim, Hold, QuotaClaim
from workflow.errors import IntegrityBroken


@dataclass(frozen=True, slots=True)
class MemoryClaims:
    """What was granted: by quota, by field and token, by field and placement."""

    used: MutableMapping[str, int] = field(default_factory=dict)
    ceilings: MutableMapping[str, int | None] = field(default_factory=dict)
    holders: MutableMapping[tuple[str, str], str] = field(default_factory=dict)
    tokens: MutableMapping[tuple[str, str], str] = field(default_factory=dict)

    def grant(self, placement: str, claims: Iterable[Claim]) -> Claim | None:
        """Grant all of these, or none where one cannot be granted: that one."""
        asked = list(claims)
        refused = next((claim for claim in asked if not self._may(placement, claim)), None)
        if refused is None:
            for claim in asked:
                self._take(placement, claim)
        return refused

    def _may(self, placement: str, claim: Claim) -> bool:
        if isinstance(claim, Hold):
            return self.holders.get((claim.field, claim.token), placement) == placement
        return not isinstance(claim, QuotaClaim) or self._has_room(claim)

    def _has_room(self, claim: QuotaClaim) -> bool:
        if claim.quota not in self.ceilings:
            return False
        used, ceiling = self.used.get(claim.quota, 0) + claim.delta, self.ceilings[claim.quota]
        if used < 0:
            raise IntegrityBroken(f"more of the quota {claim.quota} is given back than was taken")
        return claim.delta <= 0 or ceiling is None or used <= ceiling

    def _take(self, placement: str, claim: Claim) -> None:
        if isinstance(claim, QuotaClaim):
            self.used[claim.quota] = self.used.get(claim.quota, 0) + claim.delta
            return
        if (claim.field, placement) in self.tokens:
            del self.holders[claim.field, self.tokens.pop((claim.field, placement))]
        if isinstance(claim, Hold):
            self.holders[claim.field, claim.token], self.tokens[claim.field, placement] = placement, claim.token
