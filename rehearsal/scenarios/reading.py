"""From the bytes of a scenario file to checked scenarios, or all that is wrong with it, with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rehearsal.scenarios.forms import ENGLISH, FRENCH, ScenarioFile, ScenarioForm, StepForm, ThenForm, keys_at
from workflow.calendar import TERRITORIES
from workflow.definition import Definition, Place
from workflow.errors import DefinitionError, Finding, InputRefused
from workflow.language.positions import Path, Source
from workflow.language.validation import validate_as
from workflow.language.wording import shown, unknown
from workflow.language.yaml_nodes import read_yaml

_INNER = ("scenarios", "given", "steps", "then")


@dataclass(frozen=True)
class Scenario:
    """One scenario, and where each part of it stands."""

    form: ScenarioForm
    source: Source
    path: Path

    def place(self, *path: str | int) -> Place:
        """Where a part of it stands."""
        return self.source.key(*self.path, *path)


def read_scenarios(data: bytes, file: str, definition: Definition) -> list[Scenario]:
    """The scenarios of a file, for this definition. Raises InputRefused with all findings."""
    try:
        source, findings = read_yaml(data, file)
    except DefinitionError as error:
        raise InputRefused(error.findings) from None
    written = FRENCH if _in_english(source) else {}
    document, more, _ = validate_as(source, ScenarioFile, keys_at, written)
    findings = [*findings, *more]
    if document is not None:
        findings += list(_Names(source, definition).findings(document))
    if findings or document is None:
        raise InputRefused(sorted(dict.fromkeys(findings), key=lambda each: (each.line, each.column)))
    return [Scenario(form, source, ("scenarios", number)) for number, form in enumerate(document.scenarios)]


def _in_english(source: Source) -> bool:
    """French words become the English ones of the same meaning, where keys of the language stand; if there were any."""
    before, source.data = source.data, _translated(source.data)
    for places in (source.values, source.keys):
        moved = {_translated_path(path): place for path, place in places.items()}
        places.clear()
        places.update(moved)
    return bool(before != source.data)


def _translated(node: Any, key: str | None = None) -> Any:
    if isinstance(node, list):
        return [_translated(item, key) for item in node]
    if not isinstance(node, dict) or (key is not None and key not in _INNER):
        return node
    pairs = ((ENGLISH.get(name, name), value) for name, value in node.items())
    return {name: _translated(value, name) for name, value in pairs}


def _translated_path(path: Path) -> Path:
    found: list[str | int] = []
    for step in path:
        named = [each for each in found if isinstance(each, str)]
        inside = not named or named[-1] in _INNER
        found.append(ENGLISH.get(step, step) if isinstance(step, str) and inside else step)
    return tuple(found)


@dataclass(frozen=True)
class _Names:
    """Looks for names that the definition does not have, days that there are not, and steps back in time."""

    source: Source
    definition: Definition

    def findings(self, document: ScenarioFile) -> Iterator[Finding]:
        for number, form in enumerate(document.scenarios):
            path: Path = ("scenarios", number)
            if form.given.territory not in TERRITORIES:
                given = shown(form.given.territory)
                fr = f"le territoire {given.fr} n'existe pas : attendu un code tel que 75, 2A ou 974"
                en = f"territory {given.en} is unknown: expected a code such as 75, 2A or 974"
                yield self._finding((*path, "given", "territory"), "unknown_territory", fr, en)
            yield from self._known("field", form.given.fields, (*path, "given", "fields"))
            yield from self._moments(form, path)
            for index, step in enumerate(form.steps):
                yield from self._step(step, (*path, "steps", index))

    def _moments(self, form: ScenarioForm, path: Path) -> Iterator[Finding]:
        latest: datetime | None = None
        places = [(form.given.day, (*path, "given", "day"))]
        places += [(step.day, (*path, "steps", index, "day")) for index, step in enumerate(form.steps)]
        for text, at in places:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                fr = f"le moment {text} n'existe pas : attendu un moment tel que 2021-03-16 09:30"
                en = f"there is no moment {text}: expected one such as 2021-03-16 09:30"
                yield self._finding(at, "wrong_value", fr, en)
                continue
            if latest is not None and moment.date() < latest.date():
                fr = f"{text} précède l'étape qui est au-dessus : mettez les étapes dans leur ordre"
                en = f"{text} lies before the step above: put steps in their order"
                yield self._finding(at, "back_in_time", fr, en)
            latest = moment

    def _step(self, step: StepForm, path: Path) -> Iterator[Finding]:
        if step.does is not None:
            yield from self._known("trigger", [step.does], path, "does")
        elif step.refused or step.with_ or step.reason or step.as_:
            fr = (
                "personne ne fait rien ici : ajoutez « fait », ou supprimez « rôle », « avec », « motif » et « refusé »"
            )
            en = "nobody does anything here: add `does`, or leave out `as`, `with`, `reason` and `refused`"
            yield self._finding(path, "nothing_done", fr, en)
        if step.as_ is not None:
            yield from self._known("role", [step.as_], path, "as")
        yield from self._known("field", step.with_, (*path, "with"))
        if step.then is not None:
            yield from self._then(step.then, (*path, "then"))

    def _then(self, then: ThenForm, path: Path) -> Iterator[Finding]:
        if then.state is not None:
            yield from self._known("state", [then.state], path, "state")
        yield from self._known("deadline", then.deadlines, (*path, "deadlines"))
        yield from self._known("field", then.fields, (*path, "fields"))
        for key, texts in (("history", then.history), ("notices", then.notices)):
            for index, text in enumerate(texts or ()):
                yield from self._known("name", [text.split()[1]], (*path, key), index)

    def _known(self, kind: str, names: Any, path: Path, key: str | int | None = None) -> Iterator[Finding]:
        there = self._all(kind)
        for name in names:
            if name not in there:
                place = self.source.key(*path, name) if key is None else self.source.value(*path, key)
                yield self.source.finding(place, f"unknown_{kind}", *unknown(kind, name, there))

    def _all(self, kind: str) -> list[str]:
        definition = self.definition
        automatic = [each.trigger for each in definition.automatic]
        return {
            "field": list(definition.fields),
            "trigger": list(definition.transitions),
            "role": [*definition.roles, "supervisor"],
            "state": list(definition.states),
            "deadline": list(definition.deadlines),
            "name": [*definition.deadlines, *definition.transitions, *automatic, *definition.retention, "place"],
        }[kind]

    def _finding(self, path: Path, code: str, fr: str, en: str) -> Finding:
        return self.source.finding(self.source.value(*path), code, fr, en)
