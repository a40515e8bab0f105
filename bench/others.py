"""What others give for one durable step, and for one move in memory, each set up as its documentation says.

None of them is less for doing something else: they keep no legal deadlines, hash chain or reasons of a refusal; DBOS
resumes any function, APScheduler runs any job. What is compared is what one step costs.
"""

import logging
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from threading import Event

from bench.dispatch import LAPSE
from bench.large import DUE_AT, copy, open_at
from bench.rounds import Case, Taken, timed

ALONE = "one operator's `fire`, a commit each"
_STEPS, _JOBS, _MOVES = 50, 200, 1_000
_LIBRARIES = ("dbos", "statemachine", "sismic")


def missing() -> list[str]:
    """The libraries of the group `bench` that are not installed."""
    return [name for name in _LIBRARIES if find_spec(name) is None]


def cases() -> list[Case]:
    """Durable steps, beside a `fire` of ours."""
    durable = Case("DBOS on SQLite, a workflow of one step", dbos_on_sqlite, ALONE, at_most=3)
    jobs = Case("APScheduler with SQLAlchemyJobStore, a job", apscheduler, ALONE, at_most=3)
    return [Case(ALONE, fires, ALONE), *([] if "dbos" in missing() else [durable]), jobs]


def moves() -> list[Case]:
    """Moves in memory, beside a lapse of ours."""
    found = {
        "statemachine": Case("python-statemachine, a guarded move in memory", statemachine, LAPSE),
        "sismic": Case("sismic, a guarded move in memory", sismic, LAPSE),
    }
    return [case for library, case in found.items() if library not in missing()]


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


def _shown() -> "object":
    from storage.queries import PlacementFilter

    return PlacementFilter(state="candidate_shown")


def dbos_on_sqlite(_: Path) -> Taken:
    """Workflows one after the other, each with a step whose result is kept."""
    from dbos import DBOS

    folder = tempfile.mkdtemp()
    url = f"sqlite:///{folder}/dbos.sqlite"
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})

    @DBOS.step()
    def step(number: int) -> int:
        return number + 1

    @DBOS.workflow()
    def lapse(number: int) -> int:
        return step(number)

    DBOS.launch()
    lapse(0)
    with timed(_STEPS) as taken:
        for number in range(_STEPS):
            lapse(number)
    DBOS.destroy()
    return taken


def apscheduler(_: Path) -> Taken:
    """Jobs in an SQLite job store that are all due: each is run, and removed by a commit of its own."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    url = f"sqlite:///{tempfile.mkdtemp()}/jobs.sqlite"
    scheduler = BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(url=url)}, timezone=UTC)
    scheduler.start(paused=True)
    due_at = datetime.now(UTC) - timedelta(seconds=1)
    for number in range(_JOBS):
        scheduler.add_job(ran, "date", run_date=due_at, args=[number], misfire_grace_time=None)
    with timed(_JOBS) as taken:
        scheduler.resume()
        _ALL_RAN.wait()
        while scheduler.get_jobs():
            time.sleep(0.001)
    scheduler.shutdown()
    return taken


_ALL_RAN = Event()
_RAN: list[int] = []


def ran(number: int) -> None:
    """The job: notes that it ran."""
    _RAN.append(number)
    if len(_RAN) == _JOBS:
        _ALL_RAN.set()


def statemachine(_: Path) -> Taken:
    """A machine for each placement, and one move with a condition."""
    from statemachine import State, StateMachine

    class Post(StateMachine):
        applied, shown, vacant = State(initial=True), State(), State(final=True)
        show = applied.to(shown)
        lapse = shown.to(vacant, cond="is_due")

        def is_due(self) -> bool:
            return True

    machines = [Post() for _ in range(_MOVES)]
    for machine in machines:
        machine.send("show")
    with timed(_MOVES) as taken:
        for machine in machines:
            machine.send("lapse")
    return taken


_CHART = """
statechart:
  name: post
  root state:
    name: root
    initial: applied
    states:
      - {name: applied, transitions: [{event: show, target: shown}]}
      - {name: shown, transitions: [{event: lapse, target: vacant, guard: "True"}]}
      - {name: vacant}
"""


def sismic(_: Path) -> Taken:
    """An interpreter for each placement, and one move with a guard."""
    from sismic.interpreter import Interpreter
    from sismic.io import import_from_yaml

    chart = import_from_yaml(_CHART)
    posts = [Interpreter(chart) for _ in range(_MOVES)]
    for post in posts:
        post.queue("show").execute()
    with timed(_MOVES) as taken:
        for post in posts:
            post.queue("lapse").execute_once()
    return taken
