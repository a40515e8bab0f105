"""The register of daemons: who lives, who fell silent, and who of several seals for all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from storage.queries import RunnerItem
from storage.runners import SILENT_AFTER
from storage.tables.installation import runner
from tests.store.backends import Postgres, Sqlite
from tests.store.builders import START, placed


def item(name: str, *, seals: bool = True) -> RunnerItem:
    return RunnerItem(name, "host", 7, "1.0", 1, seals, START, START)


def age(database: Sqlite | Postgres, name: str, by: timedelta) -> None:
    """Let the last heartbeat of a runner lie further back."""
    before = database.store.runners.present() - by
    with database.store._database.writing() as connection:
        connection.execute(update(runner).where(runner.c.id == name).values(heartbeat_at=before))


def test_runner_is_listed_from_its_first_heartbeat_to_its_good_bye(database: Sqlite | Postgres) -> None:
    runners = database.store.runners
    runners.beat(item("a"))
    (first,) = runners.listed()
    assert (first.host, first.pid, first.version, first.definition_format, first.alive) == ("host", 7, "1.0", 1, True)
    assert abs(runners.present() - first.started_at) < timedelta(minutes=1)
    runners.beat(item("a"))
    (again,) = runners.listed()
    assert again.started_at == first.started_at
    assert again.heartbeat_at >= first.heartbeat_at
    runners.leave("a")
    assert runners.listed() == []


def test_runner_that_says_nothing_is_silent_and_forgotten_a_day_later(database: Sqlite | Postgres) -> None:
    runners = database.store.runners
    runners.beat(item("a"))
    age(database, "a", SILENT_AFTER + timedelta(seconds=1))
    assert [each.alive for each in runners.listed()] == [False]
    age(database, "a", timedelta(days=1, seconds=1))
    runners.beat(item("b"))
    assert [each.id for each in runners.listed()] == ["b"]


def test_oldest_that_lives_and_has_the_key_leads(database: Sqlite | Postgres) -> None:
    runners = database.store.runners
    for name, seals in (("keyless", False), ("first", True), ("second", True)):
        runners.beat(item(name, seals=seals))

    def leaders() -> list[str]:
        listed = runners.listed()
        return [name for name in ("keyless", "first", "second") if runners.leads(name, listed)]

    assert leaders() == ["first"]
    age(database, "first", SILENT_AFTER + timedelta(seconds=1))
    assert leaders() == ["second"]
    runners.leave("second")
    assert "keyless" in leaders(), "where none has the key, each says so"


def test_runner_of_an_older_format_does_not_lead(database: Sqlite | Postgres) -> None:
    runners = database.store.runners
    runners.beat(item("old"))
    runners.beat(replace(item("new"), definition_format=2))
    assert [name for name in ("old", "new") if runners.leads(name, runners.listed())] == ["new"]


def test_runner_that_is_given_the_key_says_so(database: Sqlite | Postgres) -> None:
    runners = database.store.runners
    runners.beat(item("a", seals=False))
    runners.beat(replace(item("a"), seals=True))
    assert [each.seals for each in runners.listed()] == [True]


def test_heartbeat_wakes_nobody_on_a_server(postgres: Postgres) -> None:
    watching = postgres.another()
    before = watching.change_token()
    postgres.store.runners.beat(item("a"))
    assert watching.change_token() == before
    with postgres.store.writing() as work:
        work.apply([placed("P1")])
    assert watching.change_token() != before


def test_server_s_clock_is_asked(postgres: Postgres) -> None:
    with postgres.server.connect() as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    assert timedelta() <= postgres.store.runners.present() - row[0] < timedelta(seconds=30)


@pytest.mark.parametrize("count", [3])
def test_runners_are_listed_oldest_first(database: Sqlite | Postgres, count: int) -> None:
    names = [f"{number}" for number in reversed(range(count))]
    for name in names:
        database.store.runners.beat(item(name))
    assert [each.id for each in database.store.runners.listed()] == names
