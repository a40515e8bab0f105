"""Mutants of a definition: each changes one thing of what its text says, at a line, in a way a slip of the pen could.

Works on the text's plain data, so that every change has its place; whether the result is a definition, the loader says.
What has no effect on a placement (labels, phases, `before`, `if_unset`, `open_ended`, `awaits`' order) is left alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rehearsal.mutant_words import LEFT_OUT, UPWARDS, added, appears, at, becomes, behind, without
from workflow.definition import SUPERVISOR, Place
from workflow.language.positions import Path, Source
from workflow.language.wording import Said


@dataclass(frozen=True)
class Mutant:
    """A definition's data with one thing changed: of which kind, where, from what to what."""

    kind: str
    place: Place
    what: Said
    path: Path
    value: Any
    swap: Path | None = None


GONE = object()
"""The value of what a mutant leaves out."""


def mutants(source: Source) -> list[Mutant]:
    """Every mutant of a definition's text, in its order."""
    return list(_Mutator(source).everything())


def changed(source: Source, mutant: Mutant) -> dict[str, Any]:
    """The data with what a mutant changes."""
    data: dict[str, Any] = deepcopy(source.data)
    parent, last = _at(data, mutant.path[:-1]), mutant.path[-1]
    if mutant.swap is not None:
        _swap(parent, last, mutant.swap[-1])
    elif mutant.value is GONE:
        del parent[last]
    else:
        parent[last] = mutant.value
    return data


def _swap(parent: Any, one: Any, other: Any) -> None:
    if isinstance(parent, list):
        parent[one], parent[other] = parent[other], parent[one]
        return
    names = list(parent)
    first, second = names.index(one), names.index(other)
    names[first], names[second] = names[second], names[first]
    items = {name: parent[name] for name in names}
    parent.clear()
    parent.update(items)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


class _Mutator:
    def __init__(self, source: Source) -> None:
        self.source, self.data = source, source.data
        self.states = list(self.data.get("states", {}))
        # Whoever supervises stands in for every role already.
        self.roles = [name for name in self.data.get("roles", []) if name != SUPERVISOR]
        self.fields: Mapping[str, Any] = self.data.get("fields", {})

    def everything(self) -> Iterator[Mutant]:
        yield from self._others("state", ("initial",), self.states)
        for name in self.states:
            yield from self._toggled("state", ("states", name, "final"))
        for trigger in self.data.get("transitions", {}):
            yield from self._trigger(trigger)
        for name in self.data.get("automatic", {}):
            yield from self._automatic(("automatic", name))
        names = list(self.data.get("deadlines", {}))
        for name in names:
            yield from self._deadline(("deadlines", name))
        for one, other in pairwise(names):
            # Where they never run together, their order says nothing.
            if self._span(one).isdisjoint(self._span(other)):
                continue
            yield self._made("deadline", ("deadlines", one), None, behind(other), ("deadlines", other))
        for name in self.fields:
            yield from self._field(("fields", name))
        yield from self._tables()
        yield from self._rest()

    # Transitions

    def _trigger(self, trigger: str) -> Iterator[Mutant]:
        form = self.data["transitions"][trigger]
        if isinstance(form, dict):
            yield from self._transition(("transitions", trigger), form)
            return
        for number, each in enumerate(form):
            path: Path = ("transitions", trigger, number)
            yield self._gone("transition", path)
            yield from self._transition(path, each)
            if number:
                yield self._made("transition", path, None, UPWARDS, ("transitions", trigger, number - 1))

    def _transition(self, path: Path, form: Mapping[str, Any]) -> Iterator[Mutant]:
        yield from self._states("transition", (*path, "from"))
        yield from self._others("transition", (*path, "to"), self.states)
        yield from self._gone_if("transition", (*path, "to"))
        if "to" not in form:
            yield from (self._set("transition", (*path, "to"), state) for state in self.states[:2])
        yield from self._items("role", (*path, "by"), self.roles)
        # What only the scheduler fires comes without values.
        if form.get("by") != ["scheduler"]:
            yield from self._items("need", (*path, "needs"), list(self.fields)[:8])
            yield from self._items("need", (*path, "takes"), list(self.fields)[:8])
        for key in ("reason", "dated_by", "since", "once"):
            yield from self._gone_if("need" if key == "reason" else "transition", (*path, key))
        if "reason" not in form:
            yield self._set("need", (*path, "reason"), "required")
        if "once" not in form:
            yield self._set("transition", (*path, "once"), True)
        yield from self._others("transition", (*path, "since"), self.states)
        yield from self._conditions(path, form)

    def _conditions(self, path: Path, form: Mapping[str, Any]) -> Iterator[Mutant]:
        if "when" in form:
            yield from self._condition((*path, "when"), form["when"])
        for number, guard in enumerate(form.get("guards", [])):
            at = (*path, "guards", number)
            yield self._gone("guard", at)
            if "require" in guard:
                yield from self._expression((*at, "require"), guard["require"])
            if "predicate" in guard:
                yield from self._others("guard", (*at, "predicate"), self._predicates())

    def _condition(self, path: Path, form: Any) -> Iterator[Mutant]:
        yield self._gone("guard", path)
        if isinstance(form, str) and form in self._predicates():
            yield from self._others("guard", path, self._predicates())
        elif isinstance(form, str):
            yield from self._expression(path, form)

    def _predicates(self) -> list[str]:
        found: set[str] = set()
        for text in self.source.lines:
            match = re.search(r"(?:predicate|when): *([a-z_]+)\s*$", text)
            found |= {match[1]} if match else set()
        return sorted(found)

    def _expression(self, path: Path, text: str) -> Iterator[Mutant]:
        for start, end, new in _slips(text, self._named_alike):
            yield self._set("guard", path, text[:start] + new + text[end:])

    def _named_alike(self, name: str) -> list[str]:
        """Fields of the same type as the one of this name."""
        form = self.fields.get(name)
        alike = [n for n, other in self.fields.items() if form and n != name and other["type"] == form["type"]]
        return alike[:3]

    def _automatic(self, path: Path) -> Iterator[Mutant]:
        yield self._gone("transition", path)
        yield from self._states("transition", (*path, "from"))
        yield from self._others("transition", (*path, "to"), self.states)
        yield from self._condition((*path, "when"), _at(self.data, path)["when"])

    # Deadlines

    def _deadline(self, path: Path) -> Iterator[Mutant]:
        form = _at(self.data, path)
        yield self._gone("deadline", path)
        yield from self._length("deadline", (*path, "within"))
        yield from self._others("deadline", (*path, "counting"), ["calendar", "inclusive", "clear"])
        if "counting" not in form:
            yield from (self._set("deadline", (*path, "counting"), each) for each in ("inclusive", "clear"))
        yield from self._anchor((*path, "after"))
        yield from self._states("deadline", (*path, "while"), finals=False)
        yield from self._others("deadline", (*path, "since"), self.states)
        for key in ("since", "until", "then", "milestone", "roll"):
            yield from self._gone_if("deadline", (*path, key))
        yield from self._others("deadline", (*path, "then"), list(self.data["transitions"]))
        yield from self._counts((*path, "until", "times"))
        for number in range(len(form.get("remind", []))):
            yield self._gone("deadline", (*path, "remind", number))
            yield from self._length("deadline", (*path, "remind", number))
        yield from self._items("role", (*path, "awaits"), self.roles)

    def _span(self, name: str) -> set[str]:
        return set(self._named(self.data["deadlines"][name]["while"]))

    def _named(self, form: Any) -> list[str]:
        """The states that a form names: one, a list, or a word that stands for many."""
        still_open = [name for name in self.states if not self.data["states"][name].get("final")]
        many = {"all_states": self.states, "open_states": still_open}
        return many.get(form, [form]) if isinstance(form, str) else list(form)

    def _anchor(self, path: Path) -> Iterator[Mutant]:
        form = _at(self.data, path)
        if isinstance(form, str):
            yield from self._others("deadline", path, self.states)
            yield self._set("deadline", path, {"state": form, "first": True})
        elif isinstance(form, dict):
            yield from self._others("deadline", (*path, "field"), self._dates())
            yield from self._toggled("deadline", (*path, "first"), only="first" in form)
        elif isinstance(form, list):
            for number in range(len(form)):
                if len(form) > 1:
                    yield self._gone("deadline", (*path, number))
                yield from self._anchor((*path, number))

    def _dates(self) -> list[str]:
        return [name for name, form in self.fields.items() if form["type"] == "date"]

    def _length(self, kind: str, path: Path) -> Iterator[Mutant]:
        form = _at(self.data, path)
        if isinstance(form, dict):
            yield from self._counts((*path, "at_most"))
            yield from self._others(kind, (*path, "unit"), ["days", "weeks", "months"])
            return
        count, rest = str(form).split(" ", 1)
        for new in {int(count) - 1, int(count) + 1, int(count) * 2} - {int(count)}:
            if new >= 0:
                yield self._set(kind, path, f"{new} {rest}")
        for unit, other in (("day", "week"), ("month", "week"), ("month", "day")):
            if re.search(rf"\b{unit}s?\b", rest):
                units = re.sub(rf"{unit}(s?)", rf"{other}s", rest)
                yield self._set(kind, path, f"{count} {units}")

    def _counts(self, path: Path, kind: str = "deadline") -> Iterator[Mutant]:
        if path in self.source.values:
            value = _at(self.data, path)
            if isinstance(value, int) and not isinstance(value, bool):
                yield from (self._set(kind, path, value + more) for more in (1, -1))

    # Fields, tables, what is shared and kept

    def _field(self, path: Path) -> Iterator[Mutant]:
        yield from self._toggled("field", (*path, "required"), only="required" in _at(self.data, path))
        yield from self._toggled("field", (*path, "exclusive"), only="exclusive" in _at(self.data, path))
        for key in ("minimum", "maximum", "default"):
            yield from self._counts((*path, key), "field")
        if "unset_by" in _at(self.data, path):
            yield from self._items("field", (*path, "unset_by"), [])

    def _tables(self) -> Iterator[Mutant]:
        for name, table in self.data.get("tables", {}).items():
            for column, form in enumerate(table["columns"]):
                for row in range(len(form["rows"])):
                    at: Path = ("tables", name, "columns", column, "rows", row)
                    yield self._gone("table", at)
                    yield from self._cents((*at, "value"))

    def _cents(self, path: Path) -> Iterator[Mutant]:
        text = str(_at(self.data, path))
        if re.fullmatch(r"[0-9]+\.[0-9]{2}", text):
            cents = int(text.replace(".", ""))
            for new in (cents + 1, cents - 1):
                yield self._set("table", path, f"{new // 100}.{new % 100:02}")

    def _rest(self) -> Iterator[Mutant]:
        for name in self.data.get("quotas", {}):
            yield from self._counts(("quotas", name, "limit"), "quota")
            yield from self._items("quota", ("quotas", name, "given_back_by"), [])
        for name in self.data.get("retention", {}):
            yield from self._length("retention", ("retention", name, "keep"))

    # How a mutant is made

    def _states(self, kind: str, path: Path, *, finals: bool = True) -> Iterator[Mutant]:
        """One state more, one less, another one; for the words that stand for many, one less."""
        form = _at(self.data, path)
        still_open = [name for name in self.states if not self.data["states"][name].get("final")]
        listed = self._named(form)
        for state in listed:
            rest = [each for each in listed if each != state]
            if rest:
                yield self._set(kind, path, rest, without(state))
        for state in self.states if finals else still_open:
            if state not in listed:
                yield self._set(kind, path, [*listed, state], added(state))

    def _items(self, kind: str, path: Path, more: Sequence[str]) -> Iterator[Mutant]:
        """A list without each of its items, and with one more."""
        parent, key = _at(self.data, path[:-1]), path[-1]
        form = parent.get(key, [])
        listed = [form] if isinstance(form, str) else list(form)
        for item in listed:
            rest = [each for each in listed if each != item]
            yield self._set(kind, path, rest, without(item)) if rest else self._gone(kind, path)
        yield from (self._set(kind, path, [*listed, item], added(item)) for item in more if item not in listed)

    def _others(self, kind: str, path: Path, values: Sequence[str]) -> Iterator[Mutant]:
        if path in self.source.values:
            now = _at(self.data, path)
            yield from (self._set(kind, path, value) for value in values if value != now)

    def _toggled(self, kind: str, path: Path, *, only: bool = True) -> Iterator[Mutant]:
        if only:
            now = _at(self.data, path[:-1]).get(path[-1], False)
            yield self._set(kind, path, not now)

    def _gone_if(self, kind: str, path: Path) -> Iterator[Mutant]:
        if path in self.source.values:
            yield self._gone(kind, path)

    def _gone(self, kind: str, path: Path) -> Mutant:
        return self._made(kind, path, GONE, LEFT_OUT)

    def _set(self, kind: str, path: Path, value: Any, what: Said | None = None) -> Mutant:
        return self._made(kind, path, value, what or self._instead(path, value))

    def _instead(self, path: Path, value: Any) -> Said:
        return becomes(_at(self.data, path), value) if path in self.source.values else appears(value)

    def _made(self, kind: str, path: Path, value: Any, what: Said, swap: Path | None = None) -> Mutant:
        return Mutant(kind, self.source.key(*path), at(path, what), path, value, swap)


_SLIPS = (
    (r"<=", ("<", ">=")), (r"(?<![<>=!])<(?!=)", ("<=", ">")), (r">=", (">", "<=")),
    (r"(?<![<>=!])>(?!=)", (">=", "<")),
    (r"==", ("!=",)), (r"!=", ("==",)), (r"&&", ("||",)), (r"\|\|", ("&&",)), (r"!(?!=)", ("",)),
    (r" \+ 1\b", ("", " + 2")), (r" \+ (?!1\b)", (" - ",)),
)  # fmt: skip


def _slips(text: str, alike: Callable[[str], list[str]]) -> Iterator[tuple[int, int, str]]:
    """The slips of the pen in an expression: where from and to, and what stands there then."""
    for pattern, others in _SLIPS:
        for found in re.finditer(pattern, text):
            yield from ((found.start(), found.end(), other) for other in others)
    for found in re.finditer(r"'[A-Z]+'(, )?", text):
        if "[" in text[: found.start()] and text.count("'") > 2:
            yield found.start(), found.end(), "" if found[1] else "'?'"
    for found in re.finditer(r"\b[a-z][a-z0-9_]*\b(?![('])", text):
        yield from ((found.start(), found.end(), other) for other in alike(found[0]))
    for found in re.finditer(r"\bhas\(", text):
        yield found.start(), found.end(), "given("
