"""The daemon and its clocks: fixed, running, the system's; and what another process changes while it sleeps."""

import random
from datetime import timedelta
from pathlib import Path

from tests.acceptance.driver import RUNNER, Site, moment, told

QUICK = """\
definition: quick
version: 1
initial: waiting
roles: [clerk]
fields:
  territory: {type: territory, required: true}
  host_name: {type: text, required: true}
  host_siret: {type: siret, required: true}
  host_type: {type: text, required: true}
states:
  waiting: {}
  asked: {}
  closed: {final: true}
transitions:
  ask: {from: waiting, to: asked, by: [clerk]}
  close: {from: [waiting, asked], to: closed, by: [scheduler]}
deadlines:
  patience: {after: waiting, within: 2 days, while: [waiting, asked], then: close, before: [answer]}
  answer: {after: asked, within: 1 second, while: asked, then: close}
"""


def quick(site: Site) -> Site:
    """A production installation with deadlines of seconds, and a daemon that would sleep for an hour."""
    path = site.folder / "quick.yaml"
    path.write_text(QUICK)
    site.settings |= {"definition": str(path), "safety_interval_s": "3600"}
    return site.init()


def test_change_of_another_process_wakes_a_sleeping_daemon(site: Site) -> None:
    quick(site).place("A-1")
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        asked = site.ask("fire", "A-1", "ask", "--role", "clerk")
        fired = daemon.wait_for("deadline.fired")
        assert daemon.stop().code == 0
    (due_at,) = (each["due_at"] for each in asked["deadlines"] if each["name"] == "answer")
    late_s = (moment(fired["logged_at"]) - moment(due_at)).total_seconds()
    print(f"fired {late_s:.3f} s after its instant")
    assert 0 <= late_s < 5
    entry = site.history("A-1")[-1]
    assert (entry.kind, entry.trigger, entry.occurred_at) == ("timeout", "close", moment(due_at))


def test_sleeping_daemon_uses_no_processor(site: Site) -> None:
    quick(site).place("A-1")
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        assert not daemon.linger(1)
        before_s = daemon.cpu_s
        assert not daemon.linger(5)
        used_s = daemon.cpu_s - before_s
        assert daemon.stop().code == 0
    print(f"used {used_s:.2f} s of processor time in 5 s")
    assert used_s < 0.25


def test_fixed_clock_sweeps_once_and_then_waits_for_a_signal(site: Site) -> None:
    site = started(site)
    with site.at("2021-05-03T00:00:00Z").running() as daemon:
        finished = daemon.wait_for("sweep.finished")
        assert not daemon.linger(1)
        said = daemon.stop()
    assert (said.code, finished["placements"], finished["entries"], finished["incidents"]) == (0, 1, 1, 0)
    assert [line["event"] for line in said.lines].count("sweep.finished") == 1


def started(site: Site, *, shown: bool = False) -> Site:
    """A sandbox at the 1st of March 2021 with one placement, to whom a candidate may have been shown."""
    site = site.at("2021-03-01T09:00:00Z").init(sandbox=True)
    site.place("A-1")
    if shown:
        site.fire("A-1", "grant_post", "anct", granted_on="2021-03-01")
        site.fire("A-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Camille")
    site.flush()
    return site


def test_running_clock_goes_on_after_a_restart(site: Site) -> None:
    site = site.at("2021-03-01T09:00:00Z*864000").init(sandbox=True)
    site.place("A-1")
    began = site.rows("SELECT clock_started_at FROM installation")
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        assert daemon.stop().code == 0
    site.place("A-2")
    assert site.rows("SELECT clock_started_at FROM installation") == began != [(None,)]
    (first,), (second,) = site.history("A-1"), site.history("A-2")
    # A real second is ten days, and the daemon took some hundredths of one to come and go.
    assert second.recorded_at - first.recorded_at > timedelta(hours=6)


def test_until_leaves_once_all_before_it_has_fired(site: Site, tmp_path: Path) -> None:
    site = started(site, shown=True)
    stepped, end = site.copy(tmp_path / "stepped"), "2021-09-20T22:00:00Z"
    # 90 days a real second.
    left = site.at("2021-03-01T09:00:00Z*7776000").parcours("run", "--until", end)
    assert (left.out, left.lines[-1]["event"]) == ("", "runner.stopped")
    stepped.at(end).parcours("run", "--once")
    assert told(site.history("A-1")) == told(stepped.history("A-1"))
    fired = ["reminder", "reminder", "timeout", "reminder", "timeout"]
    assert [entry.kind for entry in site.history("A-1")][3:] == fired


def test_production_database_does_not_open_with_a_clock(site: Site) -> None:
    site.init()
    for words in (("run", "--once"), ("run",), ("init",)):
        refused = site.at("2021-03-01T09:00:00Z").parcours(*words, code=2)
        assert refused.out == ""
        assert "Traceback" not in refused.err


def test_daemon_starts_as_runner_py_too(site: Site) -> None:
    quick(site)
    with site.program(*RUNNER) as daemon:
        daemon.wait_for("runner.started")
        assert daemon.stop().code == 0


def test_stopped_for_any_stretches_gives_the_same_history(site: Site, tmp_path: Path) -> None:
    site = started(site, shown=True)
    interrupted = site.copy(tmp_path / "interrupted")
    chance, now = random.Random(7), moment("2021-03-01T09:00:00Z")
    for _ in range(4):
        now += timedelta(days=chance.uniform(1, 60))
        interrupted.at(now.isoformat()).parcours("run", "--once")
    for each in (site, interrupted):
        each.at("2022-01-01T00:00:00Z").parcours("run", "--once")
    assert told(site.history("A-1")) == told(interrupted.history("A-1"))
