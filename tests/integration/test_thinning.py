"""Logs that are no history are kept as long as is set, and what was forgotten is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import App, initialise, open_app
from operators.console.accounts import add
from operators.thinning import thin
from settings import Settings
from storage.accounts import Grant
from storage.queries import Delivery
from tests.integration.conftest import Cli, place
from workflow.clock import VirtualClock

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
REAL = VirtualClock(NOW)


def days(count: int) -> datetime:
    return NOW - timedelta(days=count)


@pytest.fixture
def app(cli: Cli, tmp_path: Path) -> Iterator[App]:
    """A sandbox with one placement, at NOW."""
    initialise(Settings(database_url=f"sqlite:///{tmp_path}/parcours.db"), sandbox=True)
    place(cli, "P")
    with open_app(clock=VirtualClock(NOW)) as made:
        yield made


def kept(app: App, **said: int) -> App:
    return replace(app, settings=app.settings.model_copy(update=said))


def shown(app: App, *ages: int) -> None:
    """Personal data were shown so many days ago."""
    item = app.queries.placement("P")
    assert item is not None
    account = add(app, "Ada", "Ada Admin", [Grant("admin")], NOW).account
    for age in ages:
        app.store.accounts.record_access(account.id, item.id, {"candidate_name"}, days(age))


def delivery(key: str, status: str, ended: int | None) -> Delivery:
    ended_at = None if ended is None else days(ended)
    return Delivery(key, "email", "host", None, None, None, status, 1, None, days(900), days(900), ended_at)


def acts(app: App) -> list[bytes]:
    with app.store.seals.reading() as reading:
        return [row.data for row in reading.acts() if row.data is not None and b"log_thinned" in row.data]


def test_accesses_are_kept_for_a_year_unless_told_otherwise(app: App) -> None:
    shown(app, 1, 364, 366, 900)
    assert thin(app, REAL) == 2
    assert [(NOW - each.at).days for each in app.store.accounts.accesses().items] == [1, 364]
    (act,) = acts(app)
    assert b'"before":"2025-01-05","count":2,"log":"access"' in act
    assert thin(app, REAL) == 0
    assert len(acts(app)) == 1, "what forgets nothing is no act"
    assert thin(kept(app, accesses_keep_days=30), REAL) == 1


def test_deliveries_that_ended_are_forgotten_and_what_waits_or_failed_is_not(app: App) -> None:
    for each in (
        delivery("old", "sent", 366), delivery("overtaken", "overtaken", 400), delivery("new", "sent", 3),
        delivery("dead", "dead", 800), delivery("waiting", "waiting", None),
    ):  # fmt: skip
        app.store.deliveries.add(each)
    assert thin(app, REAL) == 2
    assert {each.key for each in app.store.deliveries.listed().items} == {"new", "dead", "waiting"}
    assert b'"count":2,"log":"delivery"' in acts(app)[0]


def test_nothing_is_forgotten_where_it_is_kept_for_ever(app: App) -> None:
    shown(app, 5000)
    app.store.deliveries.add(delivery("old", "sent", 5000))
    assert thin(kept(app, accesses_keep_days=0, deliveries_keep_days=0), REAL) == 0
    assert acts(app) == []


def test_log_that_was_thinned_verifies(app: App, cli: Cli) -> None:
    shown(app, 900)
    assert thin(app, REAL) == 1
    assert cli("audit", "seal").code == 0
    assert cli("audit", "verify").code == 0
