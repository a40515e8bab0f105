"""Plays a record on a definition: what comes of each thing in it now, one after the other.

The same code fills a new record and compares an old one, so that both ask the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rehearsal import record_words as words
from rehearsal.paths import rest
from rehearsal.record import Asked, Record, Rival, Seen, Try
from rehearsal.stage import REFERENCE, Ask, Stage
from rehearsal.telling import answer, clocks, emptied, lines
from workflow.changes import Published
from workflow.definition import Value
from workflow.errors import ParcoursError, TransitionRefused
from workflow.language.wording import Said

RIVAL = "Q"


@dataclass(frozen=True)
class Shown:
    """What came of one thing in a record: what it is about, what holds the expectation, what was seen, and where."""

    about: Said
    holder: Any
    name: str
    seen: Any
    place: str = ""

    @property
    def where(self) -> Said:
        """Its place in the record, a situation mostly, and what it is about."""
        fr, en = self.about
        return Said(f"{self.place}, {fr}", f"{self.place}, {en}") if self.place else self.about

    @property
    def expected(self) -> Any:
        """What the record expects."""
        return getattr(self.holder, self.name)

    def keep(self) -> None:
        """Have the record expect what was seen."""
        setattr(self.holder, self.name, self.seen)


def play(record: Record, definition: Published) -> Iterator[Shown]:
    """Everything in a record, in its order; what hangs on a step that is refused now is left out."""
    stages: dict[int, Stage] = {}
    yield from _placings(record, definition)
    for seen in record.situations:
        yield from _situation(seen, definition, stages)
    there = [(seen, stages[seen.id]) for seen in record.situations if seen.id in stages]
    # What tells most in the shortest time comes first.
    for seen, stage in there:
        yield from _elsewhere(seen, stage)
        yield from (_asked(seen, asked, stage) for asked in seen.asks)
    for seen, stage in there:
        if seen.alone is not None:
            yield Shown(words.left_alone(seen), seen, "alone", _alone(stage), words.place(seen))
    for seen, stage in there:
        for asked in seen.asks:
            yield from _varied(seen, record, asked, stage)
    for rival in record.rivals:
        yield from _rival(record, rival, definition)


def moment(text: str) -> datetime:
    """An instant of a record."""
    return datetime.fromisoformat(text)


def _placings(record: Record, definition: Published) -> Iterator[Shown]:
    usual = _values(definition, record, {})
    for placed in record.placings:
        fields = {name: text for name, text in {**record.usual, **placed.fields}.items() if text is not None}
        stage = Stage.opened(definition, moment(record.placed_at))
        gives = "; ".join(_place(stage, fields))
        if placed.fields and not gives.startswith("!"):
            gives = _apart(usual, stage.facts().fields)
        yield Shown(words.placing(placed), placed, "gives", gives)


def _values(definition: Published, record: Record, fields: Mapping[str, str]) -> Mapping[str, Value]:
    stage = Stage.opened(definition, moment(record.placed_at))
    refused = _place(stage, {**record.usual, **fields})[-1:]
    return {} if refused and refused[0].startswith("!") else stage.facts().fields


def _apart(usual: Mapping[str, Value], given: Mapping[str, Value]) -> str:
    """The fields that a placement has otherwise than usual, defaults that follow included."""
    names = [name for name in sorted({*usual, *given}) if usual.get(name) != given.get(name)]
    return " ".join(f"{name}={given.get(name, '')}" for name in names) or "as usual"


def _place(stage: Stage, fields: Mapping[str, str]) -> list[str]:
    try:
        stage.place(fields)
    except ParcoursError as error:
        return _refused(error)
    return lines(stage, 0)


def _refused(error: ParcoursError) -> list[str]:
    if not isinstance(error, TransitionRefused):
        return [f"! {error.code}"]
    return ["! " + ", ".join(sorted({blocker.code for blocker in error.blockers}))]


def _situation(seen: Seen, definition: Published, stages: dict[int, Stage]) -> Iterator[Shown]:
    if seen.after is not None and seen.after not in stages:
        return
    stage = Stage.opened(definition, moment(seen.at)) if seen.after is None else stages[seen.after].fork()
    given = _step(stage, seen)
    yield Shown(words.step(seen), seen, "gives", given, words.place(seen))
    if given and given[-1].startswith("!"):
        return
    stages[seen.id] = stage
    yield Shown(words.clocks(seen), seen, "clocks", clocks(stage), words.place(seen))


def _step(stage: Stage, seen: Seen) -> list[str]:
    if seen.placed is not None:
        return _place(stage, seen.placed)
    facts = stage.facts()
    before = facts.seq
    stage.wait_until(moment(seen.at))
    if seen.ask is not None:
        try:
            stage.ask(Ask(seen.ask, seen.role, seen.fields, seen.reason))
        except ParcoursError as error:
            return [*lines(stage, before), *_refused(error)]
    return [*lines(stage, before), *emptied(facts, stage.facts())]


def _alone(stage: Stage) -> list[str]:
    left = stage.fork()
    before = left.facts().seq
    rest(left)
    return lines(left, before)


def _elsewhere(seen: Seen, stage: Stage) -> Iterator[Shown]:
    """Triggers that nobody is expected to fire here, in all roles at once."""
    if seen.elsewhere:
        role = " ".join(stage.rules.definition.roles)
        got = {trigger: answer(stage, Ask(trigger, role)) for trigger in seen.elsewhere}
        yield Shown(words.ELSEWHERE, seen, "elsewhere", got, _in(seen, stage))


def _in(seen: Seen, stage: Stage) -> str:
    return f"{words.place(seen)} ({stage.facts().state})"


def _later(asked: Asked, stage: Stage) -> tuple[Stage, Ask]:
    later = stage.fork()
    later.wait_until(moment(asked.at))
    return later, Ask(asked.ask, asked.role, asked.fields, asked.reason)


def _asked(seen: Seen, asked: Asked, stage: Stage) -> Shown:
    return Shown(words.asked(asked), asked, "gives", answer(*_later(asked, stage)), _in(seen, stage))


def _varied(seen: Seen, record: Record, asked: Asked, stage: Stage) -> Iterator[Shown]:
    place = _in(seen, stage)
    later, ask = _later(asked, stage)
    for each in asked.tries:
        yield Shown(words.tried(asked, each), each, "gives", _tried(later, ask, each), place)
    if asked.takes is not None:
        yield Shown(words.others(asked), asked, "others", _others(record, asked, later, ask), place)


def _tried(stage: Stage, ask: Ask, each: Try) -> str:
    if each.what == "used" and isinstance(each.value, dict):
        stage = stage.fork()
        for name, count in each.value.items():
            stage.store.take(name, int(count))
        return answer(stage, ask)
    return answer(stage, _differing(ask, each))


def _differing(ask: Ask, each: Try) -> Ask:
    if isinstance(each.value, dict):
        said = {name: str(value) for name, value in each.value.items()}
        return replace(ask, fields=said if each.what == "only" else {**ask.fields, **said})
    if each.what == "as":
        return replace(ask, role=each.value or "")
    if each.what == "without":
        return ask.with_value(str(each.value), None)
    return replace(ask, reason=each.value)


def _others(record: Record, asked: Asked, stage: Stage, ask: Ask) -> str:
    """What comes of every field that is not taken, but where that is the usual refusal."""
    found = []
    for name, text in record.samples.items():
        if name not in (asked.takes or ()) and name not in ask.fields:
            given = answer(stage, ask.with_value(name, text))
            found += [f"{name}: {given}"] if given != f"! field_not_taken {name}" else []
    return "; ".join(found)


def _rival(record: Record, rival: Rival, definition: Published) -> Iterator[Shown]:
    way: list[Seen] = []
    seen = record.situations[rival.after]
    while True:
        way.insert(0, seen)
        if seen.after is None:
            break
        seen = record.situations[seen.after]
    try:
        stage = _both(way, definition)
        stage.wait_until(moment(rival.ask.at))
        ask = Ask(rival.ask.ask, rival.ask.role, rival.ask.fields, rival.ask.reason)
        stage.ask(ask)
        given = _second(stage, ask)
    except ParcoursError as error:
        given = f"first {_refused(error)[0]}"
    yield Shown(words.second(rival), rival, "gives", given)


def _both(way: list[Seen], definition: Published) -> Stage:
    stage = Stage.opened(definition, moment(way[0].at))
    for reference in (REFERENCE, RIVAL):
        stage.place(way[0].placed or {}, reference)
    for seen in way[1:]:
        stage.wait_until(moment(seen.at))
        for reference in (REFERENCE, RIVAL) if seen.ask else ():
            stage.ask(Ask(seen.ask or "", seen.role, seen.fields, seen.reason), reference)
    return stage


def _second(stage: Stage, ask: Ask) -> str:
    try:
        stage.ask(ask, RIVAL)
    except TransitionRefused as refused:
        return _refused(refused)[0]
    return "granted"
