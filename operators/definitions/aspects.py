"""Each part of a definition as a table of its aspects in words, so that two of them can be compared line by line.

What is as it is by default is left out: an aspect that is not there has nothing to say.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from operators.definitions import words
from operators.value_texts import value_text
from workflow.definition import (
    Approval,
    Category,
    Deadline,
    Default,
    Definition,
    Field,
    Label,
    ListItem,
    Quota,
    Revision,
    State,
    Table,
    TableRow,
    Transition,
    Value,
)

Aspects = Mapping[Label, Label]
Pair = tuple[Label, Label | bool | str | None]

_T = TypeVar("_T")
_FEW = 6
"""So many territories are named one by one."""


def _table(*pairs: Pair) -> Aspects:
    """Those aspects that say something; true is said by yes."""
    said = {}
    for name, value in pairs:
        label = words.YES if value is True else words.same(value) if isinstance(value, str) else value
        if isinstance(label, Label) and label.fr:
            said[name] = label
    return said


def of_definition(definition: Definition) -> Aspects:
    """What holds for the whole."""
    return _table(
        (Label("titre", "title"), definition.title),
        (Label("état initial", "initial state"), words.state(definition, definition.initial)),
        (Label("fuseau", "time zone"), definition.timezone),
        (Label("calendrier", "calendar"), definition.calendar),
        (Label("avis périmé après (secondes)", "stale after (seconds)"), str(definition.stale_after_s)),
    )


def of_state(_: Definition, state: State) -> Aspects:
    """A state."""
    return _table(
        (Label("libellé", "label"), state.label),
        (Label("phase", "phase"), state.phase),
        (Label("final", "final"), state.final),
        (Label("sans échéance", "open-ended"), state.open_ended),
    )


def of_field(definition: Definition, spec: Field) -> Aspects:
    """A field."""
    return _table(
        (Label("libellé", "label"), spec.label),
        (Label("type", "type"), spec.type),
        (Label("obligatoire", "required"), spec.required),
        (Label("personnel", "personal"), spec.personal),
        (Label("exclusif", "exclusive"), spec.exclusive),
        (Label("minimum", "minimum"), _value(spec, spec.minimum)),
        (Label("maximum", "maximum"), _value(spec, spec.maximum)),
        (Label("valeurs", "values"), _items(spec.values)),
        (Label("valeur par défaut", "default"), None if spec.default is None else _default(definition, spec)),
        (Label("vidé par", "emptied by"), _causes(definition, spec)),
    )


def _value(spec: Field, value: Value) -> Label | None:
    return None if value is None else Label(value_text(spec, value, "fr"), value_text(spec, value, "en"))


def _default(definition: Definition, spec: Field) -> Label:
    default: Default = spec.default or Default(())
    cases = words.joined(
        (_case(definition, spec, dict(case.when), case.value, case.over) for case in default.cases), " ; "
    )
    if default.modulated_by is None:
        return cases
    by = words.field(definition, default.modulated_by)
    return Label(f"{cases.fr}, modulé par {by.fr}", f"{cases.en}, modulated by {by.en}")


def _case(
    definition: Definition, spec: Field, when: Mapping[str, tuple[str, ...]], value: Value, over: int | None
) -> Label:
    said = _value(spec, value) or Label("aucune", "none")
    if over is not None:
        said = Label(f"{said.fr} sur {over} mois", f"{said.en} over {over} months")
    held = words.joined(
        Label(f"{words.field(definition, name).fr} = {'/'.join(values)}",
              f"{words.field(definition, name).en} = {'/'.join(values)}")
        for name, values in when.items()
    )  # fmt: skip
    return Label(f"{said.fr} si {held.fr}", f"{said.en} if {held.en}") if when else said


def _items(items: tuple[ListItem, ...]) -> Label:
    return words.joined(_item(each) for each in items)


def _item(item: ListItem) -> Label:
    fr = [*([f"du {item.from_on}"] if item.from_on else []), *([f"au {item.until_on}"] if item.until_on else [])]
    en = [*([f"from {item.from_on}"] if item.from_on else []), *([f"to {item.until_on}"] if item.until_on else [])]
    return Label(" ".join([item.value, *fr]), " ".join([item.value, *en]))


def _causes(definition: Definition, spec: Field) -> Label:
    named = (
        words.state(definition, cause) if cause in definition.states else words.trigger(definition, cause)
        for cause in sorted(spec.unset_by)
    )
    return words.joined(words.quoted(each) for each in named)


def of_transition(definition: Definition, move: Transition) -> Aspects:
    """One transition of a trigger, or an automatic one."""
    kept = frozenset(move.kept)
    needed = [name for name in move.needs if name not in kept]
    to = Label("l'état est gardé", "the state stays") if move.to is None else words.state(definition, move.to)
    return _table(
        (Label("libellé", "label"), move.label),
        (Label("depuis", "from"), words.states(definition, move.sources)),
        (Label("vers", "to"), to if move.to is None else words.quoted(to)),
        (Label("rôles", "roles"), None if move.automatic else words.roles(move.by)),
        (Label("motif", "reason"), Label("obligatoire", "required") if move.reason_required else None),
        (Label("daté par", "dated by"), words.field(definition, move.dated_by) if move.dated_by else None),
        (Label("demande", "needs"), words.fields(definition, needed)),
        (Label("demande, ou déjà connu", "needs, or known before"), words.fields(definition, sorted(kept))),
        (Label("accepte", "takes"), words.fields(definition, move.takes)),
        (Label("une seule fois", "once only"), move.once),
        (Label("seulement après", "only after"), _state(definition, move.since)),
        (Label("si", "if"), words.condition(move.when) if move.when else None),
        (Label("la première qui convient", "the first that holds"), move.first_that_holds),
        *((Label(f"condition {each.code}", f"guard {each.code}"), words.guard(each)) for each in move.guards),
    )  # fmt: skip


def of_deadline(definition: Definition, spec: Deadline) -> Aspects:
    """A deadline."""
    return _table(
        (Label("libellé", "label"), spec.label),
        (Label("durée", "length"), words.length(definition, spec)),
        (Label("décompte", "counting"), words.counting(spec)),
        (Label("report", "roll"), words.roll(spec)),
        (Label("point de départ", "counts from"), words.anchors(definition, spec)),
        (Label("court dans", "runs in"), words.states(definition, spec.span)),
        (Label("suspendue dans", "paused in"), words.states(definition, spec.stops)),
        (Label("seulement après", "only after"), _state(definition, spec.since)),
        (Label("tenue par", "met by"), words.until(definition, spec.until) if spec.until else None),
        (Label("rappels", "reminders"), words.reminders(spec)),
        (Label("ensuite", "then"), words.quoted(words.trigger(definition, spec.then)) if spec.then else
         Label("un avis seulement", "a notice only")),
        (Label("jalon", "milestone"), spec.milestone),
        (Label("peut ne pas avoir de départ", "may have no anchor"), spec.if_unset_waits),
        (Label("passe avant", "goes before"), words.joined(words.deadline(definition, each) for each in spec.precedes)),
        (Label("on attend", "awaits"), words.roles(spec.awaits) if spec.awaits else None),
        (Label("fondement", "legal basis"), spec.legal_basis),
        (Label("saisie tardive admise", "entry grace"), _grace(spec)),
        *(_revision(definition, each) for each in spec.revisions),
    )  # fmt: skip


def _state(definition: Definition, name: str | None) -> Label | None:
    return None if name is None else words.quoted(words.state(definition, name))


def _grace(spec: Deadline) -> Label | None:
    return None if spec.entry_grace is None else words.plain_length(spec.entry_grace)


def _revision(definition: Definition, rule: Revision) -> Pair:
    said = [words.length(definition, rule), words.counting(rule), words.roll(rule)]
    name = Label(f"depuis le {rule.from_on}", f"from {rule.from_on} on")
    return name, words.joined(each for each in said if each is not None)


def of_list(_: Definition, items: tuple[ListItem, ...]) -> Aspects:
    """A list of values."""
    return _table((Label("valeurs", "values"), _items(items)))


def of_label(_: Definition, label: Label) -> Aspects:
    """A reason or a phase: all that is said of it is what it is called."""
    return _table((Label("libellé", "label"), label))


def of_table(_: Definition, table: Table) -> Aspects:
    """A dated table; one aspect for each day and group of territories."""
    spec = Field(table.name, table.type, table.label)
    return _table(
        (Label("libellé", "label"), table.label),
        (Label("connue jusqu'au", "known until"), table.known_until.isoformat()),
        *(
            (_column(row), _value(spec, row.value))
            for row in table.rows
        ),
    )  # fmt: skip


def _column(row: TableRow) -> Label:
    where = _territories(row.territories)
    return Label(f"{where}, du {row.from_on}", f"{where}, from {row.from_on}")


def _territories(codes: frozenset[str]) -> str:
    known = sorted(codes)
    return ", ".join(known) if len(known) <= _FEW else f"{known[0]}…{known[-1]} ({len(known)})"


def of_quota(definition: Definition, quota: Quota) -> Aspects:
    """A quota."""
    return _table(
        (Label("limite", "limit"), Label("aucune", "none") if quota.limit is None else str(quota.limit)),
        (Label("pris par", "taken by"), words.quoted(words.trigger(definition, quota.taken_by))),
        (Label("rendu par", "given back by"), words.states(definition, quota.given_back_by)),
        (Label("message", "message"), quota.message),
    )


def of_category(definition: Definition, category: Category) -> Aspects:
    """A category of personal data."""
    return _table(
        (Label("champs", "fields"), words.fields(definition, category.fields)),
        (Label("textes libres", "free texts"), category.texts),
        (Label("à compter de", "counts from"), words.states(definition, category.ends)),
        (Label("gardé", "kept"), words.plain_length(category.keep)),
    )


def of_approval(_: Definition, approval: Approval) -> Aspects:
    """A correction that a second person approves."""
    return _table(
        (Label("par", "by"), words.roles(approval.by)),
        (Label("seulement pour", "only for"), ", ".join(sorted(approval.only))),
    )


def sections(definition: Definition, naming: Definition) -> Iterator[tuple[str, Mapping[str, Aspects]]]:
    """Every part of a definition but its triggers, by the section of the file and by name.

    `naming` says what parts are called where others speak of them.
    """
    yield "definition", {definition.name: of_definition(definition)}
    yield "roles", {name: {} for name in definition.roles}
    yield "phases", _each(naming, definition.phases, of_label)
    yield "states", _each(naming, definition.states, of_state)
    yield "automatic", _each(naming, {each.trigger: each for each in definition.automatic}, of_transition)
    yield "deadlines", _each(naming, definition.deadlines, of_deadline)
    yield "fields", _each(naming, definition.fields, of_field)
    yield "lists", _each(naming, definition.lists, of_list)
    yield "tables", _each(naming, definition.tables, of_table)
    yield "quotas", _each(naming, definition.quotas, of_quota)
    yield "reasons", _each(naming, definition.reasons, of_label)
    yield "retention", _each(naming, definition.retention, of_category)
    yield "approvals", _each(naming, definition.approvals, of_approval)


def _each(
    naming: Definition, parts: Mapping[str, _T], told: Callable[[Definition, _T], Aspects]
) -> Mapping[str, Aspects]:
    return {name: told(naming, part) for name, part in parts.items()}
