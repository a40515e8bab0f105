"""How placements move and time passes: from a node and its clocks to all that can come next.

Follows deadlines.py and settling.py: what is due at an instant comes before what people do at it; notices come before
what fires; an occurrence ends when its span is left, and opens anew only with a new anchor. What a guard looks at is
not reckoned: it may hold or not. So there is at least every run of the engine, but for corrections.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TypeVar

from workflow.definition import SCHEDULER, Transition
from workflow.language.reachability import Fact
from workflow.placing import waiting_fields
from workflow.timing.clocks import Clocks, Part
from workflow.timing.model import Model, Timer, can_be_taken, surely_grants
from workflow.timing.nodes import AHEAD, LATE, NOW, OPEN, OVER, UNSET, Node, Step
from workflow.timing.zones import Zone

_MANY_FIELDS = 3
_T = TypeVar("_T")


Successor = tuple[Step, Node, Zone]


@dataclass(frozen=True)
class Steps:
    """The steps of one model; `more` clocks follow those of its timers and are left alone."""

    model: Model
    more: int = 0

    @cached_property
    def clocks(self) -> Clocks:
        """What facts do to the clocks."""
        return Clocks(self.model)

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
        elif due := self._due(node):
            # What is not watched may be due at this instant too, and goes before what is listed after it.
            yield from self._fired_at_will(node, zone, before=due[0])
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

    def _fired_at_will(self, node: Node, zone: Zone, before: Timer | None = None) -> Iterator[Successor]:
        for spec in self.model.unwatched:
            if before is not None and before.rank < (True, spec.order):
                continue
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
        for renewed, anew in self.clocks.renewals(node, after, frozenset(touched), step.move, zone):
            status = tuple(AHEAD if number in renewed else old for number, old in enumerate(node.status))
            for reviewed, parted in self.clocks.reviewed(after, status, anew, step, entered=entered):
                yield step._replace(renewed=renewed), after._replace(status=reviewed), parted

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

    def _next_midnight(self, node: Node, zone: Zone) -> Iterator[Part]:
        parts: list[Part] = [((), zone.later())]
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


def _with(status: tuple[str, ...], number: int, now: str) -> tuple[str, ...]:
    return (*status[:number], now, *status[number + 1 :])


def _subsets(items: Sequence[_T]) -> Iterable[tuple[_T, ...]]:
    if len(items) > _MANY_FIELDS:
        return ((), *((item,) for item in items), tuple(items))
    return (chosen for count in range(len(items) + 1) for chosen in combinations(items, count))
