"""What the checks say of a drawn definition, beside what the engine was seen to do: where they disagree.

Where the engine did what a check says is impossible, that is a fault always. Where a check says more than was seen, it
is one where all was tried and no length is counted in hours, for which the checks err on the safe side by a day. A life
that shows a finding must have been found, but for dates that people choose.
"""

import re
from collections.abc import Callable, Iterator

from tests.unit.timing.drawn_definitions import drawn
from tests.unit.timing.every_run import EveryRun, Seen
from workflow.definition import Definition
from workflow.errors import Finding
from workflow.loader import examine_definition

_POINTS = 220
_NO_LIVES = {"automatic_cycle", "leaves_final_state"}


def disagreements(seed: int, points: int = _POINTS, draw: Callable[[int], str] = drawn) -> list[str]:
    """One sentence for each thing on which checks and engine disagree under one definition."""
    text = draw(seed)
    definition, findings = examine_definition(text.encode(), "drawn.yaml")
    assert definition is not None, text
    if _NO_LIVES & {finding.code for finding in findings}:
        return []
    told, seen = _Told(definition, findings, text), EveryRun(definition, points).explored()
    found = [*_missed(told, seen)]
    # What stands still is due at any time from then on, and a guard that looks at more than one field may hold or not.
    if " hours" not in text and " paused_in: " not in text:
        chosen = "{field: signed_on}" in text
        unshown = [each.message for each in findings if "cannot be excluded" in each.message]
        found += [] if chosen else [f"shown by no life: {message}" for message in unshown]
        found += _too_many(told, seen) if seen.whole else []
    return [f"seed {seed}: {sentence}" for sentence in found]


class _Told:
    def __init__(self, definition: Definition, findings: list[Finding], text: str) -> None:
        first = text.splitlines().index("invariants:") + 2
        self.deadlines = set(definition.deadlines)
        self.pairs = {_names(each) for each in findings if each.code == "same_instant"}
        self.never = {_names(each)[0] for each in findings if each.code == "never_fires"}
        self.broken = {each.line - first for each in findings if each.code == "invariant_broken"}
        self.broken |= {-1 for each in findings if each.code == "too_long"}
        self.rounds = any(each.code == "endless_cycle" for each in findings)
        self.restless = any(each.code == "instant_cycle" for each in findings)


def _names(finding: Finding) -> tuple[str, ...]:
    return tuple(re.findall(r"'(d\d)'", finding.message)[:2])


def _missed(told: _Told, seen: Seen) -> Iterator[str]:
    yield from (f"{pair} fell at one instant" for pair in sorted(seen.pairs - told.pairs))
    yield from (f"invariant {number} was broken" for number in sorted(seen.broken - told.broken))
    yield from (f"{name} fell due" for name in sorted(seen.fell_due & told.never))
    yield from [f"a placement goes round: {seen.rounds}"] if seen.rounds and not told.rounds else []
    yield from ["a placement never came to rest"] if seen.restless and not told.restless else []


def _too_many(told: _Told, seen: Seen) -> Iterator[str]:
    yield from (f"{pair} never fell at one instant" for pair in sorted(told.pairs - seen.pairs))
    yield from (f"invariant {number} was never broken" for number in sorted(told.broken - seen.broken))
    yield from (f"{name} never fell due" for name in sorted(told.deadlines - seen.fell_due - told.never))
    yield from ["no placement goes round"] if told.rounds and not seen.rounds else []
    yield from ["every placement came to rest"] if told.restless and not seen.restless else []
