"""Finding requests: values with which a transition is granted, and those with which one guard of it refuses.

A small search: the likeliest value of each field first, then one field after the other, then two together, those
fields first of which the refusing guards speak. Nothing is known of the process but its definition.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from rehearsal.judging import Bench, Verdict
from rehearsal.stage import Ask
from rehearsal.values import candidates
from workflow.definition import SCHEDULER, Transition

MAX_TRIED = 600
FREE_REASON = "rehearsal"
Witness = Callable[[Verdict], None]
_SETTLED = {"not_yet", "already_recorded"}


@dataclass(frozen=True)
class Found:
    """A request, and what the engine says of it."""

    ask: Ask
    verdict: Verdict


def unseen(verdict: Verdict) -> None:
    """The witness who looks away."""


class Finder:
    """Finds requests for the transitions that stand in a placement's state at one moment; tells all verdicts."""

    def __init__(self, bench: Bench, witness: Witness = unseen) -> None:
        self.bench, self._witness = bench, witness
        self._definition = bench.journal.rules.definition
        self._known: dict[str, list[str]] = {}
        self.closest: Found | None = None

    def judge(self, ask: Ask) -> Verdict:
        """What the engine says of a request, told to the witness too."""
        verdict = self.bench.judge(ask)
        self._witness(verdict)
        return verdict

    def granted(self, transition: Transition, most: int = MAX_TRIED) -> Found | None:
        """A request that this very transition grants; None where none was found (`closest` is the nearest)."""
        self.closest = None
        for ask in islice(self._asks(transition), most):
            found = Found(ask, self.judge(ask))
            if _means(found, transition) and found.verdict.granted:
                return found
            if _means(found, transition) and self._is_settled(transition, found.verdict):
                self.closest = found
                return None
            if self.closest is None or _distance(found, transition) < _distance(self.closest, transition):
                self.closest = found
        return None

    def refused(self, granted: Found, code: str) -> Found | None:
        """A request like one that is granted, but that the guard with this code refuses: only it, where possible."""
        best: Found | None = None
        for ask in islice(self._near(granted), MAX_TRIED):
            found = Found(ask, self.judge(ask))
            if found.verdict.transition != granted.verdict.transition or found.verdict.held.get(code) is not False:
                continue
            if best is None or len(found.verdict.blockers) < len(best.verdict.blockers):
                best = found
            if len(best.verdict.blockers) == 1:
                break
        return best

    def _is_settled(self, transition: Transition, verdict: Verdict) -> bool:
        """Whether no other values could help: something refuses that does not depend on them."""
        codes = {blocker.code for blocker in verdict.blockers}
        if codes & _SETTLED:
            return True
        refusing = [guard for guard in transition.guards if guard.code in codes and guard.require is not None]
        return any(not self._depends(transition, str(guard.require)) for guard in refusing)

    def _depends(self, transition: Transition, expression: str) -> bool:
        program = self.bench.journal.rules.program(expression)
        spoken = program.speaks_of
        return not spoken.isdisjoint({*transition.needs, *transition.takes, "role", "reason_given", "occurred_on"})

    def values(self, name: str) -> list[str]:
        """The values to try for a field."""
        if name not in self._known:
            self._known[name] = candidates(self.bench, self._definition.fields[name])
        return self._known[name]

    def plain(self, transition: Transition, role: str | None = None) -> Ask:
        """The request with the likeliest value of everything that the transition needs."""
        fields = {name: self.values(name)[0] for name in transition.needs}
        reason = self._reason(transition) if transition.reason_required else None
        roles = sorted(transition.by - {SCHEDULER})
        return Ask(transition.trigger, role or (roles[0] if roles else ""), fields, reason)

    def _reason(self, transition: Transition) -> str:
        codes = list(self._definition.reasons)
        # A free text before the end: it is personal, and its retention is to be seen.
        if transition.to is not None and self._definition.is_final(transition.to):
            return FREE_REASON
        return codes[transition.number % len(codes)] if codes else FREE_REASON

    def _asks(self, transition: Transition) -> Iterator[Ask]:
        for role in sorted(transition.by - {SCHEDULER}):
            first = self.plain(transition, role)
            yield first
            yield from self._varied(transition, first)
            reasoned = replace(first, reason=self._reason(transition))
            if reasoned != first:
                yield reasoned
                yield from self._varied(transition, reasoned)

    def _varied(self, transition: Transition, ask: Ask) -> Iterator[Ask]:
        names = self._spoken_of(transition)
        for name in names:
            yield from (ask.with_value(name, value) for value in self._choices(transition, name))
        for index, one in enumerate(names):
            for other in names[index + 1 :]:
                pairs = product(self._choices(transition, one)[:8], self._choices(transition, other)[:8])
                yield from (ask.with_value(one, a).with_value(other, b) for a, b in pairs)

    def _choices(self, transition: Transition, name: str) -> Sequence[str | None]:
        return self.values(name) if name in transition.needs else [*self.values(name), None]

    def _spoken_of(self, transition: Transition) -> list[str]:
        """The fields that may come with the request, those first of which its conditions and guards speak."""
        taken, rules = [*transition.needs, *transition.takes], self.bench.journal.rules
        texts = [guard.require for guard in transition.guards]
        texts += [transition.when.expression] if transition.when else []
        programs = [rules.program(text) for text in texts if text]
        spoken = {name for each in programs for name in each.speaks_of}
        return sorted(taken, key=lambda name: name not in spoken)

    def _near(self, granted: Found) -> Iterator[Ask]:
        transition, ask = granted.verdict.transition, granted.ask
        if transition is None:
            return
        names = self._spoken_of(transition)
        yield ask
        if ask.reason:
            yield replace(ask, reason=None)
        for name in names:
            yield from (ask.with_value(name, value) for value in (*self.values(name), None))
        for role in sorted(transition.by - {SCHEDULER, ask.role}):
            yield replace(ask, role=role)
        for one, other in _pairs(names):
            pairs = product(self.values(one)[:12], self.values(other)[:12])
            yield from (ask.with_value(one, a).with_value(other, b) for a, b in pairs)


def _pairs(names: Sequence[str]) -> Iterable[tuple[str, str]]:
    return ((one, other) for index, one in enumerate(names) for other in names[index + 1 :])


def _means(found: Found, transition: Transition) -> bool:
    return found.verdict.transition == transition


def _distance(found: Found, transition: Transition) -> tuple[bool, int]:
    return not _means(found, transition), len(found.verdict.blockers)
