"""What goes wrong around the daemon: damaged placements, a locked store; and what its log says of it all."""

from collections.abc import Callable

import pytest

from operators.log_events import EVENTS
from tests.acceptance.conftest import CANARY, Full
from tests.acceptance.driver import Site, moment


def make_deadline_unknown(site: Site) -> None:
    site.damage_facts("A-1", lambda facts: facts.replace('"decision"', '"nonsense"'))


def make_deadline_known(site: Site) -> None:
    site.damage_facts("A-1", lambda facts: facts.replace('"nonsense"', '"decision"'))


def make_definition_unknown(site: Site) -> None:
    ((digest,),) = site.rows("SELECT DISTINCT definition FROM placement")
    site.damage_facts("A-1", lambda facts: facts.replace(digest, "gone"))


def move_seq(site: Site) -> None:
    site.damage("UPDATE placement SET seq = seq + 7 WHERE reference = 'A-1'")


def spoil_facts(site: Site) -> None:
    site.damage_facts("A-1", lambda facts: "{")


def three(site: Site) -> Site:
    """A sandbox with three placements, all applied for in March 2021."""
    site = site.at("2021-03-01T09:00:00Z").init(sandbox=True)
    for number in range(3):
        site.place(f"A-{number}")
    return site.at("2021-05-03T00:00:00Z")


@pytest.mark.parametrize("damage", [make_deadline_unknown, make_definition_unknown, move_seq, spoil_facts])
def test_damaged_placement_never_blocks_the_others(site: Site, damage: Callable[[Site], None]) -> None:
    site = three(site)
    damage(site)
    swept = site.parcours("run", "--once", code=1)
    assert "Traceback" not in swept.err
    kinds = [[entry.kind for entry in site.history(f"A-{number}")] for number in range(3)]
    assert kinds == [["placed", "missed"], ["placed"], ["placed", "missed"]]
    doctor = site.parcours("doctor", "--json", code=7).json
    assert [incident["reference"] for incident in doctor["incidents"]] == ["A-1"]
    assert {fault["reference"] for fault in doctor["faults"]} == {"A-1"}


def test_incident_is_tried_again_at_growing_intervals_and_resolves_once_mended(site: Site) -> None:
    site = three(site)
    make_deadline_unknown(site)
    tried = [("00:00:00", 1), ("00:00:30", 1), ("00:01:00", 2), ("00:02:30", 2), ("00:03:00", 3)]
    for time, attempts in tried:
        # An open incident is told by every single sweep, tried again or not.
        site.at(f"2021-05-03T{time}Z").parcours("run", "--once", code=1)
        assert site.rows("SELECT attempts FROM incident") == [(attempts,)]
    make_deadline_known(site)
    site.at("2021-05-03T00:07:00Z").parcours("run", "--once")
    assert site.count("incident") == 0
    assert site.history("A-1")[-1].occurred_at == moment("2021-05-01T22:00:00Z")
    assert site.parcours("doctor").code == 0


def test_request_on_an_incident_is_held_and_a_read_says_what_is_broken(site: Site) -> None:
    site = three(site)
    make_deadline_unknown(site)
    refused = site.parcours("fire", "A-1", "withdraw", "--role", "host", "--reason", "other", "--json", code=8)
    assert [blocker["code"] for blocker in refused.json["error"]["blockers"]] == ["incident"]
    shown = site.parcours("show", "A-1", code=7)
    assert "parcours doctor" in shown.err
    assert "Traceback" not in shown.err


def test_daemon_outlives_a_store_that_is_locked(file_site: Site) -> None:
    site = three(file_site)
    with site.connection() as other:
        other.execute("BEGIN IMMEDIATE")
        with site.running() as daemon:
            failed = daemon.wait_for("sweep.failed")
            other.execute("ROLLBACK")
            finished = daemon.wait_for("sweep.finished")
            said = daemon.stop()
    assert (said.code, finished["entries"]) == (0, 3)
    assert "locked" in failed["reason"]
    assert "Traceback" not in said.err


def test_daemon_outlives_a_store_that_is_away(file_site: Site) -> None:
    site = three(file_site)
    away = site.folder / "away"
    with site.at("2021-03-02T00:00:00Z").running() as daemon:
        daemon.wait_for("runner.started")
        site.database.rename(away)
        assert not daemon.linger(2)
        away.rename(site.database)
        assert daemon.stop().code == 0
    assert site.problems() == []


def test_daemon_stops_rather_than_guess_on_a_damaged_file(file_site: Site) -> None:
    site = three(file_site)
    site.flush()
    (page,) = site.rows("SELECT rootpage FROM sqlite_master WHERE type = 'index' AND sql LIKE '%wakes_at%'")[0]
    (size,) = site.rows("PRAGMA page_size")[0]
    with site.database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with site.running() as daemon:
        failed = daemon.wait_for("runner.failed")
        said = daemon.end()
    assert (said.code, said.out) == (7, "")
    assert "damaged" in failed["reason"]
    assert "Traceback" not in said.err


def test_daemon_s_log_is_one_line_of_json_for_each_change(full: Full) -> None:
    site = full(50, shown=True)
    with site.running() as daemon:
        daemon.wait_for("sweep.finished")
        said = daemon.stop()
    assert said.out == ""
    changes = [line for line in said.lines if "reference" in line]
    assert len(changes) == site.count("history") - 3 * 50
    assert {line["event"] for line in said.lines} <= EVENTS.keys()
    for line in said.lines:
        assert line.keys() <= {"event", "level", "logged_at", *EVENTS[line["event"]].keys}, line
    assert CANARY not in said.err


def test_commands_log_their_changes_and_never_a_personal_value(site: Site) -> None:
    site = three(site).at("2021-03-02T09:00:00Z")
    site.fire("A-1", "grant_post", "anct", granted_on="2021-03-01")
    site.settings["log_level"] = "info"
    fields = ["--set", "candidate_ref=C-1", "--set", f"candidate_name={CANARY}"]
    said = site.parcours("fire", "A-1", "show_candidate", "--role", "platform", *fields, "--reason", CANARY, "--json")
    (line,) = said.lines
    assert (line["event"], line["reference"], line["trigger"]) == ("transition.fired", "A-1", "show_candidate")
    assert CANARY not in said.err
    assert said.json["state"] == "candidate_shown"
