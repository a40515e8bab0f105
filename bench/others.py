"""What others give for one durable step and one timer on SQLite, each set up as its documentation says.

A step or a job of theirs moves a row in a transaction of its own (posts.py). None of them is less for doing something
else: they keep no legal deadlines, hash chain or reasons of a refusal; DBOS resumes any function, APScheduler runs any
job. What is compared is what one step costs.
"""

import logging
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

from bench import posts, queues
from bench.large import DUE_AT, copy, open_at
from bench.queues import missing
from bench.rounds import Case, Taken, alone, timed
from bench.sweeping import ENGINE, by_the_engine

ALONE = "one operator's `fire`, a commit each"
_STEPS, _JOBS, _TIMERS = 50, 200, 200


def cases() -> list[Case]:
    """Durable steps, beside a `fire` of ours; timers beside a sweep of as many."""
    dbos = [
        Case("DBOS on SQLite, a workflow of one step", dbos_step, ALONE),
        Case("DBOS on SQLite, one of a queue that is due", dbos_queue, ENGINE, by="wall"),
    ]
    jobs = Case("APScheduler with SQLAlchemyJobStore, a job", apscheduler, ENGINE)
    return [
        Case(ALONE, fires, ALONE),
        Case(ENGINE, by_the_engine, ENGINE),
        *([] if "dbos" in missing() else dbos),
        jobs,
    ]


def fires(folder: Path) -> Taken:
    """Hosts withdraw one candidate after the other: guards, history, dates and a flushed commit for each."""
    from workflow.commands import Fire

    with open_at(copy(folder / "large.db", "fires.db"), DUE_AT - timedelta(hours=1)) as app:
        app.engine.current_rules()
        names = [item.reference for item in app.queries.placements(_shown(), _STEPS, None).items]
        asked = [
            Fire(reference=name, trigger="select_candidate", actor="bench", roles=("host",), key=name,
                 fields={"selected_candidate_ref": name})
            for name in names
        ]  # fmt: skip
        with timed(len(asked)) as taken:
            for each in asked:
                app.engine.fire(each)
    return taken


def _shown() -> Any:
    from storage.queries import PlacementFilter

    return PlacementFilter(state="candidate_shown")


def dbos_step(_: Path) -> Taken:
    """Workflows one after the other, each with a step whose result is kept."""
    from dbos import DBOS

    url = _fresh_url("dbos")
    posts.make(url, _STEPS)
    lapse = queues.dbos_workflow(url)
    DBOS.launch()
    lapse(0)
    with timed(_STEPS) as taken:
        for number in range(_STEPS):
            lapse(number)
    DBOS.destroy()
    return taken


def dbos_queue(_: Path) -> Taken:
    """Such workflows that wait in a queue, all run by one process that has begun."""
    url = _fresh_url("dbos")
    alone(queues.fill_dbos, url, _TIMERS)
    taken = Taken(_TIMERS)
    begun: list[float] = []
    queues.drain_dbos(url, lambda: begun.append(time.perf_counter()))
    taken.wall_s = taken.cpu_s = time.perf_counter() - begun[0]
    return taken


def _fresh_url(name: str) -> str:
    return f"sqlite:///{tempfile.mkdtemp()}/{name}.sqlite"


def apscheduler(_: Path) -> Taken:
    """Jobs in an SQLite job store that are all due: each is run, and removed by a commit of its own."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    url = _fresh_url("jobs")
    posts.make(url, _JOBS)
    stores = {"default": SQLAlchemyJobStore(url=url)}
    scheduler = BackgroundScheduler(jobstores=stores, timezone=UTC)
    scheduler.start(paused=True)
    due_at = datetime.now(UTC) - timedelta(seconds=1)
    for number in range(_JOBS):
        scheduler.add_job(ran, "date", run_date=due_at, args=[url, number], misfire_grace_time=None)
    with timed(_JOBS) as taken:
        scheduler.resume()
        _ALL_RAN.wait()
        while scheduler.get_jobs():
            time.sleep(0.001)
    scheduler.shutdown()
    return taken


_ALL_RAN = Event()
_RAN: list[int] = []
_mover = cache(posts.mover)


def ran(url: str, number: int) -> None:
    """The job: moves its post, and notes that it ran."""
    _mover(url)(number)
    _RAN.append(number)
    if len(_RAN) == _JOBS:
        _ALL_RAN.set()
