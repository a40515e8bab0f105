"""T1: random small definitions and random requests, beside a small model: the same answers, states and histories.

Hypothesis draws both. The model counts days by the calendar alone: its placements are in a zone without clock changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, reject, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from faults.harness import Row, Tally, replaced, tried
from tests.world import World
from workflow import settling
from workflow.commands import Fire
from workflow.errors import DefinitionError, TransitionRefused

RUNS_AT_ONCE = 25
STEPS = 50
_ZONE, _TERRITORY = ZoneInfo("Indian/Reunion"), "974"
_BEGUN = datetime(2021, 1, 4, 9, tzinfo=UTC)
_HEAD = """\
definition: random
version: 1
initial: s0
roles: [clerk]
fields:
  territory: {type: territory, required: true}
  host_name: {type: text, required: true}
  host_siret: {type: siret, required: true}
  host_type: {type: text, required: true}
"""


@dataclass(frozen=True)
class Clock:
    """A deadline: counted from entering `after`, while the placement is in one of `span`, leading `to`, or missed."""

    name: str
    after: int
    days: int
    span: tuple[int, ...]
    to: int | None


@dataclass(frozen=True)
class Drawn:
    """A random definition: so many states, the last one final; moves that people make; clocks in their order."""

    states: int
    moves: tuple[tuple[int, int], ...]
    clocks: tuple[Clock, ...]

    def text(self) -> str:
        """As YAML."""
        last = self.states - 1
        lines = [_HEAD, "states:"]
        lines += [f"  s{n}: {'{final: true}' if n == last else '{open_ended: true}'}" for n in range(self.states)]
        lines += ["transitions:"]
        lines += [f"  go_{a}_{b}: {{from: s{a}, to: s{b}, by: [clerk]}}" for a, b in self.moves]
        timed = [clock for clock in self.clocks if clock.to is not None]
        lines += [f"  lapse_{c.name}: {{from: [{_names(c.span)}], to: s{c.to}, by: [scheduler]}}" for c in timed]
        lines += ["deadlines:"] if self.clocks else []
        for c in self.clocks:
            then = f", then: lapse_{c.name}" if c.to is not None else ""
            counted = f"after: s{c.after}, within: {c.days} days, while: [{_names(c.span)}], if_unset: waits"
            lines.append(f"  {c.name}: {{{counted}{then}}}")
        return "\n".join(lines) + "\n"


def _names(states: Sequence[int]) -> str:
    return ", ".join(f"s{n}" for n in states)


@st.composite
def definitions(draw: Any) -> Drawn:
    """Small definitions in which every state can be reached and left."""
    states = draw(st.integers(3, 5))
    chain = {(n, n + 1) for n in range(states - 1)}
    pairs = st.tuples(st.integers(0, states - 2), st.integers(0, states - 1)).filter(lambda pair: pair[0] != pair[1])
    moves = tuple(sorted(chain | draw(st.sets(pairs, max_size=5))))
    clocks = tuple(_clock(draw, states, number) for number in range(draw(st.integers(0, 4))))
    return Drawn(states, moves, clocks)


def _clock(draw: Any, states: int, number: int) -> Clock:
    after = draw(st.integers(0, states - 2))
    span = tuple(sorted({after, *draw(st.sets(st.integers(0, states - 2), max_size=2))}))
    outside = [n for n in range(states) if n not in span]
    return Clock(f"d{number}", after, draw(st.integers(1, 30)), span, draw(st.sampled_from([None, *outside])))


@dataclass
class Model:
    """One placement: its state, since when, the running clocks with their ends, and what was entered."""

    drawn: Drawn
    now: datetime
    state: int = -1
    since: datetime = _BEGUN
    running: dict[str, datetime] = field(default_factory=dict)
    story: list[tuple[str, str, datetime]] = field(default_factory=list)

    def enter(self, kind: str, state: int, at: datetime) -> None:
        """Come into a state: clocks that do not run in it end, those counted from it begin."""
        self.state, self.since = state, at
        self.story.append((kind, f"s{state}", at))
        for clock in self.drawn.clocks:
            if state not in clock.span:
                self.running.pop(clock.name, None)
            elif clock.after == state:
                self.running[clock.name] = _end(at, clock.days)

    def settle(self, now: datetime) -> None:
        """Whatever is due by now, in order: what is only missed comes first, then as they stand in the file."""
        while True:
            due = [
                (max(self.running[c.name], self.since), c.to is not None, number)
                for number, c in enumerate(self.drawn.clocks)
                if c.name in self.running
            ]
            if not due or min(due)[0] > now:
                return
            at, _, number = min(due)
            clock = self.drawn.clocks[number]
            del self.running[clock.name]
            if clock.to is None:
                self.story.append(("missed", f"s{self.state}", at))
            else:
                self.enter("timeout", clock.to, at)

    def may(self, move: tuple[int, int]) -> bool:
        """Whether a person may make this move."""
        return move[0] == self.state


def _end(at: datetime, days: int) -> datetime:
    """The start of the local day that follows the last one, in a zone that never changes its clocks."""
    last = at.astimezone(_ZONE).date() + timedelta(days=days)
    return datetime.combine(last + timedelta(days=1), time(), _ZONE).astimezone(UTC)


def _must(holds: bool, sentence: str) -> None:
    if not holds:
        raise AssertionError(sentence)


class Machine(RuleBasedStateMachine):
    """The engine and the model live the same life."""

    @initialize(drawn=definitions())
    def begin(self, drawn: Drawn) -> None:
        """A placement under a random definition."""
        try:
            self.world = World.starting(_BEGUN, drawn.text().encode())
        except DefinitionError:
            # What the checks refuse is nobody's definition.
            reject()
        self.world.place(territory=_TERRITORY)
        self.model = Model(drawn, _BEGUN)
        self.model.enter("placed", 0, _BEGUN)

    @rule(hours=st.sampled_from((0, 1, 15, 24, 100, 400, 1_000)))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.world.sleep(hours=hours)

    @rule()
    def sweep(self) -> None:
        """The daemon wakes."""
        self.world.engine.sweep()
        self.model.settle(self.world.now)

    @rule()
    def restart(self) -> None:
        """Another process begins."""
        self.world.restart()

    @rule(number=st.integers(0, 30))
    def ask(self, number: int) -> None:
        """A person asks for one of the moves."""
        move = self.model.drawn.moves[number % len(self.model.drawn.moves)]
        self.model.settle(self.world.now)
        trigger = f"go_{move[0]}_{move[1]}"
        try:
            self.world.fire(Fire(reference="P", trigger=trigger, actor="Ada", roles=("clerk",)))
            granted = True
        except TransitionRefused:
            granted = False
        _must(granted == self.model.may(move), f"{trigger} in s{self.model.state}: granted is {granted}")
        if granted:
            self.model.enter("transition", move[1], self.world.now)

    @invariant()
    def agree(self) -> None:
        """What was entered is the same, and nothing is broken."""
        if not hasattr(self, "world"):
            return
        entries = [item.entry for item in self.world.history()]
        told = [(entry.kind, str(entry.to_state), entry.occurred_at) for entry in entries]
        _must(told == self.model.story, f"{told} is not {self.model.story}\n{self.model.drawn.text()}")
        _must(not (faults := self.world.faults()), str(faults))


def wrong(number: int, runs: int = RUNS_AT_ONCE) -> Iterator[str]:
    """So many runs from one seed; the first that differs, made small."""

    class Seeded(Machine):
        pass

    chosen = settings(
        max_examples=runs, stateful_step_count=STEPS, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
    )  # fmt: skip
    try:
        run_state_machine_as_test(seed(number)(Seeded), settings=chosen)
    except AssertionError as error:
        yield f"seed {number}: {str(error)[:400]}"


def _found(runs: int, number: int) -> list[str]:
    return list(wrong(number, runs))


def run(count: int) -> Tally:
    """So many runs of fifty steps."""
    tally = tried(partial(_found, min(count, RUNS_AT_ONCE)), range(max(1, count // RUNS_AT_ONCE)))
    return Tally(tally.tried * min(count, RUNS_AT_ONCE), tally.violations, f"runs of {STEPS} steps")


def control() -> Tally:
    """The same with an engine that enters twice what was missed."""
    enter: Any = settling._enter

    def forgetting(journal: Any, event: Any) -> None:
        enter(journal, event)
        if journal.entries and journal.entries[-1].entry.kind == "missed":
            enter(journal, event)

    with replaced(settling, "_enter", forgetting):
        tally = tried(partial(_found, RUNS_AT_ONCE), range(4))
    return Tally(tally.tried * RUNS_AT_ONCE, tally.violations)


ROW = Row(
    name="T1",
    fault="random small definitions and requests, beside a small model",
    run=run,
    defect="an engine that enters twice what was missed",
    control=control,
    sample=15,
    usual=2_000,
    many=200_000,
)
