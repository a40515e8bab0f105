"""How placements move and time passes: from a node and its clocks to all that can come next.

Follows deadlines.py and settling.py: what is due at an instant comes before what people do at it; notices come before
what fires; an occurrence ends when its span is left, and opens anew only with a new anchor. What a guard looks at is
not reckoned: it may hold or not. So there is at least every run of the engine, but for corrections.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple, TypeVar

from workflow.definition import SCHEDULER, Anchor, EntryAnchor, Transition
from workflow.language.reachability import Fact
from workflow.placing import waiting_fields
from workflow.timing.model import (
    AHEAD,
    LATE,
    NOW,
    OPEN,
    OVER,
    UNSET,
    Model,
    Node,
    Timer,
    can_be_taken,
    is_dated,
    surely_grants,
)
from workflow.timing.zones import Zone

_MANY_FIELDS = 3
_T = TypeVar("_T")


class Step(NamedTuple):
    """What happens: `placed`, `moved`, `recorded`, `automatic`, `timeout`, `missed`, `waited`, or a limit is `passed`.

    `renewed` are the numbers of the clocks that were given a new anchor, `given` the fields that came with it.
    """

    kind: str
    name: str
    move: Transition | None = None
    given: frozenset[str] = frozenset()
    renewed: frozenset[int] = frozenset()


Successor = tuple[Step, Node, Zone]
_Part = tuple[tuple[str, ...], Zone]


@dataclass(frozen=True)
class Steps:
    """The steps of one model; `more` clocks follow those of its timers and are left alone."""

    model: Model
    more: int = 0

    def first(self) -> Iterator[Successor]:
        """How a placement can begin: at midnight or later, with and without the dates that may come with it."""
        definition, fields = self.model.definition, self.model.tracked_fields
        waiting = waiting_fields(definition)
        given = {name for name in fields if definition.fields[name].required}
        defaulted = {name for name in fields if definition.fields[name].default is not None}
        optional = sorted(((fields - waiting) | defaulted) - given - self.model.unset)
        emptied = frozenset(definition.unset_on.get(definition.initial, ()))
        blank = Node("", True, False, frozenset(), (UNSET,) * len(self.model.timers))
        for chosen in _subsets(optional):
            for midnight in (False, True):
                names = frozenset({*given, *chosen})
                start = blank._replace(midnight=midnight)
                zone = Zone.unbounded(len(self.model.timers) + self.more)
                step = Step("placed", definition.initial, given=names)
                yield from self._happen(step, start, zone, definition.initial, names, emptied)

    def after(self, node: Node, zone: Zone) -> Iterator[Successor]:
        """All that can come next."""
        if node.state not in self.model.definition.open_states:
            # A life is over; who waits for something else waits in vain.
            yield from self._waited(node, zone) if self._is_counted(node) else ()
        elif node.fresh:
            yield from self._automatic(node, zone)
        elif self._due(node):
            yield from self._fall_due(node, zone)
        else:
            yield from self._asked(node, zone)
            yield from self._fired_at_will(node, zone)
            yield from self._waited(node, zone)

    def _is_counted(self, node: Node) -> bool:
        return any(timer.limit and node.status[timer.number] in (OPEN, NOW) for timer in self.model.timers)

    def _due(self, node: Node) -> list[Timer]:
        due = [t for t in self.model.timers if node.status[t.number] == NOW and not t.limit]
        return sorted(due, key=lambda timer: timer.rank)

    def _automatic(self, node: Node, zone: Zone) -> Iterator[Successor]:
        rested = node._replace(fresh=False)
        for move in self.model.definition.automatic_from[node.state]:
            if can_be_taken(move, node.facts, self.model.tracked):
                yield from self._taken(Step("automatic", move.trigger, move), rested, zone)
                if self._surely_holds(move, node):
                    return
        yield Step("rested", node.state), rested, zone

    def _surely_holds(self, move: Transition, node: Node) -> bool:
        if move.when is None:
            return True
        text = " ".join((move.when.expression or "").split())
        known = [fact.name for fact in node.facts if fact.kind == "set"]
        return not move.when.predicates and text in {f"has({name})" for name in known}

    def _fall_due(self, node: Node, zone: Zone) -> Iterator[Successor]:
        timer = self._due(node)[0]
        over = node._replace(status=_with(node.status, timer.number, OVER))
        zone = zone.freed(timer.number + 1)
        surely = False
        for move in self._fired_by(timer.then, node) if timer.then is not None else ():
            yield from self._taken(Step("timeout", timer.name, move), over, zone)
            granted = all(surely_grants(guard) for guard in move.guards)
            surely = granted and move.when is None
            if surely or move.when is None:
                break
        if not surely:
            yield Step("missed", timer.name), over, zone

    def _fired_by(self, then: str | None, node: Node) -> Iterator[Transition]:
        for move in self.model.definition.transitions_from(node.state, str(then)):
            if SCHEDULER in move.by and can_be_taken(move, node.facts, self.model.tracked):
                yield move

    def _fired_at_will(self, node: Node, zone: Zone) -> Iterator[Successor]:
        for spec in self.model.unwatched:
            if node.state in spec.span and (spec.since is None or Fact("entered", spec.since) in node.facts):
                for move in self._fired_by(spec.then, node):
                    yield from self._taken(Step("timeout", spec.name, move), node, zone)

    def _asked(self, node: Node, zone: Zone) -> Iterator[Successor]:
        for move in self.model.moves_from[node.state]:
            if not can_be_taken(move, node.facts, self.model.tracked) or not self._matters(move, node):
                continue
            kind = "moved" if move.to not in (None, node.state) else "recorded"
            yield from self._taken(Step(kind, move.trigger, move), node, zone)

    def _matters(self, move: Transition, node: Node) -> bool:
        if move.to not in (None, node.state):
            return True
        fields = {*move.needs, *move.takes, *self.model.definition.unset_on.get(move.trigger, ())}
        lengths = {timer.length_field for timer in self.model.timers}
        fired = Fact("fired", move.trigger)
        met = {timer.until.trigger for timer in self.model.timers if timer.until is not None}
        return (
            not fields.isdisjoint(self.model.tracked_fields | lengths)
            or (fired in self.model.tracked and fired not in node.facts)
            or move.trigger in met
        )

    def _taken(self, step: Step, node: Node, zone: Zone) -> Iterator[Successor]:
        move = step.move
        if move is None:
            return
        tracked = self.model.tracked_fields - self.model.unset
        if not self.model.unset.isdisjoint(name for name in move.needs if name not in move.kept):
            return
        needed = {name for name in move.needs if name in tracked and name not in move.kept}
        optional = sorted(name for name in {*move.takes, *move.kept} if name in tracked)
        for chosen in _subsets(optional):
            names = frozenset({*needed, *chosen})
            emptied = self._emptied(move, node.state)
            yield from self._happen(step._replace(given=names), node, zone, move.to, names, emptied)

    def _emptied(self, move: Transition, state: str) -> frozenset[str]:
        causes = [move.trigger, *([move.to] if move.to not in (None, state) else [])]
        return frozenset(name for cause in causes for name in self.model.definition.unset_on.get(str(cause), ()))

    def _happen(
        self, step: Step, node: Node, zone: Zone, to: str | None, given: frozenset[str], emptied: frozenset[str]
    ) -> Iterator[Successor]:
        """The fact is entered: fields are set and emptied, a state perhaps entered, and every clock looked at anew."""
        entered = to is not None and to != node.state
        touched = {Fact("set", name) for name in given - emptied}
        touched |= {Fact("entered", str(to))} if entered else set()
        touched |= {Fact("fired", step.name)} if step.kind in ("moved", "recorded") else set()
        touched |= {Fact("fired", step.move.trigger)} if step.kind == "timeout" and step.move else set()
        kept = node.facts - {Fact("set", name) for name in emptied}
        facts = frozenset(kept | (touched & self.model.tracked))
        after = Node(str(to) if entered else node.state, node.midnight, entered, facts, node.status)
        for renewed, anew in self._renewals(node, after, frozenset(touched), step.move, zone):
            status = tuple(AHEAD if number in renewed else old for number, old in enumerate(node.status))
            for reviewed, parted in self._reviewed(after, status, anew, step, entered=entered):
                yield step._replace(renewed=renewed), after._replace(status=reviewed), parted

    def _renewals(
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

    def _reviewed(
        self, after: Node, status: tuple[str, ...], zone: Zone, step: Step, *, entered: bool
    ) -> Iterator[_Part]:
        parts: list[_Part] = [((), zone)]
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

    def _occurrence(
        self, timer: Timer, after: Node, status: str, zone: Zone, step: Step
    ) -> Iterator[tuple[str, Zone]]:
        clock = timer.number + 1
        since = timer.since is None or Fact("entered", timer.since) in after.facts
        runs = since and after.state in timer.span
        met = _is_met(timer, after, step)
        if status in (OPEN, NOW):
            if not runs or met is True:
                yield OVER, zone.freed(clock)
                return
            if met is None:
                yield OVER, zone.freed(clock)
            if timer.length_field is not None and timer.length_field in _fields_of(step):
                yield from self._opened(timer, zone.freed(clock))
            else:
                yield status, zone
        elif status in (AHEAD, LATE) and runs and met is not True:
            if met is None or timer.may_lack_length:
                yield status, zone
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

    def _waited(self, node: Node, zone: Zone) -> Iterator[Successor]:
        passed = [t for t in self.model.timers if t.limit and node.status[t.number] == NOW]
        if passed:
            # Another status, so that it is another node.
            yield Step("passed", passed[0].name), node._replace(status=_with(node.status, passed[0].number, OVER)), zone
            return
        wait = Step("waited", "")
        if node.midnight:
            yield wait, node._replace(midnight=False), zone
        else:
            yield from self._within_the_day(node, zone)
        for status, parted in self._next_midnight(node, zone):
            yield wait, node._replace(midnight=True, status=status), parted

    def _within_the_day(self, node: Node, zone: Zone) -> Iterator[Successor]:
        """What is counted in hours falls due: one of them, or some at the very same instant."""
        exact = [t for t in self.model.timers if t.is_exact and node.status[t.number] == OPEN]
        today = [t for t in exact if zone.within(t.number + 1, 0, 0) is not None]
        for chosen in _subsets(today):
            if not chosen or any(self.model.never_meet(a, b) for a, b in combinations(chosen, 2)):
                continue
            status, parted = node.status, self._on_their_day(chosen, zone)
            if parted is not None:
                for timer in chosen:
                    status = _with(status, timer.number, NOW)
                yield Step("waited", ""), node._replace(status=status), parted

    def _on_their_day(self, timers: Sequence[Timer], zone: Zone) -> Zone | None:
        found: Zone | None = zone
        for timer in timers:
            found = found and found.within(timer.number + 1, 0, 0)
        return found

    def _next_midnight(self, node: Node, zone: Zone) -> Iterator[_Part]:
        parts: list[_Part] = [((), zone.later())]
        for timer in self.model.timers:
            here = node.status[timer.number]
            parts = [
                ((*known, now), rest) for known, parted in parts for now, rest in self._at_midnight(timer, here, parted)
            ]
        exact = [t.number for t in self.model.timers if t.is_exact]
        for status, parted in parts:
            due = [self.model.timers[number] for number in exact if status[number] == NOW]
            if not any(self.model.never_meet(a, b) for a, b in combinations(due, 2)):
                yield status, parted

    def _at_midnight(self, timer: Timer, status: str, zone: Zone) -> Iterator[tuple[str, Zone]]:
        clock = timer.number + 1
        if status not in (OPEN, AHEAD):
            yield status, zone
            return
        before = zone.within(clock, None, 0 if timer.is_exact else -1)
        if before is not None:
            yield status, before
        # An open clock is due on its day and not later: time does not pass it by.
        due = zone.within(clock, 0, 0 if status == OPEN else None)
        if due is not None:
            yield (NOW if status == OPEN else LATE), due.freed(clock)


def _begins(timer: Timer, node: Node, after: Node) -> bool:
    """Whether a limit begins with an entry: with the first, with each, or with one while it does not count."""
    anchor = timer.anchors[0]
    if not (after.fresh and isinstance(anchor, EntryAnchor) and after.state == anchor.state):
        return False
    if anchor.first:
        return not node.is_set(anchor)
    return timer.restarts or after.state in timer.span or node.status[timer.number] == UNSET


def _with(status: tuple[str, ...], number: int, now: str) -> tuple[str, ...]:
    return (*status[:number], now, *status[number + 1 :])


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


def _subsets(items: Sequence[_T]) -> Iterable[tuple[_T, ...]]:
    if len(items) > _MANY_FIELDS:
        return ((), *((item,) for item in items), tuple(items))
    return (chosen for count in range(len(items) + 1) for chosen in combinations(items, count))
