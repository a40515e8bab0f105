"""Measures of a process and its database, for Prometheus; read anew each time somebody asks.

No label has an id, a reference or a name of a person: labels have few values, fixed by the definition and the program.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from app import App
from operators.health import Answer
from operators.heartbeat import program_version, skew_of
from operators.pulse import Pulse
from operators.tally import Tally
from storage.queries import RunnerItem
from workflow.clock import SystemClock
from workflow.definition import COMPILED_FORMAT
from workflow.errors import ParcoursError

MOST_UNSEALED = 10_000
"""Waiting entries are counted up to here: whoever asks every few seconds must cost little."""


def registry_of(app: App, pulse: Pulse, tally: Tally, others: Iterable[Collector] = ()) -> CollectorRegistry:
    """All that a process measures; `others` are what it alone has."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Database(app))
    registry.register(_Process(pulse, tally))
    for other in others:
        registry.register(other)
    return registry


def exposed(registry: CollectorRegistry) -> Answer:
    """The measures of this moment, in Prometheus' text format."""
    return 200, CONTENT_TYPE_LATEST, generate_latest(registry)


class _Process(Collector):
    """What the process counts itself."""

    def __init__(self, pulse: Pulse, tally: Tally) -> None:
        self._pulse, self._tally = pulse, tally

    def collect(self) -> Iterator[Metric]:
        yield _info()
        yield _gauge("parcours_loop_silent_seconds", "Since when the process's loop has not run.", self._pulse.silent_s)
        yield _counter("parcours_entries", "Entries that this process committed, by kind.", "kind",
                       self._tally.entries.items())  # fmt: skip
        yield _counter("parcours_sweeps", "Sweeps of this process: done, held by the brake, failed.", "outcome",
                       self._tally.sweeps.items())  # fmt: skip
        yield CounterMetricFamily("parcours_sweeping_seconds", "How long the sweeps of this process took together.",
                                  self._tally.sweeping_s)  # fmt: skip


class _Database(Collector):
    """What the database holds. Where it does not answer, `parcours_database_up` is 0 and the rest is missing."""

    def __init__(self, app: App) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        try:
            found = [*_due(self._app), *_waiting(self._app), *_runners(self._app)]
        except ParcoursError:
            found = []
        yield _gauge("parcours_database_up", "Whether the database answers.", bool(found))
        yield from found


def _due(app: App) -> Iterator[Metric]:
    now = app.clock.now()
    due = app.queries.due_counts(now)
    late = timedelta() if due.oldest is None else now - due.oldest
    yield _gauge("parcours_lateness_seconds", "Since when the oldest of what is due has waited.", late.total_seconds())
    yield _gauge("parcours_due_placements", "Placements at which something is due and not yet fired.", due.waking)
    yield _gauges("parcours_overdue_deadlines", "Open deadlines that have passed, by name.", "deadline",
                  due.overdue.items())  # fmt: skip
    held = app.engine.brake().held
    yield _gauge("parcours_brake_held", "Whether the brake holds: nothing fires.", held is not None)


def _waiting(app: App) -> Iterator[Metric]:
    waiting = app.store.counts.waiting()
    yield _gauge("parcours_incidents", "Placements with an open incident that nobody set aside.", waiting.incidents)
    yield _gauge("parcours_incidents_set_aside", "Placements with an open incident that a person set aside.",
                 waiting.set_aside)  # fmt: skip
    yield _gauge("parcours_approvals_waiting", "Corrections that wait for a second person.", waiting.requests)
    yield _gauges("parcours_notices", "Notices that were not sent, by status.", "status",
                  app.store.counts.unsent_notices().items())  # fmt: skip
    with app.store.seals.reading() as reading:
        unsealed, last = reading.queue_length(MOST_UNSEALED), reading.last_seal()
    yield _gauge("parcours_unsealed_entries", f"Entries that no seal covers, at most {MOST_UNSEALED}.", unsealed)
    if last is not None:
        age = (app.clock.now() - last.sealed_at).total_seconds()
        yield _gauge("parcours_last_seal_age_seconds", "How long ago the last seal was made.", age)


def _runners(app: App) -> Iterator[Metric]:
    present = app.store.runners.present()
    runners = app.store.runners.listed()
    by_state = {state: _count(runners, state == "alive") for state in ("alive", "silent")}
    yield _gauges("parcours_runners", "Daemons: alive, or silent without having left.", "state", by_state.items())
    if runners:
        age = present - max(each.heartbeat_at for each in runners)
        yield _gauge("parcours_heartbeat_age_seconds", "How long ago any daemon said that it lives.",
                     age.total_seconds())  # fmt: skip
    yield _gauge("parcours_clock_skew_seconds", "How far this machine's clock is ahead of the database's.",
                 skew_of(app, present, SystemClock()).total_seconds())  # fmt: skip


def _count(runners: Iterable[RunnerItem], alive: bool) -> int:
    return sum(each.alive is alive for each in runners)


def _info() -> Metric:
    labels = {"version": program_version(), "definition_format": str(COMPILED_FORMAT)}
    family = GaugeMetricFamily("parcours_build_info", "Which program this is; always 1.", labels=list(labels))
    family.add_metric(list(labels.values()), 1)
    return family


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, float(value))


def _gauges(name: str, meaning: str, label: str, values: Iterable[tuple[str, int]]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in values:
        family.add_metric([value], number)
    return family


def _counter(name: str, meaning: str, label: str, values: Iterable[tuple[str, int]]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for value, number in values:
        family.add_metric([value], number)
    return family
