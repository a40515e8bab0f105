"""Many placements, some due at one instant: the benchmark's database, smaller."""

from pathlib import Path

from bench.large import DUE_AT, build, copy, open_at
from bench.raw import difference, write
from tests.acceptance.driver import CHANGE, Site

PLACEMENTS, DUE = 5_000, 400


def test_single_sweep_fires_all_that_falls_due_at_one_instant_and_nothing_else(tmp_path: Path) -> None:
    before = build(tmp_path, PLACEMENTS, DUE)
    site = Site(tmp_path, database_name=copy(before, "parcours.db").name).at(DUE_AT.isoformat())
    swept = site.parcours("run", "--once")
    print(f"{DUE} of {PLACEMENTS} in {swept.lines[-1]['duration_s']} s")
    assert sum(CHANGE in line for line in swept.lines) == DUE
    states = "SELECT state, count(*) FROM placement GROUP BY state ORDER BY state"
    assert site.rows(states) == [("ami_application", PLACEMENTS - DUE), ("post_vacant", DUE)]
    assert site.rows("SELECT count(*) FROM history WHERE kind = 'timeout'") == [(DUE,)]
    assert site.parcours("run", "--once").err == ""


def test_rows_written_by_hand_are_those_of_the_sweep(tmp_path: Path) -> None:
    before = build(tmp_path, 300, 30)
    swept, by_hand = copy(before, "swept.db"), copy(before, "by_hand.db")
    with open_at(swept, DUE_AT) as app:
        assert app.engine.sweep().placements == 30
    write(by_hand, difference(before, swept))
    assert Site(tmp_path, database_name="by_hand.db").content() == Site(tmp_path, database_name="swept.db").content()
