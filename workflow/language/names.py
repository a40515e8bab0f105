"""The names that a definition declares, and what its parts say of each other by them.

Knows neither the shape of the file (language.py) nor whether the process makes sense (checks.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow.calendar import CalendarError, Length, parse_length
from workflow.definition import IMPORT, SCHEDULER, VOIDED, Label, Place
from workflow.errors import Finding
from workflow.language.expression_text import BUILT_IN, RESERVED
from workflow.language.forms import ALL_STATES, OPEN_STATES, Bilingual
from workflow.language.positions import Path, Source
from workflow.language.wording import a_noun, noun, suggestion, unknown

_SECTIONS = {
    "field": "fields",
    "state": "states",
    "trigger": "transitions",
    "deadline": "deadlines",
    "table": "tables",
    "list": "lists",
    "automatic": "automatic",
}
_RESERVED_NAMES = {
    "state": frozenset({VOIDED, OPEN_STATES, ALL_STATES}),
    "field": frozenset(BUILT_IN) | RESERVED | {"reference"},
    "list": frozenset(BUILT_IN) | RESERVED,
    "role": frozenset({SCHEDULER, IMPORT}),
}


@dataclass(slots=True)
class Names:
    """The declared names by kind, and the findings about the use of names.

    A name that is unknown but near to a known one is taken for that one, so that the rest can be looked at;
    what cannot be resolved makes the definition unsound, and nothing is concluded from how it hangs together.
    """

    source: Source
    predicates: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    known: dict[str, list[str]] = field(default_factory=dict)
    finals: frozenset[str] = frozenset()
    sound: bool = True

    def __post_init__(self) -> None:
        for kind, section in _SECTIONS.items():
            self.known[kind] = list(_keys(self.source.data, section))
        self.known["role"] = [*_texts(self.source.data.get("roles", ())), SCHEDULER]
        states: Mapping[str, Any] = self.source.data.get("states", {})
        self.finals = frozenset(name for name, form in states.items() if dict(form).get("final") is True)

    def report(self, place: Place, code: str, fr: str, en: str) -> None:
        """Note a finding."""
        self.findings.append(self.source.finding(place, code, fr, en))

    def one(self, kind: str, name: str, path: Path) -> str | None:
        """The name, if there is one of its kind; after a finding the one that was probably meant, or None."""
        known = self.known[kind]
        if name in known:
            return name
        self.report(self.source.value(*path), f"unknown_{kind}", *unknown(kind, name, known))
        meant = suggestion(name, known)
        self.sound &= meant is not None or kind == "role"
        return meant

    def each(self, kind: str, names: Iterable[str], path: Path) -> tuple[str, ...]:
        """Those of the names that there are, each once; a finding for the unknown and the repeated."""
        found: list[str] = []
        for index, name in enumerate(names):
            at = (*path, index)
            resolved = self.one(kind, name, at)
            if resolved in found:
                fr = f"{noun(kind).fr} « {name} » est là deux fois : supprimez-en un exemplaire"
                en = f"{kind} {name!r} is here twice: leave it out once"
                self.report(self.source.value(*at), "repeated", fr, en)
            elif resolved is not None:
                found.append(resolved)
        return tuple(found)

    def optional(self, kind: str, name: str | None, path: Path) -> str | None:
        """As `one`, for a key that may be left out."""
        return None if name is None else self.one(kind, name, path)

    def states(self, form: str | list[str], path: Path) -> frozenset[str]:
        """The states that `from` or `while` stand for: one, a list, `open_states` or `all_states`."""
        if isinstance(form, list):
            return frozenset(self.each("state", form, path))
        if form == ALL_STATES:
            return frozenset(self.known["state"])
        if form == OPEN_STATES:
            return frozenset(self.known["state"]) - self.finals
        state = self.one("state", form, path)
        return frozenset() if state is None else frozenset({state})

    def check_reserved(self) -> None:
        """Find the declared names that the language or the engine keeps, and those with two meanings."""
        for kind, reserved in _RESERVED_NAMES.items():
            for name in self.known[kind]:
                if name in reserved and (kind, name) != ("role", SCHEDULER):
                    fr = f"le nom « {name} » est réservé : choisissez-en un autre"
                    self._clash(kind, name, fr, f"{kind} {name!r} is built in: choose another name")
        roles = _texts(self.source.data.get("roles", ()))
        for index, name in enumerate(roles):
            if name in roles[:index] or name == SCHEDULER:
                fr = f"le rôle « {name} » est là deux fois, ou est réservé"
                en = f"role {name!r} is here twice or built in"
                self.report(self.source.value("roles", index), "repeated", fr, en)
        self._check_shared("state", "trigger")
        self._check_shared("trigger", "automatic")
        self._check_shared("state", "automatic")
        self._check_shared("field", "list")

    def _check_shared(self, kind: str, other: str) -> None:
        for name in self.known[other]:
            if name in self.known[kind]:
                fr = f"« {name} » est aussi {a_noun(kind).fr} : renommez l'un des deux"
                self._clash(other, name, fr, f"{name!r} names a {kind} too: rename one of them")

    def _clash(self, kind: str, name: str, fr: str, en: str) -> None:
        path: Path = (_SECTIONS[kind], name) if kind in _SECTIONS else ("roles", self.known["role"].index(name))
        self.report(self.source.key(*path), "reserved_name", fr, en)

    def label(self, form: str | Bilingual | None, name: str) -> Label:
        """A label as it is given; one made from the name where none is."""
        if form is None:
            derived = name.replace("_", " ").capitalize()
            return Label(derived, derived)
        return Label(form, form) if isinstance(form, str) else Label(form.fr, form.en or form.fr)

    def day(self, text: str | None, path: Path) -> date | None:
        """The day that an ISO text names; a finding where there is no such day."""
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            fr = f"le jour {text} n'existe pas : attendu un jour tel que 2021-03-16"
            en = f"there is no day {text}: expected one such as 2021-03-16"
            self.report(self.source.value(*path), "wrong_value", fr, en)
            return None

    def length(self, text: str, path: Path) -> Length | None:
        """The length that a text says; a finding where it is none."""
        try:
            return parse_length(text)
        except CalendarError as error:
            self.report(self.source.value(*path), "wrong_length", error.fr, error.en)
            self.sound = False
            return None


def _keys(data: Mapping[str, Any], section: str) -> Iterable[str]:
    return [str(name) for name in data.get(section, {})]


def _texts(items: Iterable[Any]) -> list[str]:
    return [item for item in items if isinstance(item, str)]
