"""From the language's invariants to those of a definition: exactly one kind each, its names resolved."""

from collections.abc import Iterator
from functools import partial

from workflow.definition import Invariant
from workflow.language.forms import AnchorForm, BeenForm, InvariantForm, LeadsToForm, NeverForm
from workflow.language.names import Names
from workflow.language.positions import Path

_KINDS = (
    "un invariant est soit never: {…}, soit leads_to: {…}, soit at_most: DURÉE avec from et to",
    "an invariant is one of never: {…}, leads_to: {…}, and at_most: LENGTH with from and to",
)
FINAL = "final"
"""Stands for every final state, where states are listed as an end."""


def build_invariants(names: Names, forms: list[InvariantForm]) -> Iterator[Invariant]:
    """The invariants that can be told; a finding for each of the others."""
    for number, form in enumerate(forms):
        found = _invariant(names, form, number)
        if found is None:
            names.sound = False
        else:
            yield found


def _invariant(names: Names, form: InvariantForm, number: int) -> Invariant | None:
    path: Path = ("invariants", number)
    kinds = [form.never, form.leads_to, form.at_most]
    counted = form.from_ is not None and form.to is not None
    plain = form.from_ is None and form.to is None
    if not any(kinds) and not names.sound:
        # What was wrong about it has been left out, and is a finding already.
        return None
    if sum(kind is not None for kind in kinds) != 1 or not (counted if form.at_most else plain):
        names.report(names.source.key(*path), "wrong_invariant", *_KINDS)
        return None
    make = partial(
        Invariant,
        number=number,
        label=names.label(form.label, f"invariant {number + 1}"),
        unset=tuple(_unset(names, form, path)),
        place=names.source.key(*path),
    )
    if form.never is not None:
        return _never(names, form.never, (*path, "never"), make)
    if form.leads_to is not None:
        return _leads_to(names, form.leads_to, (*path, "leads_to"), make)
    return _at_most(names, form, path, make)


def _unset(names: Names, form: InvariantForm, path: Path) -> Iterator[str]:
    for index, name in enumerate(names.each("field", form.unset, (*path, "unset"))):
        if names.source.data.get("fields", {}).get(name, {}).get("type") != "date":
            fr = f"le champ « {name} » n'est pas une date : seule une date posée par quelqu'un déplace une échéance"
            en = f"field {name!r} is no date: only a date that people set can move a deadline"
            names.report(names.source.value(*path, "unset", index), "wrong_type", fr, en)
        yield name


def _never(names: Names, form: NeverForm, path: Path, make: "partial[Invariant]") -> Invariant | None:
    if (form.without is None) == (form.after is None):
        fr, en = "never a soit without, soit after", "never has one of without and after"
        names.report(names.source.key(*path), "wrong_invariant", fr, en)
        return None
    states = names.states(form.state, (*path, "state"))
    if form.after is not None:
        after = names.one("state", form.after, (*path, "after"))
        return make(kind="never", states=states, after=after) if after and states else None
    without = BeenForm(state=form.without) if isinstance(form.without, str) else form.without
    if without is None or (without.state is None) == (without.field is None):
        fr, en = "without s'écrit {state: …} ou {field: …}", "without is {state: …} or {field: …}"
        names.report(names.source.value(*path, "without"), "wrong_invariant", fr, en)
        return None
    at: Path = (*path, "without") if isinstance(form.without, str) else (*path, "without", "state")
    state = names.optional("state", without.state, at)
    field = names.optional("field", without.field, (*path, "without", "field"))
    found = states and (state or field)
    return make(kind="never", states=states, without_state=state, without_field=field) if found else None


def _leads_to(names: Names, form: LeadsToForm, path: Path, make: "partial[Invariant]") -> Invariant | None:
    start = names.one("state", form.from_, (*path, "from"))
    within = names.length(form.within, (*path, "within"))
    ends = _ends(names, form.to, (*path, "to"))
    if start is None or within is None or not ends:
        return None
    return make(kind="leads_to", states=ends, start=start, within=within)


def _at_most(names: Names, form: InvariantForm, path: Path, make: "partial[Invariant]") -> Invariant | None:
    within = names.length(form.at_most or "", (*path, "at_most"))
    ends = _ends(names, form.to or [], (*path, "to"))
    since = AnchorForm(state=form.from_) if isinstance(form.from_, str) else form.from_
    if since is None or since.state is None or since.field is not None:
        fr = "at_most compte depuis un état, ou depuis {state: …, first: true}"
        en = "at_most counts from a state, or from {state: …, first: true}"
        names.report(names.source.value(*path, "from"), "wrong_invariant", fr, en)
        return None
    at: Path = (*path, "from") if isinstance(form.from_, str) else (*path, "from", "state")
    start = names.one("state", since.state, at)
    if start is None or within is None or not ends:
        return None
    return make(kind="at_most", states=ends, start=start, first=since.first, within=within)


def _ends(names: Names, form: str | list[str], path: Path) -> frozenset[str]:
    if form == FINAL:
        return names.finals
    return names.states(form, path)
