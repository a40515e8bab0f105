"""From the language's fields, lists, tables and quotas to those of a definition; amounts become cents.

What a value of a field may look like is values.py's to say.
"""

import re
from collections.abc import Iterator
from datetime import date

from workflow.calendar import TERRITORIES
from workflow.definition import Default, DefaultCase, Field, Label, ListItem, Quota, Table, TableRow, Value
from workflow.language.forms import CaseForm, ColumnForm, DatedItem, DefaultForm, FieldForm, QuotaForm, TableForm
from workflow.language.names import Names
from workflow.language.positions import Path
from workflow.language.wording import shown, unknown
from workflow.values import ValueRefused, read_value

_NUMBERS = ("integer", "money")
_RANGE = re.compile(r"([0-9A-Z]{2,3})\.\.([0-9A-Z]{2,3})")
_CODES = sorted(TERRITORIES)


def build_list(names: Names, forms: list[str | DatedItem], path: Path) -> tuple[ListItem, ...]:
    """The items of a list; each value once."""
    items = tuple(_item(names, form, (*path, index)) for index, form in enumerate(forms))
    for index, item in enumerate(items):
        if item.value in {earlier.value for earlier in items[:index]}:
            value = shown(item.value)
            fr, en = f"{value.fr} est deux fois dans la liste", f"{value.en} is in the list twice"
            names.report(names.source.value(*path, index), "repeated", fr, en)
    return items


def _item(names: Names, form: str | DatedItem, path: Path) -> ListItem:
    if isinstance(form, str):
        return ListItem(form)
    first, last = names.day(form.from_, (*path, "from")), names.day(form.until, (*path, "until"))
    if first and last and last < first:
        fr, en = f"until {last} précède from {first}", f"until {last} is before from {first}"
        names.report(names.source.value(*path, "until"), "wrong_value", fr, en)
    return ListItem(form.value, first, last)


def build_field(names: Names, name: str, form: FieldForm, lists: dict[str, tuple[ListItem, ...]]) -> Field:
    """One field; its default comes later (`build_default`), since it may look at the other fields."""
    path = ("fields", name)
    bare = Field(name, form.type, names.label(form.label, name))
    minimum = _bound(names, bare, form.minimum, (*path, "minimum"))
    maximum = _bound(names, bare, form.maximum, (*path, "maximum"))
    if minimum is not None and maximum is not None and maximum < minimum:
        fr, en = "le maximum est inférieur au minimum", "the maximum is below the minimum"
        names.report(names.source.value(*path, "maximum"), "wrong_value", fr, en)
    if name == "territory" and form.type != "territory":
        fr = f"le champ « territory » est de type {form.type} : attendu territory"
        en = f"field 'territory' is of type {form.type}: expected territory"
        names.report(names.source.value(*path, "type"), "wrong_type", fr, en)
    return Field(
        name=name,
        type=form.type,
        label=bare.label,
        required=form.required,
        personal=form.personal,
        exclusive=form.exclusive,
        minimum=minimum,
        maximum=maximum,
        values=_choices(names, form, lists, path),
        unset_by=frozenset(_emptying(names, form, path)),
    )


def _bound(names: Names, field: Field, amount: int | str | None, path: Path) -> int | None:
    if amount is None:
        return None
    if field.type not in _NUMBERS:
        fr = f"un champ de type {field.type} n'a pas de {path[-1]} : attendu pour integer ou money seulement"
        en = f"a field of type {field.type} has no {path[-1]}: expected it for integer or money"
        names.report(names.source.key(*path), "wrong_key", fr, en)
        return None
    value = read(names, Field(field.name, field.type, field.label, minimum=-(10**15)), amount, path)
    return value if isinstance(value, int) else None


def _choices(names: Names, form: FieldForm, lists: dict[str, tuple[ListItem, ...]], path: Path) -> tuple[ListItem, ...]:
    at = (*path, "values")
    if form.type != "choice" and form.values is not None:
        fr = f"un champ de type {form.type} n'a pas de values : attendu pour le type choice seulement"
        en = f"a field of type {form.type} has no values: expected them for type choice"
        names.report(names.source.key(*at), "wrong_key", fr, en)
    elif form.type == "choice" and form.values is None:
        fr = f"le champ « {path[1]} » est de type choice et n'a pas de values : donnez-en, ou nommez une liste"
        en = f"choice {path[1]!r} has no values: give some, or a list"
        names.report(names.source.key(*path), "missing_key", fr, en)
    elif isinstance(form.values, str):
        found = names.one("list", form.values, at)
        return lists.get(found or "", ())
    elif form.values is not None:
        return build_list(names, form.values, at)
    return ()


def _emptying(names: Names, form: FieldForm, path: Path) -> Iterator[str]:
    known = [*names.known["state"], *names.known["trigger"]]
    for index, cause in enumerate(form.unset_by):
        if cause in known:
            yield cause
            continue
        place = names.source.value(*path, "unset_by", index)
        names.report(place, "unknown_state", *unknown("state or trigger", cause, known))
        names.sound = False


def read(names: Names, field: Field, given: Value, path: Path) -> Value:
    """The value of a field that the file gives as text, number or boolean; a finding if it is not allowed."""
    text = str(given).lower() if isinstance(given, bool) else str(given)
    try:
        return read_value(field, text)
    except ValueRefused as refused:
        names.report(names.source.value(*path), "wrong_value", refused.fr, refused.en)
        return None


def build_default(names: Names, fields: dict[str, Field], name: str, form: FieldForm) -> Default | None:
    """What a field is where nobody gives it a value."""
    path = ("fields", name, "default")
    if form.default is None:
        return None
    if not isinstance(form.default, DefaultForm):
        return Default((DefaultCase({}, read(names, fields[name], form.default, path)),))
    by = _modulator(names, fields, fields[name], form.default, path)
    cases = form.default.cases
    for index, case in enumerate(cases[:-1]):
        if not case.when:
            fr = "ce cas vaut toujours : ceux qui le suivent ne valent jamais"
            en = "this case always holds: the cases after it never do"
            names.report(names.source.key(*path, "cases", index), "never_reached", fr, en)
    built = (_case(names, fields, name, case, (*path, "cases", n), by) for n, case in enumerate(cases))
    return Default(tuple(built), by)


def _modulator(names: Names, fields: dict[str, Field], field: Field, form: DefaultForm, path: Path) -> str | None:
    by = names.optional("field", form.modulated_by, (*path, "modulated_by"))
    if by is None:
        return None
    place = names.source.value(*path, "modulated_by")
    if field.type not in _NUMBERS:
        fr = f"une valeur par défaut de type {field.type} n'est pas modulée : seuls integer et money le sont"
        en = f"a default of type {field.type} is not modulated: only numbers and money are"
        names.report(place, "wrong_key", fr, en)
    if by not in fields or fields[by].type != "integer" or by == field.name:
        fr = f"le champ « {by} » n'est pas un autre champ de type integer : attendu un nombre de mois"
        en = f"field {by!r} is no other integer field: expected a number of months"
        names.report(place, "wrong_type", fr, en)
    return by


def _case(names: Names, fields: dict[str, Field], name: str, form: CaseForm, path: Path, by: str | None) -> DefaultCase:
    if by is not None and form.value is not None and form.over is None:
        fr = f"la clé « over » manque : {by} est divisé par elle"
        names.report(names.source.key(*path), "missing_key", fr, f"key 'over' is missing: {by} is divided by it")
    if by is None and form.over is not None:
        fr = "over va avec modulated_by, qui n'est pas là"
        names.report(
            names.source.key(*path, "over"), "wrong_key", fr, "over goes with modulated_by, which is not there"
        )
    value = None if form.value is None else read(names, fields[name], form.value, (*path, "value"))
    when = {}
    for other, allowed in form.when.items():
        at = (*path, "when", other)
        known = other if other in fields else None
        if known is None:
            names.report(names.source.key(*at), "unknown_field", *unknown("field", other, list(fields)))
            continue
        when[known] = tuple(_condition(names, fields[known], allowed, at))
    return DefaultCase(when, value, form.over)


def _condition(names: Names, field: Field, allowed: list[str], path: Path) -> Iterator[str]:
    if field.type not in ("choice", "territory", "text"):
        fr = f"le champ « {field.name} » est de type {field.type} : un cas regarde un choice, territory ou text"
        en = f"field {field.name!r} is of type {field.type}: a case looks at a choice, territory or text"
        names.report(names.source.key(*path), "wrong_type", fr, en)
        return
    for index, text in enumerate(allowed):
        value = read(names, field, text, (*path, index))
        if isinstance(value, str):
            yield value


def build_table(names: Names, name: str, form: TableForm) -> Table:
    """A table as one row per column and day; no territory stands in two columns."""
    path = ("tables", name)
    known_until = names.day(form.known_until, (*path, "known_until"))
    seen: set[str] = set()
    rows: list[TableRow] = []
    for index, column in enumerate(form.columns):
        at = (*path, "columns", index)
        codes = _territories(names, column, seen, at)
        rows += _rows(names, form, column, codes, at)
    return Table(name, names.label(form.label, name), form.type, known_until or date.max, tuple(rows))


def _rows(names: Names, form: TableForm, column: ColumnForm, codes: frozenset[str], path: Path) -> Iterator[TableRow]:
    kind = Field("value", form.type, names.label(None, "value"))
    before: date | None = None
    for index, row in enumerate(column.rows):
        at = (*path, "rows", index)
        first, value = names.day(row.from_, (*at, "from")), read(names, kind, row.value, (*at, "value"))
        if first and before and first <= before:
            fr = f"{first} ne suit pas {before} : les lignes vont dans l'ordre de leurs jours"
            en = f"{first} is not after {before}: rows are in the order of their days"
            names.report(names.source.value(*at, "from"), "wrong_order", fr, en)
        if first and first.isoformat() > form.known_until:
            fr = f"{first} dépasse known_until, {form.known_until} : mettez celui-ci à jour aussi"
            en = f"{first} is after known_until, {form.known_until}: bring that up to date too"
            names.report(names.source.value(*at, "from"), "wrong_order", fr, en)
        before = first or before
        if first is not None and isinstance(value, int):
            yield TableRow(codes, first, value)


def _territories(names: Names, column: ColumnForm, seen: set[str], path: Path) -> frozenset[str]:
    found: set[str] = set()
    for index, text in enumerate(column.territories):
        at = (*path, "territories", index)
        codes = set(_expanded(names, text, at))
        twice = sorted(codes & (seen | found))
        if twice:
            codes_twice = ", ".join(twice)
            fr = f"le territoire {codes_twice} est déjà dans cette table"
            names.report(names.source.value(*at), "repeated", fr, f"territory {codes_twice} is in this table already")
        found |= codes
    seen |= found
    return frozenset(found)


def _expanded(names: Names, text: str, path: Path) -> list[str]:
    matched = _RANGE.fullmatch(text)
    first, last = matched.groups() if matched else (text, text)
    if not (first in TERRITORIES and last in TERRITORIES and first <= last and len(first) == len(last)):
        what = "range of territories" if matched else "territory"
        names.report(names.source.value(*path), "unknown_territory", *unknown(what, text, [] if matched else _CODES))
        return []
    # "2A" sorts within "01..95", which means the numbered ones.
    numbered = first.isdigit() and last.isdigit()
    between = [code for code in _CODES if first <= code <= last and len(code) == len(first)]
    return [code for code in between if code.isdigit() or not numbered]


def build_quota(names: Names, name: str, form: QuotaForm) -> Quota | None:
    """A quota; None where its trigger is unknown."""
    path = ("quotas", name)
    trigger = names.one("trigger", form.taken_by, (*path, "taken_by"))
    given_back = names.each("state", form.given_back_by, (*path, "given_back_by"))
    if trigger is None:
        return None
    used_up = Label(f"Quota atteint : {name}", f"Quota used up: {name}")
    message = names.label(form.message, name) if form.message else used_up
    return Quota(name, form.limit, trigger, frozenset(given_back), message)
