"""The laws still hold where facts arrive late and people change their minds: corrections among the random steps."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.definitions import shipped
from tests.unit.laws.lives import times_as_many
from tests.world import FOUR_EYES, SHIPPED, World, contact, contract, typed
from workflow.commands import Adjust, Amend, Decide, Fire, Reverse
from workflow.errors import TransitionRefused
from workflow.facts import Facts
from workflow.history import HistoryEntry
from workflow.ledger import LEDGER_KINDS

DEADLINES = ("selection", "signature", "convention", "training", "vacancy", "training_departure")
AMENDED = ({"convention_months": "12"}, {"territory": "974"}, {"territory": "75"}, {"funded_months": "18"})
ACTS = (
    *("forward", "forward", "forward", "forward", "late", "reverse", "adjust", "adjust", "amend", "wait"),
    *("decide", "decide"),
)
START = datetime(2021, 1, 4, 9, 30, tzinfo=UTC)
SUPERVISOR = ("supervisor",)

_SPAN, _LENGTH = "    while: [candidate_selected, training_body_contacted]\n", "unit: months, at_most: 36}\n"
STOPPING = shipped(
    ("  training_body_contacted: {", "  training_body_contacted: {open_ended: true, "),
    (_SPAN, f"{_SPAN}    paused_in: training_body_contacted\n"),
    (_LENGTH, f"{_LENGTH}    paused_in: [post_vacant, in_training, candidate_shown]\n"),
).encode()
"""The clocks of the signature and of the convention stand still in some states."""

# What waits for a second person in one world is done at once in the other; clocks stand still in the third.
SOURCES = st.sampled_from([SHIPPED, FOUR_EYES, STOPPING])

Command = Fire | Reverse | Amend | Adjust | Decide


@dataclass(frozen=True)
class Step:
    """Wait so many hours, then do something; the numbers say what exactly."""

    act: str
    hours: int
    one: int
    two: int


steps = st.builds(
    Step,
    act=st.sampled_from(ACTS),
    hours=st.sampled_from((0, 1, 13, 24, 72, 24 * 6, 24 * 16, 24 * 40, 24 * 130)),
    one=st.integers(0, 11),
    two=st.integers(0, 11),
)
lives = st.lists(steps, min_size=4, max_size=18)


def forward(state: str, day: date, one: int) -> tuple[str, str, dict[str, Any]] | None:
    """What usually comes next in a state: trigger, role, values."""
    shown = {"candidate_ref": f"C{one % 2}", "candidate_name": "N"}
    state = state.replace("candidate_chosen", "candidate_selected")
    return {
        "ami_application": ("show_candidate", "platform", shown),
        "post_vacant": ("show_candidate", "platform", shown),
        "candidate_shown": ("select_candidate", "host", {"selected_candidate_ref": f"C{one % 2}"}),
        "candidate_selected": ("contact_training_body", "host", contact(day)),
        "training_body_contacted": ("sign_contract", "host", contract(day)),
        "contract_signed": ("start_training", "host", {"training_started_on": day}),
        "in_training": ("abandon_training", "host", {}),
        "in_post": ("break_contract", "host", {"broken_on": day, "break_motive": "M"}),
    }.get(state)


def command(world: World, step: Step) -> Command | None:
    """The command of a step, as a person who looks at the placement would give it."""
    said = {"reference": "P", "actor": "Ada", "reason": "other", "roles": SUPERVISOR}
    if step.act in ("forward", "late"):
        back = step.two * 3 if step.act == "late" else 0
        day = (world.now - timedelta(days=back)).date()
        at = START.date() if back and day < START.date() else (day if back else None)
        coming = forward(_state(world, at), at or day, step.one)
        if coming is None:
            return None
        return Fire(trigger=coming[0], fields=typed(coming[2]), at=at, late=step.act == "late", **said)
    if step.act == "reverse":
        to = (world.now + timedelta(days=step.two + 1)).date()
        entry = _taken_back(world, step) if step.two % 2 else None
        return Reverse(extend_to=to if step.one % 3 == 0 else None, waive=step.one % 3 == 1, entry=entry, **said)
    if step.act == "amend":
        return Amend(fields=AMENDED[step.one % len(AMENDED)], accept_earlier=step.two % 2 == 0, **said)
    if step.act == "decide":
        return _decision(world, step)
    return _adjustment(world, step, said) if step.act == "adjust" else None


def _taken_back(world: World, step: Step) -> int | None:
    """An amendment or a line of a ledger, mostly the last one; not always one that can be taken back."""
    seqs = [item.entry.seq for item in world.history() if item.entry.kind in (*LEDGER_KINDS, "amendment")]
    return seqs[-1 - (step.one // 9) % len(seqs)] if seqs else None


def _decision(world: World, step: Step) -> Decide:
    """An answer to one of the requests that wait, seldom by who asked; or to one that does not."""
    waiting = [each.seq for each in world.engine.view("P").facts.requests]
    return Decide(
        reference="P",
        verdict="refuse" if step.one % 4 == 0 else "approve",
        actor="Ada" if step.one == 11 else "Grace",
        request=waiting[step.two % len(waiting)] if waiting and step.two < 11 else None,
        reason="other",
        roles=("anct", "supervisor"),
    )


def _adjustment(world: World, step: Step, said: dict[str, Any]) -> Adjust:
    kind = ("pause", "resume", "extension", "move")[step.one % 4]
    to = (world.now + timedelta(days=step.two * 5)).date()
    at = (world.now - timedelta(days=step.two % 4)).date() if kind == "pause" and step.two % 2 else None
    deadline = DEADLINES[step.two % len(DEADLINES)]
    open_now = [view.name for view in world.engine.view("P").deadlines if view.due_at and view.name in DEADLINES]
    if open_now and step.one < 10:
        deadline = open_now[step.two % len(open_now)]
    return Adjust(deadline=deadline, kind=kind, by=f"{step.two + 1} days", to=to, at=at, **said)  # type: ignore[arg-type]


def _state(world: World, at: date | None) -> str:
    if at is None:
        return world.state()
    return world.engine.view("P", at=at).facts.state if at > START.date() else "ami_application"


def carry_out(world: World, asked: Command) -> set[str]:
    """Give a command, and tell the codes of its refusal: none where it was carried out."""
    try:
        world.engine.ask(asked)
    except TransitionRefused as refused:
        return {blocker.code for blocker in refused.blockers}
    return set()


def beginning(source: bytes) -> World:
    """A world in which a post was applied for and granted."""
    world = World.starting(START, source)
    world.place()
    world.ask("grant_post", "anct", granted_on=START.date())
    return world


def _said(entry: HistoryEntry) -> dict[str, object]:
    """What an erasure names is drawn at random."""
    return {} if entry.kind == "erasure" else dict(entry.fields)


def told(world: World) -> list[tuple[object, ...]]:
    """The history but for what depends on when it was written, and on chance."""
    entries = (item.entry for item in world.history())
    return [
        (e.kind, e.trigger, e.deadline, e.from_state, e.to_state, e.occurred_at, e.due_at, _said(e), e.concerns)
        for e in entries
    ]


@times_as_many(2)
@given(steps=lives, source=SOURCES)
def test_the_fold_of_history_is_the_row_after_every_correction(steps: list[Step], source: bytes) -> None:
    world = beginning(source)
    for step in steps:
        world.sleep(hours=step.hours)
        world.engine.sweep()
        asked = command(world, step)
        if asked is not None:
            carry_out(world, asked)
        assert not (faults := world.faults()), (asked, faults)
    world.sleep(days=500)
    world.engine.sweep()
    assert not (faults := world.faults(swept=True)), faults


@given(steps=lives, source=SOURCES)
def test_downtime_does_not_change_a_history_with_corrections(steps: list[Step], source: bytes) -> None:
    awake, asleep = beginning(source), beginning(source)
    for step in steps:
        awake.wait(hours=step.hours)
        asleep.sleep(hours=step.hours)
        asked = command(awake, step)
        if asked is not None:
            assert carry_out(awake, asked) == carry_out(asleep, asked), asked
    awake.wait(days=1500)
    asleep.sleep(days=1500)
    asleep.engine.sweep()
    assert told(awake) == told(asleep)
    assert awake.state() == asleep.state()


@given(steps=lives)
def test_nothing_that_waits_changes_state_fields_or_dates(steps: list[Step]) -> None:
    world = beginning(FOUR_EYES)
    for step in steps:
        world.sleep(hours=step.hours)
        world.engine.sweep()
        asked, before = command(world, step), world.engine.view("P").facts
        if asked is None or carry_out(world, asked):
            continue
        after = world.engine.view("P").facts
        if {each.seq for each in after.requests} - {each.seq for each in before.requests}:
            assert only_the_requests(after) == only_the_requests(before)
        assert not {each.seq for each in before.requests} - {each.seq for each in after.requests} or (
            isinstance(asked, Decide)
        )


def only_the_requests(facts: Facts) -> Facts:
    """The facts without what every entry changes."""
    return replace(facts, seq=0, head="", occurred_at=START, recorded_at=START, keeps={}, requests=())
