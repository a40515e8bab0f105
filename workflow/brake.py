"""The brake: whether the clock can be believed, and whether one sweep may fire as much as it would.

Pure: from what is remembered of the clock and its present reading to a verdict. It refuses to know where that is
remembered, and what fires.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from workflow.errors import Blocker, ParcoursError

Cause = Literal["back", "gap", "share"]
_BEATS, _NOTES = 100, 10


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on the brake holds; what a sweep fires is counted in deadlines that have a `then`.

    `max_back`: the clock may be so far below the largest moment written; by default as far as a seal allows.
    `max_gap`: it may be so far above the moment at which it was seen last; by default shorter than the process's
    fifteen days, so that none of these passes as a whole unseen. `max_share`: one sweep may fire so much of all that
    is open, and in any case fewer than `min_firings`.
    """

    max_back: timedelta = timedelta(seconds=60)
    max_gap: timedelta = timedelta(days=14)
    max_share: float = 0.3
    min_firings: int = 50

    def enough(self, due: int) -> int:
        """How many open deadlines are enough for firing `due` of them; there is no need to count further."""
        return int(due / self.max_share) + 1 if self.max_share else due + 1


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of the clock; None: nothing yet.

    `written_at` is the largest moment written, but for a tenth of `max_back`; `seen_at` the last one at which a daemon
    or a change saw the clock, but for a hundredth of `max_gap`: both while nothing held. What was due by `released_at`
    was released by a person. `held_at` is the moment of the sweep that would have fired `due` of `open` deadlines.
    """

    written_at: datetime | None = None
    seen_at: datetime | None = None
    released_at: datetime | None = None
    held_at: datetime | None = None
    due: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Why the brake holds at `now`, and the moment `since` that it compares with: see Watch.

    Of the clock that went `back` it is `written_at`, of a `gap` `seen_at`, of a `share` `held_at`.
    """

    cause: Cause
    now: datetime
    since: datetime
    due: int = 0
    open: int = 0

    @property
    def details(self) -> dict[str, str | int]:
        """The same as data: for answers, log lines and the log's own entry."""
        counts = {"due": self.due, "open": self.open} if self.cause == "share" else {}
        return {"cause": self.cause, "now": _text(self.now), "since": _text(self.since), **counts}

    def sentence(self, lang: str) -> str:
        """What does not fit, in `fr` or `en`."""
        return _SENTENCES[self.cause][lang == "en"].format(**self.details)


_SENTENCES = {
    "back": (
        "l'horloge indique {now}, alors qu'il a déjà été écrit le {since}",
        "the clock says {now}, but something was written at {since} already",
    ),
    "gap": (
        "le frein tient : l'horloge indique {now}, et a été vue pour la dernière fois le {since}",
        "the brake holds: the clock says {now}, and was seen last at {since}",
    ),
    "share": (
        "le frein tient depuis le {since} : un seul balayage aurait fait jouer {due} échéances sur {open} ouvertes",
        "the brake has held since {since}: one sweep would have fired {due} of {open} open deadlines",
    ),
}


class ClockBehind(ParcoursError):
    """The clock is far below what was written already: nothing is written until it is right, or a person says it is."""

    code = "clock_behind"

    def __init__(self, held: Held) -> None:
        self.held, self.details = held, held.details
        self.message_en = (
            f"Nothing was written: {held.sentence('en')}. Set the clock right; if it is right now, "
            f"a supervisor says so: parcours run --release --reason …"
        )
        super().__init__(
            f"Rien n'a été écrit : {held.sentence('fr')}. Mettre l'horloge à l'heure ; si elle l'est, un superviseur "
            f"le dit : parcours run --release --reason …"
        )


class BrakeHolds(ParcoursError):
    """What needs a clock that can be believed waits until the brake is released."""

    code = "held"

    def __init__(self, held: Held) -> None:
        self.held, self.details = held, held.details
        self.message_en = f"Not while the clock or what is due is in doubt: {held.sentence('en')}."
        super().__init__(f"Pas tant que l'horloge, ou ce qui est dû, est en doute : {held.sentence('fr')}.")


def held_blocker(held: Held) -> Blocker:
    """The answer to whoever asks something of a placement of which something is due while the brake holds."""
    return Blocker("held", held.sentence("fr"), held.sentence("en"), held.details)


def judged(limits: Limits, watch: Watch, now: datetime, next_wake: Callable[[], datetime | None]) -> Held | None:
    """Why nothing may fire at `now`; `next_wake` is asked only where it counts: an empty desk holds nothing back."""
    if watch.written_at is not None and now < watch.written_at - limits.max_back:
        return Held("back", now, watch.written_at)
    if watch.seen_at is not None and now - watch.seen_at > limits.max_gap and next_wake() is not None:
        return Held("gap", now, watch.seen_at)
    # A sweep that lies in the future was made by a clock that has been set right since.
    if watch.held_at is not None and watch.held_at <= now:
        return Held("share", now, watch.held_at, watch.due, watch.open)
    return None


def too_much(limits: Limits, due: int, open_: int) -> bool:
    """Whether firing `due` deadlines of `open_` at once is more than one sweep may."""
    return due >= limits.min_firings and due > limits.max_share * open_


def engaged(watch: Watch, now: datetime, due: int, open_: int) -> Watch:
    """The brake holds from now on."""
    return replace(watch, held_at=now, due=due, open=open_)


def is_beat_due(limits: Limits, watch: Watch, now: datetime) -> bool:
    """Whether the clock has to be noted as seen: rarely, since only spans like `max_gap` are compared with it."""
    return watch.seen_at is None or abs(now - watch.seen_at) >= limits.max_gap / _BEATS or watch.held_at is not None


def is_note_due(limits: Limits, watch: Watch, now: datetime) -> bool:
    """Whether what is written has to be noted: within a tenth of `max_back` it is not, so that writers share no row."""
    if watch.written_at is None or now - watch.written_at >= limits.max_back / _NOTES:
        return True
    return is_beat_due(limits, watch, now)


def seen(watch: Watch, now: datetime) -> Watch:
    """The clock was seen and nothing held."""
    return replace(watch, seen_at=now, held_at=None, due=0, open=0)


def written(watch: Watch, now: datetime) -> Watch:
    """Something was written, and nothing held."""
    mark = now if watch.written_at is None else max(watch.written_at, now)
    return replace(seen(watch, now), written_at=mark)


def released(watch: Watch, held: Held) -> Watch:
    """A person takes this moment for true: all that is due by now may fire, and nothing holds until the next jump."""
    believed = replace(watch, written_at=None) if held.cause == "back" else watch
    return replace(written(believed, held.now), released_at=held.now)


def _text(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
