"""Lives scenarios on the real engine, the daemon always awake, and says in words what came otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rehearsal.entry_words import called
from rehearsal.judging import coded
from rehearsal.scenarios.forms import NONE, StepForm, ThenForm
from rehearsal.scenarios.reading import Scenario
from rehearsal.stage import HOUR, Ask, Stage
from rehearsal.values import required
from workflow.calendar import zone_of
from workflow.changes import Published
from workflow.definition import Definition, Place
from workflow.errors import TransitionRefused
from workflow.history import HistoryEntry
from workflow.language.positions import Source
from workflow.language.wording import Said
from workflow.values import show_value


@dataclass(frozen=True)
class Otherwise:
    """What came otherwise than a scenario says: where it says so, and a sentence in French and English."""

    scenario: str
    file: str
    place: Place
    fr: str
    en: str

    def message_in(self, lang: str) -> str:
        """The sentence in `fr` or `en`."""
        return self.en if lang == "en" else self.fr

    def sentence(self, lang: str) -> str:
        """The same with its place."""
        return Source(self.file).finding(self.place, "otherwise", self.fr, self.en).sentence(lang)


def live(scenario: Scenario, published: Published, definition: Definition) -> list[Otherwise]:
    """Live a scenario to its end; everything that came otherwise."""
    return list(_Life(scenario, published, definition).lived())


class _Life:
    def __init__(self, scenario: Scenario, published: Published, definition: Definition) -> None:
        self.scenario, self.definition = scenario, definition
        self.form = scenario.form
        self.code = self.form.given.territory
        self.stage = Stage.opened(published, self._moment(self.form.given.day))

    def lived(self) -> Iterator[Otherwise]:
        fields = {**required(self.definition), **_typed(self.form.given.fields), "territory": self.code}
        try:
            self.stage.place(fields)
        except TransitionRefused as refused:
            yield self._said(("given",), _refusal("place", refused))
            return
        for number, step in enumerate(self.form.steps):
            self.stage.wait_until(self._moment(step.day))
            yield from self._asked(number, step)
            if step.then is not None:
                yield from self._then(number, step.then)

    def _moment(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        there = moment if len(text) > len("2021-03-16") else moment.replace(hour=HOUR)
        return there.replace(tzinfo=zone_of(self.code)).astimezone(UTC)

    def _asked(self, number: int, step: StepForm) -> Iterator[Otherwise]:
        if step.does is None:
            return
        ask = Ask(step.does, step.as_ or "", _typed(step.with_), step.reason)
        codes: set[str] = set()
        try:
            self.stage.ask(ask)
        except TransitionRefused as refused:
            codes = {blocker.code for blocker in refused.blockers}
            if step.refused is None:
                yield self._said(("steps", number), _refusal(step.does, refused))
                return
        if step.refused is not None and codes != set(step.refused):
            yield self._said(("steps", number, "refused"), _other_refusal(step, sorted(codes)))

    def _then(self, number: int, then: ThenForm) -> Iterator[Otherwise]:
        path = ("steps", number, "then")
        facts = self.stage.facts()
        if then.state is not None and then.state != facts.state:
            yield self._differs((*path, "state"), Said("l'état", "the state"), then.state, facts.state)
        for name, expected in then.deadlines.items():
            run = facts.occurrences.get(name)
            open_run = run if run is not None and run.closed in (None, "missed") else None
            seen = NONE[0] if open_run is None else open_run.last_day.isoformat()
            if (NONE[0] if expected in NONE else expected) != seen:
                what = Said(f"l'échéance {name}", f"deadline {name}")
                yield self._differs((*path, "deadlines", name), what, expected, seen)
        for name, value in then.fields.items():
            given, seen = NONE[0] if value in NONE else _text(value), self._value(name)
            if given != seen:
                what = Said(f"le champ {name}", f"field {name}")
                yield self._differs((*path, "fields", name), what, given, seen)
        yield from self._told(path, then)

    def _value(self, name: str) -> str:
        view = self.stage.engine.view("P")
        value = {**view.facts.fields, **view.personal}.get(name)
        return NONE[0] if value is None else _text(show_value(self.definition.fields[name], value))

    def _told(self, path: tuple[str | int, ...], then: ThenForm) -> Iterator[Otherwise]:
        entries = [item.entry for item in self.stage.history()]
        told = {notice.seq for notice in self.stage.notices()}
        for key, texts, seen in (
            ("history", then.history, entries),
            ("notices", then.notices, [entry for entry in entries if entry.seq in told]),
        ):
            known = {text for entry in seen for text in self._texts(entry)}
            for index, text in enumerate(texts or ()):
                if text not in known:
                    yield self._not_there((*path, key, index), text, known)

    def _not_there(self, path: tuple[str | int, ...], text: str, known: set[str]) -> Otherwise:
        """An entry or notice that did not come then: when others of its kind and name came."""
        kind, name, expected = text.split(" ", 2)
        others = (each for each in sorted(known) if each.startswith(f"{kind} {name} "))
        near = [each.split(" ", 2)[2] for each in others if not each.endswith(" 00:00")]
        return self._differs(path, called(kind, [name]), expected, " / ".join(near) or NONE[0])

    def _texts(self, entry: HistoryEntry) -> Iterator[str]:
        there = entry.occurred_at.astimezone(zone_of(self.code))
        names = {entry.deadline, entry.trigger, "place" if entry.kind == "placed" else None} - {None}
        names |= set(str(entry.fields.get("emptied", "")).split())
        for name in names:
            yield from (f"{entry.kind} {name} {there:%Y-%m-%d}", f"{entry.kind} {name} {there:%Y-%m-%d %H:%M}")

    def _differs(self, path: tuple[str | int, ...], what: Said, expected: str, seen: str) -> Otherwise:
        wanted, got = _or_nothing(expected), _or_nothing(seen)
        fr, en = f"attendu {wanted.fr}, obtenu {got.fr}", f"expected {wanted.en}, got {got.en}"
        return self._said(path, Said(f"{what.fr} : {fr}", f"{what.en}: {en}"))

    def _said(self, path: tuple[str | int, ...], said: Said) -> Otherwise:
        place = self.scenario.place(*path)
        return Otherwise(self.form.scenario, self.scenario.source.file, place, *said)


def _other_refusal(step: StepForm, codes: Sequence[str]) -> Said:
    expected, seen = ", ".join(step.refused or ()), ", ".join(codes)
    got = Said(seen, seen) if seen else Said("un accord", "it granted")
    return Said(
        f"{step.does} : attendu le refus {expected}, obtenu {got.fr}",
        f"{step.does}: expected to be refused with {expected}, got {got.en}",
    )


def _or_nothing(text: str) -> Said:
    return Said("rien", "nothing") if text in NONE else Said(text, text)


def _typed(values: Mapping[str, str | int | bool]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(trigger: str, refused: TransitionRefused) -> Said:
    why = coded(refused.blockers)
    return Said(f"{trigger} est refusé : {why.fr}", f"{trigger} is refused: {why.en}")
