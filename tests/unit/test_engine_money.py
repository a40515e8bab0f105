"""Money: the minimum wage by day and territory, the grant and its tranches."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.world import World, contact, contract, instant, reach


def contacted(territory: str, at: datetime) -> World:
    world = World.starting(at)
    world.place(territory=territory)
    today = world.now.date()
    world.ask("grant_post", "anct", granted_on=today)
    world.ask("show_candidate", "platform", candidate_ref="C", candidate_name="N")
    world.ask("select_candidate", "host", selected_candidate_ref="C")
    world.ask("contact_training_body", "host", **contact(today))
    return world


@pytest.mark.parametrize(
    ("territory", "start", "minimum"),
    [
        ("75", date(2021, 9, 30), 1554_58),
        ("75", date(2021, 10, 1), 1589_47),
        ("2A", date(2022, 4, 30), 1603_12),
        ("971", date(2022, 5, 1), 1645_58),
        ("975", date(2024, 11, 1), 1801_80),
        ("67", date(2026, 12, 31), 1801_80),
        ("976", date(2022, 1, 1), 1210_30),
        ("976", date(2024, 10, 31), 1319_50),
        ("976", date(2024, 11, 1), 1361_97),
    ],
)
def test_pay_is_at_least_the_minimum_in_force_where_and_when_the_contract_starts(
    territory: str, start: date, minimum: int
) -> None:
    world = contacted(territory, datetime.combine(start, instant("2021-01-01T12:00").timetz()))
    on = world.engine.can("P", "sign_contract")[0]
    assert on.needs
    assert world.refusal("sign_contract", "host", **contract(start, monthly_gross=minimum - 1)) == {"pay_below_minimum"}
    world.ask("sign_contract", "host", **contract(start, monthly_gross=minimum))


@pytest.mark.parametrize(
    ("territory", "start", "said"),
    [
        ("987", date(2022, 6, 1), "la table minimum_wage ne dit rien pour le territoire 987 au 2022-06-01"),
        ("976", date(2021, 12, 31), "la table minimum_wage ne dit rien pour le territoire 976 au 2021-12-31"),
        ("75", date(2027, 1, 1), "n'est connue que jusqu'au 2026-12-31 : elle doit être mise à jour"),
    ],
)
def test_a_day_or_territory_that_the_table_does_not_cover_blocks_with_a_sentence(
    territory: str, start: date, said: str
) -> None:
    world = contacted(territory, datetime.combine(start, instant("2021-01-01T12:00").timetz()))
    (answer,) = world.engine.can("P", "contact_training_body", roles=["host"])
    assert not answer.allowed
    with pytest.raises(Exception, match=said):
        world.ask("sign_contract", "host", **contract(start))


@pytest.mark.parametrize(
    ("territory", "host_type", "amount"),
    [
        ("75", "COMMUNE", 50_000_00),
        ("971", "EPCI", 70_000_00),
        ("973", "REGION", 70_000_00),
        ("974", "COMMUNE", 67_500_00),
        ("976", "COMMUNE", 67_500_00),
        ("75", "PRIVATE", 32_000_00),
        ("975", "COMMUNE", None),
        ("987", "PRIVATE", None),
    ],
)
def test_the_grant_follows_territory_and_host_type(territory: str, host_type: str, amount: int | None) -> None:
    world = World.starting(instant("2021-01-04T09:00"))
    world.place(territory=territory, host_type=host_type)
    assert world.engine.view("P").facts.fields.get("grant_amount") == amount


def granted(territory: str = "75", **fields: Any) -> World:
    world = World.starting(instant("2021-01-04T09:00"))
    world.place(territory=territory, **fields)
    world.ask("grant_post", "anct", granted_on=date(2021, 1, 4))
    return world


@pytest.mark.parametrize(
    ("territory", "host_type", "months", "amount"),
    [("75", "COMMUNE", 12, 25_000_00), ("971", "COMMUNE", 7, 20_416_67), ("75", "PRIVATE", 24, 42_666_67)],
)
def test_the_grant_is_modulated_by_the_funded_months(territory: str, host_type: str, months: int, amount: int) -> None:
    world = granted(territory, host_type=host_type)
    world.ask("set_schedule", "anct", funded_months=months)
    assert world.engine.view("P").facts.fields["grant_amount"] == amount


def test_a_grant_that_somebody_has_set_stays_as_it_is() -> None:
    world = granted()
    world.ask("set_schedule", "anct", grant_amount=40_000_00)
    world.ask("set_schedule", "anct", funded_months=12)
    assert world.engine.view("P").facts.fields["grant_amount"] == 40_000_00


def test_a_schedule_needs_a_grant_and_something_to_set(world: World) -> None:
    assert world.refusal("set_schedule", "anct") == {"post_not_granted", "nothing_to_record"}


def test_tranches_are_paid_in_order_and_never_above_the_grant(world: World) -> None:
    reach(world, "contract_signed")
    assert world.refusal("record_tranche", "anct", rank=2, amount=1_00) == {"tranche_out_of_order"}
    world.ask("record_tranche", "anct", rank=1, amount=30_000_00)
    assert world.refusal("record_tranche", "anct", rank=1, amount=1_00) == {"tranche_out_of_order"}
    assert world.refusal("record_tranche", "anct", rank=2, amount=20_000_01) == {"tranches_above_grant"}
    world.ask("record_tranche", "anct", rank=2, amount=20_000_00)
    assert world.refusal("set_schedule", "anct", grant_amount=49_999_99) == {"grant_below_paid"}


def test_a_tranche_is_not_paid_twice_by_being_dated_earlier(world: World) -> None:
    reach(world, "contract_signed")
    world.wait(days=5)
    world.ask("start_training", "host", training_started_on=date(2021, 1, 9))
    world.ask("record_tranche", "anct", rank=1, amount=30_000_00)
    earlier = instant("2021-01-06T09:00")
    assert world.refusal("record_tranche", "anct", rank=1, amount=1_00, at=earlier) == {"tranche_out_of_order"}


def test_tranches_are_recorded_after_the_end_but_not_before_the_signature(world: World) -> None:
    assert world.refusal("record_tranche", "anct", rank=1, amount=1_00) == {"not_yet"}
    reach(world, "contract_signed")
    world.ask("end_convention", "anct", reason="convention_terminated")
    world.ask("record_tranche", "anct", rank=1, amount=1_00)
    assert world.state() == "convention_ended"


def test_a_tranche_paid_in_time_is_not_noticed(world: World) -> None:
    reach(world, "contract_signed")
    due: dict[str, Any] = {"tranche_1_due_on": date(2021, 2, 1), "tranche_2_due_on": date(2021, 3, 1)}
    world.ask("set_schedule", "anct", **due)
    world.ask("record_tranche", "anct", rank=1, amount=10_000_00)
    world.wait(days=80)
    milestones = [entry for entry in world.story() if entry[0] == "milestone"]
    assert milestones == [("milestone", None, "tranche_2", instant("2021-02-28T23:00"))]
