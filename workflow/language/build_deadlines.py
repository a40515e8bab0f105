"""From the language's deadlines to those of a definition: anchors, lengths, reminders, what meets them."""

from collections.abc import Iterator

from workflow.calendar import CalendarError, Length, counting_of
from workflow.definition import (
    Anchor,
    Deadline,
    EntryAnchor,
    Field,
    FieldAnchor,
    FieldLength,
    Reminder,
    Revision,
    Until,
)
from workflow.language.forms import AnchorForm, DeadlineForm, UntilForm, WithinForm
from workflow.language.names import Names
from workflow.language.positions import Path


def build_deadline(
    names: Names, fields: dict[str, Field], order: int, name: str, form: DeadlineForm
) -> Deadline | None:
    """One deadline; None where its anchors or its length cannot be told."""
    path = ("deadlines", name)
    anchors = tuple(_anchors(names, fields, form, path))
    length = _length(names, fields, form.within, (form.counting, form.roll), path)
    _check_milestone(names, form, path)
    span = names.states(form.while_, (*path, "while"))
    # The rest is read in any case, so that all that is wrong with it is found at once.
    spec = Deadline(
        name=name,
        order=order,
        label=names.label(form.label, name),
        anchors=anchors,
        length=length or Length(1, "days"),
        span=span,
        counting=form.counting,
        roll=form.roll,
        since=names.optional("state", form.since, (*path, "since")),
        until=_until(names, form.until, (*path, "until")),
        then=names.optional("trigger", form.then, (*path, "then")),
        reminders=tuple(_reminders(names, form, path)),
        milestone=form.milestone,
        if_unset_waits=form.if_unset == "waits",
        precedes=names.each("deadline", form.before, (*path, "before")),
        awaits=names.each("role", form.awaits, (*path, "awaits")),
        legal_basis=names.label(form.legal_basis, name) if form.legal_basis else None,
        entry_grace=_grace(names, form, path),
        revisions=tuple(_revisions(names, fields, form, path)),
        stops=_stops(names, form, span, path),
        place=names.source.key(*path),
    )
    if not anchors or length is None:
        names.sound = False
        return None
    return spec


def _anchors(names: Names, fields: dict[str, Field], form: DeadlineForm, path: Path) -> Iterator[Anchor]:
    many = isinstance(form.after, list)
    forms = form.after if isinstance(form.after, list) else [form.after]
    for index, anchor in enumerate(forms):
        found = _anchor(names, fields, anchor, (*path, "after", index) if many else (*path, "after"), form.first)
        if found is not None:
            yield found


def _anchor(names: Names, fields: dict[str, Field], form: str | AnchorForm, path: Path, first: bool) -> Anchor | None:
    if isinstance(form, str):
        state = names.one("state", form, path)
        return None if state is None else EntryAnchor(state, first)
    if (form.state is None) == (form.field is None) or (form.field is not None and form.first):
        fr = "un point de départ s'écrit {field: …}, ou {state: …} avec ou sans first: true"
        en = "an anchor is {field: …}, or {state: …} with or without first: true"
        names.report(names.source.value(*path), "wrong_anchor", fr, en)
        return None
    if form.state is not None:
        state = names.one("state", form.state, (*path, "state"))
        return None if state is None else EntryAnchor(state, first or form.first)
    field = names.optional("field", form.field, (*path, "field"))
    _check_type(names, fields, field, "date", (*path, "field"))
    return None if field is None else FieldAnchor(field)


def _length(
    names: Names, fields: dict[str, Field], within: str | WithinForm, counted: tuple[str, str], path: Path
) -> Length | FieldLength | None:
    """A length, `counted` in a way and with a roll; None where it cannot be told."""
    at = (*path, "within")
    probe: Length | None
    found: Length | FieldLength | None
    if isinstance(within, WithinForm):
        field = names.one("field", within.field, (*at, "field"))
        _check_type(names, fields, field, "integer", (*at, "field"))
        probe = Length(1, within.unit)
        found = None if field is None else FieldLength(field, within.unit, within.at_most)
    else:
        found = probe = names.length(within, at)
    if probe is not None:
        _check_counting(names, probe, counted, path)
    return found


def _check_counting(names: Names, length: Length, counted: tuple[str, str], path: Path) -> None:
    try:
        counting_of(length, *counted)
    except CalendarError as error:
        key = "counting" if counted[0] != "calendar" else "roll"
        names.report(names.source.value(*path, key), "wrong_counting", error.fr, error.en)


def _revisions(names: Names, fields: dict[str, Field], form: DeadlineForm, path: Path) -> Iterator[Revision]:
    last = None
    for index, each in enumerate(form.revised):
        at = (*path, "revised", index)
        day = names.day(each.from_, (*at, "from"))
        counting, roll = each.counting or form.counting, each.roll or form.roll
        length = _length(names, fields, each.within, (counting, roll), at)
        if day is None or length is None:
            continue
        if last is not None and day <= last:
            fr = f"trouvé {day} après {last} : attendu les révisions dans l'ordre de leurs jours"
            en = f"found {day} after {last}: expected the revisions in the order of their days"
            names.report(names.source.value(*at, "from"), "wrong_order", fr, en)
        last = day
        yield Revision(day, length, counting, roll)


def _check_type(names: Names, fields: dict[str, Field], field: str | None, expected: str, path: Path) -> None:
    if field in fields and fields[field].type != expected:
        fr = f"le champ « {field} » est de type {fields[field].type} : attendu {expected}"
        en = f"field {field!r} is of type {fields[field].type}: expected {expected}"
        names.report(names.source.value(*path), "wrong_type", fr, en)


def _until(names: Names, form: str | UntilForm | None, path: Path) -> Until | None:
    if form is None:
        return None
    if isinstance(form, str):
        trigger = names.one("trigger", form, path)
        return None if trigger is None else Until(trigger)
    if (form.trigger is None) == (form.field is None) or (form.field is not None and form.times != 1):
        fr = "until s'écrit {field: …}, ou {trigger: …} avec ou sans times"
        en = "until is {field: …}, or {trigger: …} with or without times"
        names.report(names.source.value(*path), "wrong_until", fr, en)
        return None
    trigger = names.optional("trigger", form.trigger, (*path, "trigger"))
    field = names.optional("field", form.field, (*path, "field"))
    return Until(trigger, form.times, field) if trigger or field else None


def _stops(names: Names, form: DeadlineForm, span: frozenset[str], path: Path) -> frozenset[str]:
    if form.paused_in is None:
        return frozenset()
    at = (*path, "paused_in")
    stops = names.states(form.paused_in, at)
    outside = sorted(stops - span)
    if outside:
        name = outside[0]
        fr = f"l'horloge de « {path[1]} » ne tourne pas dans « {name} » : nommez-le aussi dans while, ou ôtez-le d'ici"
        en = f"the clock of {path[1]!r} does not run in {name!r}: name it in while too, or leave it out here"
        names.report(names.source.value(*at), "paused_outside", fr, en)
    return stops & span


def _grace(names: Names, form: DeadlineForm, path: Path) -> Length | None:
    if form.entry_grace is None:
        return None
    at = (*path, "entry_grace")
    length = names.length(form.entry_grace, at)
    if length is not None and length.exact is not None:
        fr = f"« {form.entry_grace} » n'est pas un délai de saisie : il se compte en days, weeks, months ou years"
        en = f"{form.entry_grace!r} is no grace: it is counted in days, weeks, months or years"
        names.report(names.source.value(*at), "wrong_length", fr, en)
    if form.then is None:
        fr = "entry_grace ne vaut que pour une échéance qui a un then : sans lui, rien n'empêche un fait tardif"
        en = "entry_grace is for what fires: without then, nothing stands in the way of a late fact"
        names.report(names.source.key(*at), "wrong_grace", fr, en)
    return length


def _reminders(names: Names, form: DeadlineForm, path: Path) -> Iterator[Reminder]:
    for index, text in enumerate(form.remind):
        at = (*path, "remind", index)
        written, _, direction = text.rpartition(" ")
        length = names.length(written, at)
        if length is None:
            continue
        if length.exact is not None:
            fr = f"« {text} » n'est pas un rappel : les rappels se comptent en days, weeks, months ou years"
            en = f"{text!r} is no reminder: they are counted in days, weeks, months or years"
            names.report(names.source.value(*at), "wrong_length", fr, en)
        if text in form.remind[:index]:
            fr = f"« {text} » est là deux fois : supprimez-en un exemplaire"
            names.report(names.source.value(*at), "repeated", fr, f"{text!r} is here twice: leave it out once")
        yield Reminder(length, "after" if direction == "after" else "before", text)


def _check_milestone(names: Names, form: DeadlineForm, path: Path) -> None:
    if form.milestone and form.then is not None:
        fr = "un jalon ne déclenche rien : supprimez then, ou faites-en une échéance (sans milestone)"
        en = "a milestone fires nothing: leave then out, or make it a deadline"
        names.report(names.source.key(*path, "then"), "wrong_milestone", fr, en)
