"""Simulated lives are the engine's: what is entered, what is refused, and what is drawn."""

import pytest
from msgspec.structs import replace

from operators.simulation.distributions import (
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Uniform,
    remaining,
)
from operators.simulation.draws import Draws
from operators.simulation.running import rules_of, unreminded
from operators.simulation.writing import drafted
from storage.memory import MemoryStore
from tests.unit.simulation.plays import (
    START,
    TICKETS,
    habits,
    lived,
    shipped_habits,
    shipped_rules,
    tickets,
)
from tests.world import SHIPPED
from workflow.clock import VirtualClock
from workflow.commands import Fire, Place
from workflow.commitments import opened
from workflow.engine import Engine
from workflow.history import HistoryEntry, broken_link
from workflow.living import Life
from workflow.loader import check_definition

DISTRIBUTIONS = (Lognormal(7, 0.6), Exponential(30), Uniform(2, 9), Empirical((1, 2, 5, 9)))


@pytest.mark.parametrize("days", DISTRIBUTIONS, ids=lambda each: type(each).__name__)
def test_a_share_has_acted_within_its_quantile(days: Distribution) -> None:
    for share in (0.01, 0.25, 0.5, 0.9, 0.999):
        assert days.within(days.quantile(share)) == pytest.approx(share)


@pytest.mark.parametrize("days", DISTRIBUTIONS, ids=lambda each: type(each).__name__)
def test_who_has_waited_already_waits_at_least_so_long(days: Distribution) -> None:
    for share in (0.01, 0.5, 0.99):
        assert remaining(days, share, 4) >= 4  # type: ignore[operator]
    assert remaining(days, 0.3, 0) == pytest.approx(days.quantile(0.3), abs=2)


def test_nobody_is_left_beyond_the_longest_delay() -> None:
    assert remaining(Uniform(0, 5), 0.5, 5) is None


def test_a_draw_depends_on_its_question_alone() -> None:
    draws = Draws.of(1, 0, "7")
    first = draws.share("open 1", "take", "delay")
    assert [draws.share("other", str(n)) for n in range(3)]
    assert Draws.of(1, 0, "7").share("open 1", "take", "delay") == first
    assert len({Draws.of(*key).share("x") for key in ((1, 0, "7"), (2, 0, "7"), (1, 1, "7"), (1, 0, "8"))}) == 4


def test_draws_are_spread_alike() -> None:
    shares = [Draws.of(1, 0, str(n)).share("delay") for n in range(4_000)]
    assert all(0 < share < 1 for share in shares)
    assert all(330 < sum(low <= share < low + 0.1 for share in shares) < 470 for low in (0.0, 0.3, 0.9))


def test_the_same_seed_lives_the_same_lives() -> None:
    one, two, other = (lived(shipped_rules(), shipped_habits(), 6, seed=seed) for seed in (1, 1, 2))
    stories = [[play.story(number) for number in range(6)] for play in (one, two, other)]
    assert stories[0] == stories[1] != stories[2]


def said(life: Life, entry: HistoryEntry) -> dict[str, str]:
    """What somebody had typed for an entry."""
    values = dict(entry.fields)
    for (seq, name), text in life.journal.past._shown.items():
        if seq == entry.seq and name != "reason":
            values[name] = opened(text)[1]
    definition = shipped_rules().definition
    money = {name for name, spec in definition.fields.items() if spec.type == "money"}
    taken = {n for each in definition.transitions.get(str(entry.trigger), ()) for n in (*each.needs, *each.takes)}
    return {
        name: f"{value // 100}.{value % 100:02}" if name in money and isinstance(value, int) else str(value).lower()
        if isinstance(value, bool) else str(value)
        for name, value in values.items() if value is not None and name in taken
    }  # fmt: skip


def test_a_simulated_life_is_what_the_engine_would_have_entered() -> None:
    play = lived(shipped_rules(), shipped_habits(), 8, months=30)
    clock, store = VirtualClock(START), MemoryStore()
    engine = Engine(store, clock)
    engine.publish(SHIPPED, "states.yaml")
    for number, entry in play.entries:
        life, clock.at = play.lives[number], entry.recorded_at
        engine.sweep()
        if entry.kind == "placed":
            fields = {n: str(v) for n, v in entry.fields.items() if n.startswith("host") or n == "territory"}
            engine.place(Place(reference=life.facts.reference, fields=fields, actor="Ada"))
        elif entry.kind in ("transition", "recorded"):
            engine.fire(
                Fire(
                    reference=life.facts.reference,
                    trigger=str(entry.trigger),
                    actor="Ada",
                    roles=(str(entry.role),),
                    fields=said(life, entry),
                    reason=entry.reason,
                    at=entry.occurred_at,
                )
            )
    for life in play.lives.values():
        with store.reading() as reading:
            facts = reading.find(life.facts.reference)
            assert facts is not None
            real = [told(item.entry) for item in reading.history(facts.id)]
        assert [told(item.entry) for item in life.journal.entries] == real
        assert broken_link(life.journal.entries) is None


def told(entry: HistoryEntry) -> HistoryEntry:
    """An entry without what chance makes: ids, salts, and the hashes over them."""
    return replace(
        entry, log="", placement="", prev="", actor="", commitments=dict.fromkeys(entry.commitments, ""),
    )  # fmt: skip


def test_a_quota_is_held_and_given_back() -> None:
    play = lived(rules_of(tickets(), "tickets.yaml"), habits(), 40)
    taken, most = 0, 0
    for _, entry in play.entries:
        taken += (entry.to_state == "working") - (entry.from_state == "working") if entry.changes_state else 0
        most = max(most, taken)
    assert most == 3
    assert play.refusals.counts["take", "quota_exhausted"] > 0


def test_a_definition_without_habits_is_simulated_by_its_shape() -> None:
    rules = rules_of(tickets(), "tickets.yaml")
    play = lived(rules, drafted(tickets()), 30)
    kinds = {(entry.kind, entry.trigger) for _, entry in play.entries}
    assert {("transition", "take"), ("transition", "close"), ("timeout", "close")} <= kinds


def test_a_longer_deadline_moves_nothing_but_what_it_bears_on() -> None:
    longer = check_definition(TICKETS.replace("15 days", "30 days").replace("limit: 3", "limit: 99").encode(), "t.yaml")
    as_is = check_definition(TICKETS.replace("limit: 3", "limit: 99").encode(), "t.yaml")
    one, two = (lived(rules_of(each, "t.yaml"), habits(), 60) for each in (as_is, longer))
    lapsed = {n for n, e in one.entries if e.kind == "timeout" and e.deadline == "answer"}
    assert 0 < len(lapsed) < 60
    assert all(one.story(number) == two.story(number) for number in range(60) if number not in lapsed)
    assert any(two.story(number)[1][:2] == ("transition", "take") for number in lapsed)


def test_what_forgets_never_acts() -> None:
    idle = habits("""\
behaviours: tickets
arrivals: {after: {fixed: 0}, fields: {territory: {value: "974"}}}
actors: {clerk: {forgets: 1}}
decisions:
  open: [{do: take, by: clerk, after: {fixed: 1}}]
""")
    play = lived(rules_of(tickets(), "tickets.yaml"), idle, 5)
    assert {entry.kind for _, entry in play.entries} == {"placed", "timeout"}


def test_reminders_change_nothing_that_is_counted() -> None:
    rules, habits = shipped_rules(), shipped_habits()
    told, quiet = lived(rules, habits, 25, months=20), lived(unreminded(rules), habits, 25, months=20)
    assert any(entry.kind == "reminder" for _, entry in told.entries)
    for number in range(25):
        assert [each for each in told.story(number) if each[0] != "reminder"] == quiet.story(number)
