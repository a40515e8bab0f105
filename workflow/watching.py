"""Asking the store what the brake judges by, and keeping what it remembers. It decides nothing itself (brake.py)."""

from dataclasses import dataclass
from datetime import datetime

from workflow import brake
from workflow.brake import ClockBehind, Held, Limits, Watch
from workflow.store import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether there is a brake, why it holds, if it does, and what is remembered of the clock."""

    on: bool
    held: Held | None
    watch: Watch


class Brake:
    """The brake of one engine; without limits there is none: nothing is asked, nothing is kept."""

    def __init__(self, limits: Limits | None) -> None:
        self._limits = limits

    def standing(self, reading: Reading, now: datetime) -> Standing:
        """How it stands; raises nothing."""
        watch = reading.watch()
        if self._limits is None:
            return Standing(False, None, watch)
        return Standing(True, brake.judged(self._limits, watch, now, reading.next_wake), watch)

    def judged(self, reading: Reading, now: datetime) -> Held | None:
        """Why nothing may fire now. Raises ClockBehind where nothing may be written either."""
        if self._limits is None:
            return None
        held = self.standing(reading, now).held
        if held is not None and held.cause == "back":
            raise ClockBehind(held)
        return held

    def judged_sweep(self, unit: UnitOfWork, now: datetime, until: datetime) -> Held | None:
        """Why a sweep of all that is due by `until` may not begin; where it would fire too much, that is kept."""
        if self._limits is None:
            return None
        watch = unit.watch()
        due = unit.firings_due(watch.released_at, until)
        if due < self._limits.min_firings:
            return None
        open_ = unit.firings_open(self._limits.enough(due))
        if not brake.too_much(self._limits, due, open_):
            return None
        unit.keep_watch(watch, brake.engaged(watch, now, due, open_))
        return Held("share", now, now, due, open_)

    def note(self, unit: UnitOfWork, now: datetime, held: Held | None) -> None:
        """Something was written at `now`; what is written while the brake holds proves nothing of the clock."""
        if self._limits is not None and held is None:
            watch = unit.watch()
            if brake.is_note_due(self._limits, watch, now):
                unit.keep_watch(watch, brake.written(watch, now))

    def beat(self, unit: UnitOfWork, now: datetime) -> None:
        """The clock was seen at `now` and nothing held."""
        if self.is_beat_due(unit, now):
            watch = unit.watch()
            unit.keep_watch(watch, brake.seen(watch, now))

    def is_beat_due(self, reading: Reading, now: datetime) -> bool:
        """Whether `beat` would write."""
        return self._limits is not None and brake.is_beat_due(self._limits, reading.watch(), now)
