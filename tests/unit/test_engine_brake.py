"""The brake in the engine: what it holds back, what goes on, and what a release enters."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from tests.world import HOST, SHIPPED, World, instant, reach
from workflow.brake import ClockBehind, Held, Limits, Watch
from workflow.commands import Fire, Life, Place, Release
from workflow.commitments import commitment_to, opened
from workflow.engine import Engine
from workflow.errors import TransitionRefused
from workflow.releasing import Released

START = instant("2021-03-01T09:00")
FEW = Limits(min_firings=3)
RELEASE = Release(reason="the laptop was closed in March", actor="Ada", roles=("supervisor",))


def world_with(limits: Limits = FEW) -> World:
    """A world with a brake."""
    return World.starting(START, make=lambda store, clock: Engine(store, clock, limits=limits))


@pytest.fixture
def shown() -> World:
    """A candidate was shown on the 1st of March 2021: the fifteen days end on the 16th."""
    world = world_with()
    world.place()
    reach(world, "candidate_shown")
    return world


@pytest.fixture
def many() -> World:
    """Five placements whose fifteen days end together, and one whose do not run."""
    world = world_with()
    for reference in ("A", "B", "C", "D", "E"):
        world.place(reference)
        reach(world, "candidate_shown", reference)
    world.place("Z")
    return world


def watch(world: World) -> Watch:
    return world.engine.brake().watch


def released(world: World) -> Released:
    done = world.engine.release(RELEASE)
    assert done is not None
    return done


def held_codes(world: World, *, reference: str = "P") -> list[set[str]]:
    """How a preview, its request and `can` are refused."""
    asked = Fire(reference=reference, trigger="withdraw", actor="x", roles=("host",), reason="other")
    found = []
    for ask in (world.engine.preview, world.engine.fire, lambda fire: world.engine.can(fire.reference)):
        try:
            ask(asked)
        except TransitionRefused as refused:
            found.append({blocker.code for blocker in refused.blockers})
        else:
            found.append(set())
    return found


def test_sweep_after_a_month_fires_nothing_and_writes_nothing(shown: World) -> None:
    before, known = shown.history(), watch(shown)
    shown.sleep(days=31)
    result = shown.engine.sweep()
    assert result.held == Held("gap", shown.now, START)
    assert (result.entries, shown.history(), watch(shown)) == (0, before, known)
    assert shown.engine.beat() == result.held


def test_sweep_after_a_long_weekend_fires(shown: World) -> None:
    shown.sleep(days=12)
    shown.engine.sweep()
    shown.sleep(days=5)
    assert shown.engine.sweep().held is None
    assert shown.state() == "post_vacant"


def test_requests_previews_and_answers_are_held_where_something_is_due(shown: World) -> None:
    shown.sleep(days=31)
    assert held_codes(shown) == [{"held"}] * 3


def test_requests_go_on_where_nothing_is_due(shown: World) -> None:
    shown.sleep(days=16)
    known = watch(shown)
    shown.place("Q")
    assert held_codes(shown, reference="Q") == [set(), set(), set()]
    assert shown.state("Q") == "withdrawn"
    assert watch(shown) == known, "what is written under the brake proves nothing of the clock"
    assert held_codes(shown) == [{"held"}] * 3


def test_clock_that_is_set_right_needs_no_release(shown: World) -> None:
    shown.sleep(days=14 * 365)
    assert shown.engine.sweep().held is not None
    shown.place("Q")
    shown.clock.at = START + timedelta(days=2)
    assert shown.engine.sweep().held is None
    assert shown.refusal("withdraw", "host", reason="other") == set()


def test_release_lets_fire_what_would_have_fired(shown: World) -> None:
    shown.sleep(days=31)
    shown.engine.sweep()
    released(shown)
    assert shown.engine.sweep().held is None
    (lapse,) = (moment for kind, _, name, moment in shown.story() if name == "selection" and kind == "timeout")
    assert lapse == instant("2021-03-16T23:00")


def test_release_covers_no_later_jump(shown: World) -> None:
    shown.sleep(days=31)
    released(shown)
    shown.engine.sweep()
    shown.sleep(days=31)
    assert shown.engine.sweep().held == Held("gap", shown.now, shown.now - timedelta(days=31))


def test_release_is_an_act_of_the_log_with_a_commitment_to_its_reason(shown: World) -> None:
    shown.sleep(days=31)
    done = released(shown)
    with shown.memory.reading() as reading:
        act = max(reading.state.system.values(), key=lambda each: each.seq)
        name = reading.actor(msgspec.json.decode(act.data)["actor"])
    entry = msgspec.json.decode(act.data)
    assert (entry["kind"], entry["reason"], name) == ("released", "other", "Ada")
    assert entry["fields"] == {"cause": "gap", "now": "2021-04-01T09:00:00Z", "since": "2021-03-01T09:00:00Z"}
    assert entry["commitments"] == {"reason": commitment_to(done.disclosure)}
    assert opened(done.disclosure) == ("reason", RELEASE.reason)
    assert RELEASE.reason.encode() not in act.data


@pytest.mark.parametrize(
    ("roles", "reason", "codes"),
    [((), "why", {"role_needed"}), (("host",), "why", {"role_not_allowed"}), (("supervisor",), "", {"reason_needed"})],
)
def test_release_needs_a_supervisor_and_a_reason(
    shown: World, roles: tuple[str, ...], reason: str, codes: set[str]
) -> None:
    shown.sleep(days=31)
    with pytest.raises(TransitionRefused) as refused:
        shown.engine.release(Release(reason=reason, actor="Ada", roles=roles))
    assert {blocker.code for blocker in refused.value.blockers} == codes
    assert shown.engine.sweep().held is not None


def test_nothing_is_released_where_nothing_holds(shown: World) -> None:
    known = watch(shown)
    assert shown.engine.release(RELEASE) is None
    assert watch(shown) == known


def test_clock_far_behind_is_refused_and_nothing_is_written(shown: World) -> None:
    shown.clock.at = instant("2010-01-01")
    before, known = shown.history(), watch(shown)
    fire = Fire(reference="P", trigger="withdraw", actor="x", roles=("host",), reason="other")
    place = Place(reference="Q", fields={"territory": "75", **HOST}, actor="x")
    for ask in (
        lambda: shown.engine.fire(fire),
        lambda: shown.engine.preview(fire),
        lambda: shown.engine.can("P"),
        lambda: shown.engine.place(place),
        lambda: shown.engine.enter([Life("Q", place)]),
        lambda: shown.engine.sweep(),
        lambda: shown.engine.beat(),
    ):
        with pytest.raises(ClockBehind):
            ask()
    assert (shown.history(), watch(shown)) == (before, known)
    assert shown.engine.view("P").facts.state == "candidate_shown"


def test_clock_that_was_ahead_may_be_said_to_be_right_now(shown: World) -> None:
    """It was ten days ahead when something was written: too little to be noticed then."""
    shown.sleep(days=10)
    shown.place("Q")
    shown.clock.at = START + timedelta(hours=1)
    with pytest.raises(ClockBehind):
        shown.engine.sweep()
    assert released(shown).held.cause == "back"
    assert shown.engine.sweep().held is None
    shown.place("R")


def test_sweep_that_would_fire_a_great_share_is_held_until_released(many: World) -> None:
    for _ in range(2):
        many.sleep(days=8)
        result = many.engine.sweep()
    assert result.held == Held("share", many.now, many.now, 5, 5)
    assert result.entries == 0
    assert held_codes(many, reference="A") == [{"held"}] * 3
    assert held_codes(many, reference="Z") == [set()] * 3
    many.sleep(days=2)
    assert many.engine.sweep().held == Held("share", many.now, many.now - timedelta(days=2), 5, 5)
    released(many)
    assert many.engine.sweep().held is None
    assert {many.state(reference) for reference in "ABCDE"} == {"post_vacant"}


def test_small_town_does_not_brake_at_each_firing() -> None:
    world = world_with(Limits())
    for reference in ("A", "B", "C"):
        world.place(reference)
        reach(world, "candidate_shown", reference)
    for _ in range(2):
        world.sleep(days=8)
        result = world.engine.sweep()
    assert result.held is None
    assert {world.state(reference) for reference in "ABC"} == {"post_vacant"}


def test_whole_programme_falling_due_at_once_is_held() -> None:
    """By the limits that hold where nobody says another."""
    world = world_with(Limits())
    world.clock.at = instant("2021-03-03T09:00")
    lives = [replace(_life(f"P{number}"), to_now=False) for number in range(60)]
    assert {outcome.status for outcome in world.engine.enter(lives)} == {"created"}
    for days in (10, 5):
        world.sleep(days=days)
        result = world.engine.sweep()
    assert result.held == Held("share", world.now, world.now, 60, 60)


def test_post_that_only_a_held_sweep_would_give_back_is_held_and_not_gone() -> None:
    one_post = SHIPPED.replace(b"limit: 4000", b"limit: 1")
    world = World.starting(START, one_post, lambda store, clock: Engine(store, clock, limits=FEW))
    world.place()
    reach(world, "candidate_shown")
    world.sleep(days=300)
    world.place("Q")
    assert world.refusal("grant_post", "anct", "Q", granted_on=world.now.date()) == {"held"}
    released(world)
    assert world.refusal("grant_post", "anct", "Q", granted_on=world.now.date()) == set()
    assert world.state() == "post_returned"


def test_import_under_the_brake_stops_at_the_last_fact(shown: World) -> None:
    """The facts say when they were: the clock is not needed for them, and not believed for the rest."""
    shown.sleep(days=365)
    life = _life("Q")
    assert [outcome.status for outcome in shown.engine.enter([life])] == ["created"]
    assert shown.state("Q") == "candidate_shown"
    released(shown)
    shown.engine.sweep()
    assert shown.state("Q") != "candidate_shown"


def test_import_of_a_past_life_is_no_jump_of_the_clock(shown: World) -> None:
    shown.clock.at = START + timedelta(days=1)
    life = _life("Q", "2020-01-04")
    assert [outcome.status for outcome in shown.engine.enter([life])] == ["created"]
    assert shown.state("Q") != "candidate_shown"
    assert shown.engine.sweep().held is None


def _life(reference: str, day: str = "2021-03-02") -> Life:
    place = Place(reference=reference, fields={"territory": "75", **HOST}, actor="import", at=instant(day))
    said = (
        ("grant_post", "anct", {"granted_on": day}),
        ("show_candidate", "platform", {"candidate_ref": f"C-{reference}", "candidate_name": "Ada"}),
    )
    facts = tuple(
        Fire(reference=reference, trigger=trigger, actor="x", roles=(role,), fields=fields,
             at=instant(f"{day}T10:00") if trigger == "show_candidate" else None)
        for trigger, role, fields in said
    )  # fmt: skip
    return Life(reference, place, facts, to_now=True)


def test_without_limits_nothing_is_judged_and_nothing_remembered() -> None:
    world = World.starting(START)
    world.place()
    world.sleep(days=3650)
    assert world.engine.sweep().held is None
    world.clock.at = instant("2010-01-01")
    world.place("Q")
    standing = world.engine.brake()
    assert (standing.on, standing.held, standing.watch) == (False, None, Watch())


def test_daemon_with_nothing_to_do_remembers_the_clock(shown: World) -> None:
    shown.sleep(days=4)
    assert shown.engine.beat() is None
    assert watch(shown).seen_at == shown.now
    assert watch(shown).written_at == START


def test_publishing_is_refused_by_a_clock_far_behind(shown: World) -> None:
    shown.clock.at = instant("2010-01-01")
    with pytest.raises(ClockBehind):
        shown.engine.publish(SHIPPED.replace(b"version: 1", b"version: 2", 1), "states.yaml")
