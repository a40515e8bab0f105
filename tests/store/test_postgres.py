"""What several writers at once need from PostgreSQL: one order of acts, nothing lost, nothing twice, clear failures."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage import postgres as library
from storage.database import PATIENCE, open_database
from storage.entries import Entries
from storage.repeating import ATTEMPTS, repeated
from storage.sql import SqlStore
from tests.postgres import Server, running
from tests.store.backends import Postgres
from tests.store.builders import START, after, change, definition, placed, seal_waiting
from workflow.changes import QuotaClaim
from workflow.errors import IntegrityBroken, OutcomeUnknown, StoreBusy, StoreInterrupted, StoreUnavailable
from workflow.store import ClaimRefused, UnitOfWork

ROOT = Path(__file__).parents[2]
TOGETHER = 4

ADVANCE = """
import sys
from storage.sql import SqlStore
from tests.store.builders import change

store = SqlStore(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with store.writing() as work:
        work.apply([change(work.find("P1"))])
print("done")
"""


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(TOGETHER) as made:
        yield made


def at_once(pool: ThreadPoolExecutor, *tasks: Callable[[], Any]) -> list[Future[Any]]:
    """Begin tasks at the same moment, and wait for all."""
    barrier = threading.Barrier(len(tasks))

    def begin(task: Callable[[], Any]) -> Any:
        barrier.wait(30)
        return task()

    futures = [pool.submit(begin, task) for task in tasks]
    for future in futures:
        future.exception(60)
    return futures


def backends(postgres: Postgres, condition: str = "true") -> list[int]:
    """The server's processes that serve this database's transactions."""
    with postgres.server.connect() as connection:
        rows = connection.execute(
            f"SELECT pid FROM pg_stat_activity WHERE datname = %s AND {condition}",  # type: ignore[arg-type] # noqa: S608
            (postgres.database,),
        )
        return [row[0] for row in rows]


def cut(postgres: Postgres) -> None:
    """End every connection to the database, as a restart of the server does."""
    with postgres.server.connect() as connection:
        for pid in backends(postgres):
            connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


# Who is first


def test_read_then_write_of_processes_loses_no_update(postgres: Postgres) -> None:
    with postgres.store.writing() as work:
        work.apply([placed("P1")])
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ADVANCE, postgres.url, "40"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [process.communicate(timeout=60)[0] for process in started] == ["done\n", "done\n"]
    with postgres.store.reading() as view:
        found = view.find("P1")
        assert found is not None
        assert (found.seq, len(view.history(found.id))) == (81, 81)


def test_same_reference_is_made_by_one_of_two(postgres: Postgres, pool: ThreadPoolExecutor) -> None:
    def make(store: SqlStore, name: str) -> Callable[[], None]:
        def run() -> None:
            with store.writing() as work:
                assert work.find("P1") is None
                met.wait(30)
                work.apply([placed("P1", id=name)])

        return run

    met = threading.Barrier(2)
    made = at_once(pool, make(postgres.store, "one"), make(postgres.another(), "two"))
    errors = [future.exception() for future in made]
    assert sorted(type(error).__name__ for error in errors) == ["NoneType", "StoreInterrupted"]
    assert postgres.store.queries.stats().placements == 1


def test_last_posts_go_to_as_many_as_there_are(postgres: Postgres, pool: ThreadPoolExecutor) -> None:
    def take(number: int) -> Callable[[], None]:
        store = postgres.another()

        def run() -> None:
            with store.writing() as work:
                work.apply([placed(f"P{number}", claims=(QuotaClaim("posts", 1),))])

        return run

    errors = [future.exception() for future in at_once(pool, *map(take, range(TOGETHER)))]
    assert sum(error is None for error in errors) == 2
    assert all(isinstance(error, ClaimRefused) for error in errors if error is not None)
    assert [use.used for use in postgres.store.queries.stats().quotas] == [2, 0]


def test_name_met_by_several_at_once_gets_one_pseudonym(postgres: Postgres, pool: ThreadPoolExecutor) -> None:
    def meet(store: SqlStore) -> Callable[[], str]:
        def run() -> str:
            with store.writing() as work:
                return work.actor_id("Camille")

        return run

    found = at_once(pool, *(meet(postgres.another()) for _ in range(TOGETHER)))
    assert len({future.result() for future in found}) == 1


def test_sweeps_share_what_is_due_and_wait_for_nobody(postgres: Postgres) -> None:
    with postgres.store.writing() as work:
        work.apply([placed(f"P{number}", wakes_at=after(number)) for number in range(6)])
    with postgres.store.writing() as one, postgres.another().writing() as other:
        first, second = one.due(after(9), 2), other.due(after(9), 9)
        assert [facts.reference for facts in (*first, *second)] == [f"P{number}" for number in range(6)]
        assert len(first) == 2


def test_definition_published_by_two_at_once_is_published_once(postgres: Postgres, pool: ThreadPoolExecutor) -> None:
    def publish(store: SqlStore) -> Callable[[], bool]:
        def run() -> bool:
            with store.writing() as work:
                return work.publish(definition(7))

        return run

    found = at_once(pool, publish(postgres.store), publish(postgres.another()))
    assert sorted(future.result() for future in found) == [False, True]


def test_acts_of_several_form_one_chain(postgres: Postgres, pool: ThreadPoolExecutor) -> None:
    from workflow.system import SYSTEM, system_entry

    def act(store: SqlStore) -> Callable[[], None]:
        def run() -> None:
            for _ in range(5):
                with store.writing() as work:
                    work.record(system_entry("log", work.system_head(), "published", SYSTEM, START, {}))

        return run

    done = at_once(pool, *(act(postgres.another()) for _ in range(TOGETHER)))
    assert [future.exception() for future in done] == [None] * TOGETHER
    with postgres.store.writing() as work:
        assert work.system_head().seq == 5 * TOGETHER


def test_second_sealer_waits_for_the_first(postgres: Postgres) -> None:
    impatient = SqlStore(postgres.url, patience=timedelta(milliseconds=50))
    with postgres.store.seals.writing(), pytest.raises(StoreBusy), impatient.seals.writing():
        pass
    with impatient.seals.writing():
        pass
    impatient.close()


# Nothing is passed over


def test_export_goes_on_where_it_stopped_though_an_earlier_writer_commits_later(postgres: Postgres) -> None:
    def exported(first: int) -> list[tuple[str, int | None]]:
        return [(each.reference, each.position) for each in postgres.another().queries.entries(Entries(first=first))]

    with postgres.store.writing() as slow:
        slow.apply([placed("slow", recorded_at=START)])
        with postgres.another().writing() as quick:
            quick.apply([placed("quick", recorded_at=after(1))])
        seal_waiting(postgres.another())
        assert exported(0) == [("quick", 0)]
    assert exported(1) == []
    seal_waiting(postgres.another())
    assert exported(1) == [("slow", 1)]


def test_export_waits_for_nobody(postgres: Postgres) -> None:
    with postgres.store.writing() as work:
        work.apply([placed("P1")])
        assert list(postgres.another().queries.entries()) == []


def test_seal_knows_that_somebody_is_writing(postgres: Postgres) -> None:
    with postgres.store.seals.reading() as reading:
        assert not reading.is_written_to()
    with postgres.store.writing() as work:
        work.find("P1")
        with postgres.another().seals.reading() as reading:
            assert reading.is_written_to(), "whoever has only looked may still write what it has decided"
        work.apply([placed("P1")])
        with postgres.another().seals.reading() as reading:
            assert reading.is_written_to()
    with postgres.store.reading() as view, postgres.another().seals.reading() as reading:
        assert view.find("P1") is not None
        assert not reading.is_written_to(), "who reads writes nothing"


def test_notice_of_a_commit_may_be_lost_and_what_is_due_is_seen_all_the_same(postgres: Postgres) -> None:
    watching = postgres.another()
    before = watching.change_token()
    postgres.run(
        "INSERT INTO placement SELECT 'x', 'X', 0, '75', NULL, NULL, 's', 0, digest, 1, 1, '', 5, '' FROM definition"
    )
    assert watching.change_token() != before


def test_watcher_that_was_cut_off_looks_again(postgres: Postgres) -> None:
    watching = postgres.another()
    before = watching.change_token()
    cut(postgres)
    with pytest.raises(StoreUnavailable):
        watching.change_token()
    assert watching.change_token() != before


# What goes wrong


def test_connection_lost_before_the_commit_is_made_good(postgres: Postgres) -> None:
    lost = iter([True, False])

    def place() -> None:
        with postgres.store.writing() as work:
            work.apply([placed("P1")])
            if next(lost):
                cut(postgres)

    postgres.store.repeating(place)
    assert postgres.store.queries.stats().placements == 1


def test_connection_lost_in_the_commit_leaves_the_outcome_unknown(postgres: Postgres) -> None:
    postgres.run("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
                 "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$")  # fmt: skip
    postgres.run("CREATE CONSTRAINT TRIGGER die AFTER INSERT ON history DEFERRABLE INITIALLY DEFERRED "
                 "FOR EACH ROW EXECUTE FUNCTION die()")  # fmt: skip
    with pytest.raises(OutcomeUnknown, match="--key"), postgres.store.writing() as work:
        work.apply([placed("P1")])


def test_transaction_that_slept_for_too_long_is_told_and_not_tried_again(postgres: Postgres) -> None:
    tried: list[int] = []

    def sleep() -> None:
        tried.append(1)
        with postgres.store.writing() as work:
            work._connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 1")
            while backends(postgres, "state = 'idle in transaction'"):
                pass
            work.apply([placed("P1")])

    with pytest.raises(StoreUnavailable, match="did nothing for too long"):
        postgres.store.repeating(sleep)
    assert len(tried) == 1
    assert postgres.store.queries.stats().placements == 0


def test_two_that_wait_for_each_other_both_get_through(postgres: Postgres, pool: ThreadPoolExecutor) -> None:
    with postgres.store.writing() as work:
        work.apply([placed("A"), placed("B")])
    met = threading.Barrier(2)

    def cross(first: str, second: str) -> Callable[[], None]:
        store, tries = postgres.another(), iter(range(9))

        def once() -> None:
            with store.writing() as work:
                one = work.find(first)
                if next(tries) == 0:
                    met.wait(30)
                two = work.find(second)
                assert one is not None
                assert two is not None
                work.apply([change(one), change(two)])

        return lambda: store.repeating(once)

    assert [future.exception() for future in at_once(pool, cross("A", "B"), cross("B", "A"))] == [None, None]
    assert sorted(item.seq for item in postgres.store.queries.placements().items) == [3, 3]


def test_interrupted_operation_is_tried_a_few_times_with_growing_pauses() -> None:
    pauses: list[float] = []
    tried: list[int] = []

    def interrupted() -> None:
        tried.append(1)
        raise StoreInterrupted("no")

    with pytest.raises(StoreInterrupted):
        repeated(interrupted, pauses.append)
    assert len(tried) == ATTEMPTS == len(pauses) + 1
    assert all(0 <= pause <= 1 for pause in pauses)
    assert pauses[0] <= 0.02


def hold(work: UnitOfWork) -> None:
    assert work.find("P1") is not None


def test_writer_that_waits_too_long_is_told(postgres: Postgres) -> None:
    with postgres.store.writing() as work:
        work.apply([placed("P1")])
    impatient = SqlStore(postgres.url, patience=timedelta(milliseconds=50))
    with postgres.store.writing() as work:
        hold(work)
        with pytest.raises(StoreBusy, match="locked"), impatient.writing() as other:
            hold(other)
    with impatient.writing() as other:
        hold(other)
    impatient.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://u:secret@127.0.0.1:1/db", "cannot be reached"),
        ("postgresql://u:secret@127.0.0.1:1", "names no database"),
        ("postgresql://u:secret@127.0.0.1:port/db", "cannot be reached"),
        ("postgresql://u:secret@127.0.0.1:1/db?nonsense=1", "cannot be read"),
    ],
)
def test_server_that_cannot_be_used_is_told_without_the_password(url: str, sentence: str) -> None:
    with pytest.raises(StoreUnavailable, match=sentence) as refused:
        SqlStore(url).installation()
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_database_that_does_not_exist_is_told(server: Server) -> None:
    store = SqlStore(server.url("nowhere"))
    with pytest.raises(StoreUnavailable, match="does not exist"):
        store.initialise(sandbox=True, now=START)
    store.close()


def test_database_in_another_encoding_or_of_another_program_is_left_alone(server: Server) -> None:
    with server.connect() as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    other = server.create("other")
    with server.connect("other") as connection:
        connection.execute("CREATE TABLE recipes (name text)")
    for url, sentence in ((server.url("latin"), "LATIN1"), (other, "another program")):
        store = SqlStore(url)
        with pytest.raises(StoreUnavailable, match=sentence):
            store.initialise(sandbox=True, now=START)
        store.close()


def test_account_that_may_not_write_is_told(postgres: Postgres) -> None:
    postgres.run("CREATE ROLE reader LOGIN")
    postgres.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    store = SqlStore(postgres.url.replace("postgres@", "reader@"))
    with store.reading() as view:
        assert view.find("P1") is None
    with pytest.raises(StoreUnavailable, match="may not do this"), store.writing() as work:
        work.actor_id("Camille")
    store.close()
    postgres.run("DROP OWNED BY reader")
    postgres.run("DROP ROLE reader")


# What the database itself holds to


@pytest.mark.parametrize("table", ["history", "definition", "calendar", "system_entry", "leaf", "seal"])
@pytest.mark.parametrize("action", ["DELETE FROM {0}", "TRUNCATE {0} CASCADE", "UPDATE {0} SET {1} = {1}"])
def test_database_itself_refuses_to_change_what_was_written(postgres: Postgres, table: str, action: str) -> None:
    column = {"definition": "digest", "calendar": "version", "seal": "root"}.get(table, "hash")
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        postgres.run(action.format(table, column))


def test_missing_guard_is_found(postgres: Postgres) -> None:
    assert postgres.store.queries.integrity() == ()
    postgres.run("ALTER TABLE history DISABLE TRIGGER history_append_only")
    assert postgres.store.queries.integrity() == ("the trigger that keeps history append-only is missing or disabled",)


def test_index_that_lacks_a_row_is_found_where_the_server_can_check(postgres: Postgres) -> None:
    assert not postgres.store.database.checks_pages()
    postgres.run("CREATE EXTENSION amcheck")
    assert postgres.store.database.checks_pages()
    assert postgres.store.queries.integrity() == ()
    with postgres.server.connect(postgres.database) as connection:
        connection.execute("SET allow_system_table_mods = on")
        ready = "UPDATE pg_index SET indisready = %s WHERE indexrelid = 'ix_placement_host_siret'::regclass"
        connection.execute(ready, (False,))
        with postgres.store.writing() as work:
            work.apply([placed("P1")])
        connection.execute(ready, (True,))
    (found,) = postgres.store.queries.integrity()
    assert "ix_placement_host_siret is damaged" in found
    assert "P1" not in found


def test_refusal_names_the_constraint_and_no_value(postgres: Postgres) -> None:
    with postgres.store.writing() as work:
        work.apply([placed("P1")])
    with pytest.raises(IntegrityBroken) as refused, postgres.store.writing() as work:
        work._connection.exec_driver_sql(  # type: ignore[attr-defined]
            "INSERT INTO actor VALUES ('operator:1', 'Camille'), ('operator:2', 'Camille')"
        )
    assert "uq_actor_name" in str(refused.value)
    assert "Camille" not in str(refused.value)


def test_connections_are_opened_with_care(postgres: Postgres) -> None:
    wanted = {
        "synchronous_commit": "on",
        "lock_timeout": "10s",
        "statement_timeout": "1min",
        "idle_in_transaction_session_timeout": "5min",
        "transaction_isolation": "read committed",
        "client_encoding": "UTF8",
        "TimeZone": "UTC",
        "application_name": "parcours",
    }
    database = open_database(postgres.url)
    with database.writing() as connection:
        assert {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in wanted} == wanted
    with database.reading() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
    database.close()
    said = library.address(postgres.url + "&keepalives_idle=3&application_name=mine").conninfo
    for part in ("connect_timeout=5", "keepalives_idle=3", "application_name=mine", "target_session_attrs=read-write"):
        assert part in said


def test_writer_s_transaction_is_bounded_where_the_server_can(postgres: Postgres) -> None:
    database = open_database(postgres.url)
    with database.writing() as connection:
        known = connection.exec_driver_sql(
            "SELECT setting FROM pg_settings WHERE name = 'transaction_timeout'"
        ).scalar()
        version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    database.close()
    assert known == ("1800000" if version >= 170000 else None)


@pytest.mark.usefixtures("server")
def test_server_too_looks_whether_the_other_end_is_still_there() -> None:
    # Of a socket in a folder, as the other tests use it, the server knows that by itself.
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running({"listen_addresses": "'127.0.0.1'", "port": str(port)}):
        there = library.address(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        with library.connect(there, library.WRITING, PATIENCE) as connection:
            names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
            assert [connection.execute(f"SHOW {name}").fetchone()[0] for name in names] == ["10", "3", "3", "10000"]


def test_waking_looks_at_nothing_but_its_index(postgres: Postgres) -> None:
    postgres.run("ANALYZE placement")
    with postgres.server.connect(postgres.database) as connection:
        connection.execute("SET enable_seqscan = off")
        rows = connection.execute(
            "EXPLAIN SELECT id FROM placement WHERE wakes_at <= 5 ORDER BY wakes_at, reference LIMIT 9"
        ).fetchall()
    text = "\n".join(row[0] for row in rows)
    assert "ix_placement_wakes_at" in text
    assert "Sort" not in text
