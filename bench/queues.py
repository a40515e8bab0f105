"""A backlog of due jobs, drained by what others would take for timers: DBOS's queue and Procrastinate's worker.

Each job does what one writes in an afternoon (posts.py). What is set is what their documentation recommends, or its
default; the jobs are put there beforehand, and whoever drains them starts where they are due already.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any

from bench import posts

_QUEUE, _CONCURRENCY = "lapses", 10

Ready = Callable[[], object]
Drain = Callable[[str, Ready], None]


def missing() -> list[str]:
    """The libraries that are not installed."""
    return [name for name in ("dbos", "procrastinate") if find_spec(name) is None]


def fill_dbos(url: str, count: int) -> None:
    """Put so many workflows of one step into a queue."""
    from dbos import DBOS

    posts.make(url, count)
    lapse = dbos_workflow(url)
    DBOS.listen_queues([])
    DBOS.launch()
    DBOS.register_queue(_QUEUE)
    for number in range(count):
        DBOS.enqueue_workflow(_QUEUE, lapse, number)
    DBOS.destroy()


def drain_dbos(url: str, ready: Ready) -> None:
    """Run all that waits in the queue."""
    from dbos import DBOS

    dbos_workflow(url)
    ready()
    DBOS.launch()
    for each in DBOS.list_workflows(status=["ENQUEUED", "PENDING"]):
        DBOS.retrieve_workflow(each.workflow_id).get_result()
    DBOS.destroy()


def dbos_workflow(url: str) -> Callable[[int], int]:
    """DBOS over this database, not launched yet, and its workflow of one step, which moves a post."""
    from dbos import DBOS

    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})

    move = posts.mover(url)

    @DBOS.step()
    def step(number: int) -> int:
        move(number)
        return number

    @DBOS.workflow()
    def lapse(number: int) -> int:
        return step(number)

    return lapse


def fill_procrastinate(url: str, count: int, later: int = 0) -> None:
    """Put so many jobs there that were due a second ago, scattered among so many that are due in a year."""
    posts.make(url, count)
    asyncio.run(_deferred(url, count, later))


def drain_procrastinate(url: str, ready: Ready) -> None:
    """Run all jobs by one worker."""
    asyncio.run(_worked(url, ready))


async def _deferred(url: str, count: int, later: int) -> None:
    app, lapse = _procrastinate(url, None)
    now = datetime.now(UTC)
    due, waits = (lapse.configure(schedule_at=now + delay) for delay in (-timedelta(seconds=1), timedelta(days=365)))
    among = later // count
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for number in range(count):
            if among:
                await waits.batch_defer_async(*({"number": number} for _ in range(among)))
            await due.defer_async(number=number)
        # As a server does by itself once so many rows are new.
        await app.connector.execute_query_async("ANALYZE procrastinate_jobs")


async def _worked(url: str, ready: Ready) -> None:
    from psycopg_pool import AsyncConnectionPool

    async with AsyncConnectionPool(url, max_size=_CONCURRENCY) as pool:
        app, _ = _procrastinate(url, pool)
        async with app.open_async():
            ready()
            await app.run_worker_async(wait=False, concurrency=_CONCURRENCY, install_signal_handlers=False)


def _procrastinate(url: str, pool: Any) -> tuple[Any, Any]:
    from procrastinate import App, PsycopgConnector

    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name="lapse")
    async def lapse(number: int) -> None:
        async with pool.connection() as connection:
            await connection.execute(posts.MOVED, (number,))
            await connection.execute(posts.TOLD, (number,))

    return app, lapse
