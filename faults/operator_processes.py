"""Operators in a process each: they ask under keys until there is an answer, and write it down.

It knows of the database only what the product tells it.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from app import App, open_app
from faults import office
from faults.asking import until_answered
from settings import Settings
from workflow.commands import Fire, Note, Outcome, Place
from workflow.errors import StoreUnavailable, TransitionRefused

_PATIENCE_S = 180.0
_THINKS_S = 0.06
"""Between two requests, at most: others are to have a share of the machine."""
_FORK = get_context("fork")


@dataclass(frozen=True)
class Told:
    """What an operator was told yes to: the entries (seq, hash) of a request, and the state that it led to."""

    reference: str
    key: str
    entries: list[tuple[int, str]]
    state: str


@dataclass
class Answers:
    """What one operator, or several, have come to."""

    told: list[Told] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)
    resolved: int = 0
    """So many had been done when they were asked again."""
    broken: list[str] = field(default_factory=list)
    """What nobody should have been told."""

    def add(self, other: "Answers") -> None:
        self.told += other.told
        for code, count in other.failed.items():
            self.failed[code] = self.failed.get(code, 0) + count
        self.resolved += other.resolved
        self.broken += other.broken


class _Operator:
    def __init__(self, app: App, number: int, shared: int) -> None:
        self._app, self._name = app, f"o{number}"
        self._dice, self._asked, self._born = Random(number), 0, 0  # noqa: S311 - the same ones every time
        self._known = [f"P{each:05}" for each in range(shared)]
        self.answers = Answers()

    def work(self) -> None:
        """One thing, of those that a day is made of."""
        time.sleep(self._dice.uniform(0, _THINKS_S))
        drawn = self._dice.random()
        if drawn < 0.08:
            self._bear()
        elif drawn < 0.2:
            self._fire("show_candidate", "platform", **self._candidate())
        elif drawn < 0.22:
            self._fire("withdraw", "host", reason="other")
        else:
            self._note(self._dice.choice(self._known))

    def _bear(self) -> None:
        self._born += 1
        reference, fields = f"{self._name}-{self._born}", {"territory": "75", **office.HOST}
        self._ask(lambda key: self._app.engine.place(Place(reference=reference, fields=fields, actor="Ada", key=key)))
        today = self._app.clock.now().date().isoformat()
        self._fire("grant_post", "anct", reference, granted_on=today)
        self._fire("show_candidate", "platform", reference, **self._candidate())
        self._known.append(reference)

    def _candidate(self) -> dict[str, str]:
        return {"candidate_ref": f"{self._name}-{self._asked}", "candidate_name": office.CANARY}

    def _fire(
        self, trigger: str, role: str, reference: str | None = None, reason: str | None = None, **fields: str
    ) -> None:
        named = reference or self._dice.choice(self._known)
        self._ask(lambda key: self._app.engine.fire(Fire(
            reference=named, trigger=trigger, actor="Ada", roles=(role,), reason=reason, fields=fields, key=key,
        )))  # fmt: skip

    def _note(self, reference: str) -> None:
        self._ask(lambda key: self._app.engine.ask(Note(reference=reference, text=office.CANARY, actor="Ada", key=key)))

    def _ask(self, ask: Callable[[str], Outcome]) -> None:
        """Until it is answered, always under the same key; a refusal is an answer."""
        self._asked += 1
        key = f"{self._name}.{self._asked}"
        try:
            outcome = until_answered(lambda: ask(key), _PATIENCE_S, self._miss)
        except TransitionRefused:
            return
        self.answers.resolved += outcome.repeated
        made = [(item.entry.seq, item.hash) for item in outcome.entries]
        to = str(outcome.entries[-1].entry.to_state)
        self.answers.told.append(Told(outcome.reference, key, made, to))

    def _miss(self, error: StoreUnavailable) -> None:
        self.answers.add(Answers(failed={error.code: 1}))


@dataclass
class Office:
    """The operators, who wait for the door to be opened; what they were told is known once they have gone."""

    opened: Any = field(default_factory=_FORK.Event)
    closed: Any = field(default_factory=_FORK.Event)
    answers: Answers = field(default_factory=Answers)


def _main(number: int, office: Office, settings: Settings, shared: int, folder: Path) -> None:
    office.opened.wait()
    with open_app(settings=settings) as app:
        operator = _Operator(app, number, shared)
        try:
            while not office.closed.is_set():
                operator.work()
        except Exception as error:
            operator.answers.broken.append(f"operator {number}: {type(error).__name__}: {error}")
    _kept(folder, number).write_bytes(msgspec.json.encode(operator.answers))


def _kept(folder: Path, number: int) -> Path:
    return folder / f"operator-{number}.json"


@contextmanager
def operators(count: int, settings: Settings, shared: int, folder: Path) -> Iterator[Office]:
    """So many operators, at work from when `opened` is set until the end of the context.

    `shared`: the placements P00000 … that all of them know.
    """
    there = Office()
    given = (there, settings, shared, folder)
    processes = [_FORK.Process(target=_main, args=(number, *given), daemon=True) for number in range(count)]
    with warnings.catch_warnings():
        # Newer Pythons warn where other threads run: the child uses nothing that one of them may have locked.
        warnings.simplefilter("ignore", DeprecationWarning)
        for process in processes:
            process.start()
    try:
        yield there
    finally:
        there.closed.set()
        there.opened.set()
        for process in processes:
            process.join(_PATIENCE_S + 60)
            process.kill()
    for number in range(count):
        there.answers.add(_read(_kept(folder, number)))


def _read(path: Path) -> Answers:
    if not path.exists():
        return Answers(broken=[f"{path.stem} did not come to an end"])
    return msgspec.json.decode(path.read_bytes(), type=Answers)
