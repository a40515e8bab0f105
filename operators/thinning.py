"""Keeping two logs no longer than is set: whose personal values were shown, and what became of notices.

What was forgotten is entered as an act of the system: how many lines, of which log, of before when.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from app import App
from storage.sql_writing import SqlUnitOfWork
from storage.thinning import MOST
from workflow.clock import Clock, SystemClock
from workflow.system import SYSTEM, system_entry

_LOG = logging.getLogger("parcours.runner")

Forget = Callable[[SqlUnitOfWork, datetime], int]


def thin(app: App, real: Clock | None = None) -> int:
    """Forget what is older than is set, unless the brake holds: a clock ahead would forget too much; how many lines.

    `real` is the clock by which accesses are dated, which a sandbox's does not turn.
    """
    if app.engine.brake().held is not None:
        return 0
    settings, now = app.settings, (real or SystemClock()).now()
    accesses = _thinned(app, "access", now, settings.accesses_keep_days, SqlUnitOfWork.forget_accesses)
    return accesses + _thinned(
        app, "delivery", app.clock.now(), settings.deliveries_keep_days, SqlUnitOfWork.forget_deliveries
    )


def _thinned(app: App, log: str, now: datetime, days: int, forget: Forget) -> int:
    """As many transactions as it takes; 0 days are for ever."""
    before, total = now - timedelta(days=days), 0
    while days:
        with app.store.writing() as unit:
            count = forget(unit, before)
            if count:
                fields: dict[str, str | int] = {"log": log, "count": count, "before": before.date().isoformat()}
                head, present = unit.system_head(), app.clock.now()
                unit.record(system_entry(app.installation.log, head, "log_thinned", SYSTEM, present, fields))
        total += count
        if count < MOST:
            break
    if total:
        _LOG.info("log.thinned", extra={"log": log, "count": total})
    return total
