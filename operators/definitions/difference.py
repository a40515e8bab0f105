"""What changed between two definitions, in words, and in which states and deadlines a running placement meets it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from operators.definitions import aspects, words
from operators.definitions.aspects import Aspects
from workflow.definition import Deadline, Definition, Field, Label, State, Transition

_P = TypeVar("_P", State, Field, Deadline)
Change = Literal["added", "removed", "changed"]

SECTIONS: Mapping[str, Label] = {
    "definition": Label("Définition", "Definition"),
    "roles": Label("Rôles", "Roles"),
    "phases": Label("Phases", "Phases"),
    "states": Label("États", "States"),
    "transitions": Label("Déclencheurs", "Triggers"),
    "automatic": Label("Transitions automatiques", "Automatic transitions"),
    "deadlines": Label("Échéances", "Deadlines"),
    "fields": Label("Champs", "Fields"),
    "lists": Label("Listes", "Lists"),
    "tables": Label("Tables", "Tables"),
    "quotas": Label("Quotas", "Quotas"),
    "reasons": Label("Motifs", "Reasons"),
    "retention": Label("Conservation", "Retention"),
    "approvals": Label("Approbations", "Approvals"),
}
_LABEL = Label("libellé", "label")
_FR, _EN = re.compile("« .+? »"), re.compile("“.+?”")
_LONG = 4
_ORDER = Label("ordre à un même instant", "order at one instant")


@dataclass(frozen=True, slots=True)
class Line:
    """One aspect that changed: None before it was said, or after it is not said any more."""

    aspect: Label
    before: Label | None
    after: Label | None

    @property
    def sentence(self) -> Label:
        """The change in words."""
        if self.before is None and self.after is not None:
            return Label(f"{self.aspect.fr} : {self.after.fr} (ajouté)", f"{self.aspect.en}: {self.after.en} (added)")
        if self.after is None and self.before is not None:
            return Label(
                f"{self.aspect.fr} : {self.before.fr} (retiré)", f"{self.aspect.en}: {self.before.en} (removed)"
            )
        before, after = self.before or words.same(""), self.after or words.same("")
        fr, en = _between(before.fr, after.fr, _FR), _between(before.en, after.en, _EN)
        return Label(f"{self.aspect.fr} : {fr}", f"{self.aspect.en}: {en}")


def _between(before: str, after: str, names: re.Pattern[str]) -> str:
    """Old and new with an arrow; of long lists of names only those that came and went."""
    old, new = names.findall(before), names.findall(after)
    if max(len(old), len(new)) < _LONG or before != ", ".join(old) or after != ", ".join(new):
        return f"{before} → {after}"
    came, went = [name for name in new if name not in old], [name for name in old if name not in new]
    return ", ".join([*(f"+ {name}" for name in came), *(f"− {name}" for name in went)])


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that was added, removed or changed; `states` and `deadlines` say where a running placement meets it.

    Of a part that was added, `lines` are all that it says.
    """

    section: str
    name: str
    label: Label
    change: Change
    lines: tuple[Line, ...] = ()
    states: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()


def differences(before: Definition, after: Definition) -> tuple[Difference, ...]:
    """All that changed, in the order of the file's sections; nothing where only comments or layout did."""
    old, new = dict(_sections(before, _called_as_in(before, after))), dict(_sections(after, after))
    found = [
        each for section in SECTIONS for each in _in_section(section, old[section], new[section], before, after)
    ]  # fmt: skip
    return tuple(_placed(each, before, after) for each in found)


def _called_as_in(before: Definition, after: Definition) -> Definition:
    """The old definition with the labels of the new: else a new label would change whatever speaks of its bearer."""
    return replace(
        before,
        states=_relabelled(before.states, after.states),
        fields=_relabelled(before.fields, after.fields),
        deadlines=_relabelled(before.deadlines, after.deadlines),
        transitions={name: after.transitions.get(name, moves) for name, moves in before.transitions.items()},
    )


def _relabelled(old: Mapping[str, _P], new: Mapping[str, _P]) -> Mapping[str, _P]:
    return {name: replace(part, label=new[name].label) if name in new else part for name, part in old.items()}


def _sections(definition: Definition, naming: Definition) -> Iterator[tuple[str, Mapping[str, Aspects]]]:
    yield from aspects.sections(definition, naming)
    yield "transitions", {name: _of_trigger(naming, moves) for name, moves in definition.transitions.items()}


def _of_trigger(definition: Definition, moves: Sequence[Transition]) -> Aspects:
    """The aspects of all transitions of a trigger; of several, each by what it leads from and to."""
    if len(moves) == 1:
        return aspects.of_transition(definition, moves[0])
    return {
        Label(f"{_way(definition, move).fr}, {aspect.fr}", f"{_way(definition, move).en}, {aspect.en}"): said
        for move in moves
        for aspect, said in aspects.of_transition(definition, move).items()
        if aspect.en not in ("from", "to")
    }


def _way(definition: Definition, move: Transition) -> Label:
    start = words.states(definition, move.sources)
    end = Label("(gardé)", "(kept)") if move.to is None else words.quoted(words.state(definition, move.to))
    return Label(f"{start.fr} → {end.fr}", f"{start.en} → {end.en}")


def _in_section(
    section: str, old: Mapping[str, Aspects], new: Mapping[str, Aspects], before: Definition, after: Definition
) -> Iterator[Difference]:
    if section == "definition":
        yield from _of_the_whole(before, after)
        return
    for name in dict.fromkeys((*old, *new)):
        change: Change = "added" if name not in old else "removed" if name not in new else "changed"
        lines = tuple(_lines(old.get(name, {}), new.get(name, {})))
        if change == "changed" and not lines:
            continue
        label = _label(section, name, after if name in new else before)
        yield Difference(section, name, label, change, () if change == "removed" else lines)


def _of_the_whole(before: Definition, after: Definition) -> Iterator[Difference]:
    lines = [*_lines(aspects.of_definition(before), aspects.of_definition(after)), *_order(before, after)]
    if before.name != after.name:
        lines.insert(0, Line(Label("nom", "name"), words.same(before.name), words.same(after.name)))
    if lines:
        yield Difference("definition", after.name, after.title, "changed", tuple(lines))


def _order(before: Definition, after: Definition) -> Iterator[Line]:
    """The order of the deadlines that both have, where it changed."""
    old = [name for name in before.deadlines if name in after.deadlines]
    new = [name for name in after.deadlines if name in before.deadlines]
    if old != new:
        yield Line(
            _ORDER,
            words.joined(words.deadline(before, name) for name in old),
            words.joined(words.deadline(after, name) for name in new),
        )


def _lines(old: Aspects, new: Aspects) -> Iterator[Line]:
    for aspect in dict.fromkeys((*old, *new)):
        if old.get(aspect) != new.get(aspect):
            yield Line(aspect, old.get(aspect), new.get(aspect))


def _label(section: str, name: str, definition: Definition) -> Label:
    if section == "transitions":
        return words.trigger(definition, name)
    if section == "automatic":
        return next((words.move(each) for each in definition.automatic if each.trigger == name), words.same(name))
    if section == "roles":
        return words.roles([name])
    labelled = {
        "states": words.state,
        "deadlines": words.deadline,
    }
    if section in labelled:
        return labelled[section](definition, name)
    if section == "fields" and name in definition.fields:
        return definition.fields[name].label
    if section == "tables" and name in definition.tables:
        return definition.tables[name].label
    named = {"reasons": definition.reasons, "phases": definition.phases}.get(section, {})
    return named.get(name, words.same(name))


def _placed(found: Difference, before: Definition, after: Definition) -> Difference:
    """The same with where a running placement meets it; a new label alone meets nobody."""
    if found.change == "changed" and all(line.aspect == _LABEL for line in found.lines):
        return found
    states, deadlines = _met(found, before, after)
    known = [*before.states, *(name for name in after.states if name not in before.states)]
    return Difference(
        found.section, found.name, found.label, found.change, found.lines,
        tuple(name for name in known if name in states), tuple(sorted(deadlines)),
    )  # fmt: skip


def _met(found: Difference, before: Definition, after: Definition) -> tuple[frozenset[str], frozenset[str]]:
    none: frozenset[str] = frozenset()
    if found.section == "states":
        return frozenset({found.name}), none
    if found.section == "transitions":
        moves = (*before.transitions.get(found.name, ()), *after.transitions.get(found.name, ()))
        return none.union(*(move.sources for move in moves)), none
    if found.section == "automatic":
        same = (move for each in (before, after) for move in each.automatic if move.trigger == found.name)
        return none.union(*(move.sources for move in same)), none
    if found.section == "deadlines":
        # One that is new begins wherever its clock may run; those that run already have the old one.
        added = after.deadlines[found.name].span if found.change == "added" else none
        return added, frozenset({found.name})
    return none, none
