"""What a fact does to the clocks: which are set anew, and which run, are due, or are over, once it is entered.

Follows `deadlines.observe`: an occurrence ends when its span is left or it is met, and opens anew with a new anchor
only; one that opens when it is due already is due at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow.definition import Anchor, EntryAnchor, Transition
from workflow.language.reachability import Fact
from workflow.timing.model import Model, Timer, is_dated
from workflow.timing.nodes import AHEAD, LATE, NOW, OPEN, OVER, STILL, UNSET, Node, Step
from workflow.timing.zones import Zone

Part = tuple[tuple[str, ...], Zone]
"""How each clock stands, with what they show."""


@dataclass(frozen=True)
class Clocks:
    """The clocks of one model."""

    model: Model

    def renewals(
        self, node: Node, after: Node, touched: frozenset[Fact], move: Transition | None, zone: Zone
    ) -> Iterator[tuple[frozenset[int], Zone]]:
        """The clocks that get a new anchor, set to the days that they may have; a date may be set to what it was."""
        surely: list[tuple[Timer, Anchor, bool]] = []
        perhaps: list[tuple[Timer, Anchor, bool]] = []
        for timer in self.model.timers:
            if timer.limit:
                surely += [(timer, timer.anchors[0], True)] if _begins(timer, node, after) else []
                continue
            before, now = self.model.anchor_of(timer, node.facts), self.model.anchor_of(timer, after.facts)
            if now is None:
                continue
            anchor = timer.anchors[now]
            now_set = timer.anchor_facts[now] in touched
            today = now_set and (isinstance(anchor, EntryAnchor) or _dates(move, anchor))
            again = now_set and not (isinstance(anchor, EntryAnchor) and anchor.first)
            if now != before:
                surely.append((timer, anchor, today))
            elif again:
                (surely if isinstance(anchor, EntryAnchor) else perhaps).append((timer, anchor, today))
        for more in ([], perhaps) if perhaps else ([],):
            anew = self._set(zone, [*surely, *more])
            yield frozenset(timer.number for timer, _, _ in (*surely, *more)), anew

    def _set(self, zone: Zone, renewed: Sequence[tuple[Timer, Anchor, bool]]) -> Zone:
        found: Zone | None = zone
        for number, (timer, anchor, today) in enumerate(renewed):
            if found is not None:
                found = found.freed(timer.number + 1)
            if found is not None and today:
                highest = timer.days.highest
                found = found.within(timer.number + 1, None if highest is None else -highest, -timer.days.lowest)
            for other, its_anchor, is_today in renewed[:number]:
                if found is not None and ((today and is_today) or anchor == its_anchor):
                    found = self._parted(found, timer, other)
        # Together they hold for each day, so that none contradicts another.
        return zone if found is None else found

    def _parted(self, zone: Zone, one: Timer, other: Timer) -> Zone | None:
        spread = self.model.spread(one, other)
        if spread is None or spread.highest is None:
            return zone
        # Who is due later shows less.
        parted = zone.less(other.number + 1, one.number + 1, spread.highest)
        return parted and parted.less(one.number + 1, other.number + 1, -spread.lowest)

    def reviewed(
        self, after: Node, status: tuple[str, ...], zone: Zone, step: Step, *, entered: bool
    ) -> Iterator[Part]:
        parts: list[Part] = [((), zone)]
        for timer in self.model.timers:
            parts = [
                ((*known, here), rest)
                for known, parted in parts
                for here, rest in self._review(timer, after, status[timer.number], parted, step, entered=entered)
            ]
        yield from parts

    def _review(
        self, timer: Timer, after: Node, status: str, zone: Zone, step: Step, *, entered: bool
    ) -> Iterator[tuple[str, Zone]]:
        if timer.limit:
            yield from self._limited(timer, after, status, zone, entered=entered)
        elif self.model.anchor_of(timer, after.facts) is None:
            yield UNSET, zone.freed(timer.number + 1)
        else:
            yield from self._occurrence(timer, after, status, zone, step)

    def _occurrence(self, timer: Timer, after: Node, status: str, zone: Zone, step: Step) -> Iterator[tuple[str, Zone]]:
        clock = timer.number + 1
        since = timer.since is None or Fact("entered", timer.since) in after.facts
        runs = since and after.state in timer.span
        met = _is_met(timer, after, step)
        if status in (OPEN, NOW, STILL):
            if not runs or met is True:
                yield OVER, zone.freed(clock)
                return
            if met is None:
                yield OVER, zone.freed(clock)
            changed = timer.length_field is not None and timer.length_field in _fields_of(step)
            if after.state in timer.stops:
                yield STILL, zone.freed(clock)
            elif changed or status == STILL:
                # How long it stood still is not kept: it may be due at any time from now on.
                yield from self._opened(timer, zone.freed(clock))
            else:
                yield status, zone
        elif status in (AHEAD, LATE) and runs and met is not True:
            if met is None or timer.may_lack_length:
                yield status, zone
            if after.state in timer.stops:
                yield STILL, zone.freed(clock)
            else:
                yield from [(NOW, zone)] if status == LATE else self._opened(timer, zone)
        else:
            yield status, zone

    def _opened(self, timer: Timer, zone: Zone) -> Iterator[tuple[str, Zone]]:
        before = zone.within(timer.number + 1, None, 0 if timer.is_exact else -1)
        if before is not None:
            yield OPEN, before
        late = zone.within(timer.number + 1, 0, None)
        if late is not None:
            yield NOW, late.freed(timer.number + 1)

    def _limited(
        self, timer: Timer, after: Node, status: str, zone: Zone, *, entered: bool
    ) -> Iterator[tuple[str, Zone]]:
        if status == AHEAD:
            yield OPEN, zone
        elif entered and after.state in timer.span and status in (OPEN, NOW):
            yield UNSET, zone.freed(timer.number + 1)
        else:
            yield status, zone


def _begins(timer: Timer, node: Node, after: Node) -> bool:
    """Whether a limit begins with an entry: with the first, with each, or with one while it does not count."""
    anchor = timer.anchors[0]
    if not (after.fresh and isinstance(anchor, EntryAnchor) and after.state == anchor.state):
        return False
    if anchor.first:
        return not node.is_set(anchor)
    return timer.restarts or after.state in timer.span or node.status[timer.number] == UNSET


def _dates(move: Transition | None, anchor: Anchor) -> bool:
    return move is not None and is_dated(move, anchor)


def _fields_of(step: Step) -> set[str | None]:
    return set() if step.move is None else {*step.move.needs, *step.move.takes}


def _is_met(timer: Timer, after: Node, step: Step) -> bool | None:
    """Whether what a deadline waits for has been recorded; None where that is not known."""
    until = timer.until
    if until is None:
        return False
    if until.field is not None:
        return Fact("set", until.field) in after.facts
    if until.times == 1:
        return Fact("fired", str(until.trigger)) in after.facts
    return None
