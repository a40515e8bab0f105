"""A brake that holds is told once, again every hour, and at its end; not at every wake of a daemon."""

import pytest

from operators.brake_log import BrakeLog
from tests.world import instant
from workflow.brake import Held

HELD = Held("share", instant("2026-11-23T12:00"), instant("2026-11-23T11:00"), 60, 80)


def test_what_holds_is_told_once_then_every_hour_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "parcours.brake")
    now = [0.0]
    tell = BrakeLog(lambda: now[0])
    tell(None)
    for second in range(0, 7_300, 30):
        now[0] = float(second)
        tell(HELD)
    tell(None)
    tell(None)
    tell(HELD)
    told = [(record.message, record.levelname) for record in caplog.records]
    assert told == [
        ("brake.engaged", "ERROR"),
        ("brake.held", "ERROR"),
        ("brake.held", "ERROR"),
        ("brake.lifted", "INFO"),
        ("brake.engaged", "ERROR"),
    ]
    assert {name: getattr(caplog.records[0], name) for name in HELD.details} == HELD.details
