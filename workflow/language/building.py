"""From a document of the language to a definition: names resolved, types agreed, labels and orders filled in.

Brings together what build_fields.py, build_transitions.py and build_deadlines.py make.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from workflow.calendar import CalendarError, calendars_beside, known_calendars, load_calendar, load_zone
from workflow.definition import Definition, Field, Label, ListItem, State
from workflow.expressions import Environment
from workflow.language.build_approvals import build_approvals
from workflow.language.build_deadlines import build_deadline
from workflow.language.build_fields import build_default, build_field, build_list, build_quota, build_table
from workflow.language.build_invariants import build_invariants
from workflow.language.build_retention import build_retention
from workflow.language.build_territory import with_territory
from workflow.language.build_transitions import TransitionBuilder
from workflow.language.expression_text import Declared
from workflow.language.forms import Document
from workflow.language.names import Names
from workflow.language.wording import cause_fr, unknown

_T = TypeVar("_T")
_FIXED = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}


def build_definition(names: Names, document: Document, data: bytes, *, thoroughly: bool) -> Definition:
    """The definition that a document says, as far as its names can be resolved; findings go to `names`.

    `thoroughly` also compiles the expressions, and looks for the calendar among those that are shipped.
    """
    names.check_reserved()
    lists = {name: build_list(names, forms, ("lists", name)) for name, forms in document.lists.items()}
    fields = with_territory(names, _fields(names, document, lists), document.timezone)
    transitions = TransitionBuilder(names, fields, _environment(names, fields) if thoroughly else None)
    return Definition(
        name=document.definition,
        version=document.version,
        title=names.label(document.title, document.definition),
        initial=names.one("state", document.initial, ("initial",)) or document.initial,
        timezone=_timezone(names, document.timezone),
        calendar=_calendar(names, document.calendar) if thoroughly else document.calendar,
        stale_after_s=_stale_after(names, document.stale_after),
        roles=tuple(document.roles),
        states={
            name: State(name, names.label(form.label, name), form.phase, form.final, form.open_ended)
            for name, form in document.states.items()
        },
        fields=fields,
        transitions={name: transitions.under_trigger(name, f) for name, f in document.transitions.items()},
        automatic=_each(transitions.automatic(n, *item) for n, item in enumerate(document.automatic.items())),
        deadlines={
            spec.name: spec
            for spec in _each(
                build_deadline(names, fields, n, *item) for n, item in enumerate(document.deadlines.items())
            )
        },
        lists=lists,
        tables={name: build_table(names, name, form) for name, form in document.tables.items()},
        quotas={q.name: q for q in _each(build_quota(names, *item) for item in document.quotas.items())},
        reasons={name: names.label(form, name) for name, form in document.reasons.items()},
        retention=build_retention(names, fields, document.retention),
        approvals=build_approvals(names, document.approvals),
        invariants=tuple(build_invariants(names, document.invariants)),
        longest=None if document.longest is None else names.length(document.longest, ("longest",)),
        phases=_phases(names, document),
        source=data,
        digest=hashlib.sha256(data).hexdigest(),
    )


def _each(items: Iterable[_T | None]) -> tuple[_T, ...]:
    return tuple(item for item in items if item is not None)


def _fields(names: Names, document: Document, lists: dict[str, tuple[ListItem, ...]]) -> dict[str, Field]:
    bare = {name: build_field(names, name, form, lists) for name, form in document.fields.items()}
    defaults = {name: build_default(names, bare, name, form) for name, form in document.fields.items()}
    return {name: replace(spec, default=defaults[name]) for name, spec in bare.items()}


def _environment(names: Names, fields: dict[str, Field]) -> Environment:
    return Environment(
        Declared(
            fields={name: spec.type for name, spec in fields.items()},
            lists=tuple(names.known["list"]),
            tables=tuple(names.known["table"]),
            deadlines=tuple(names.known["deadline"]),
            states=tuple(names.known["state"]),
            triggers=tuple(names.known["trigger"]),
        )
    )


def _phases(names: Names, document: Document) -> dict[str, Label]:
    used = {form.phase for form in document.states.values()}
    for name in document.phases:
        if name not in used:
            fr = f"aucun état n'est de la phase « {name} » : supprimez son libellé, ou nommez-la dans un état"
            en = f"no state is of the phase {name!r}: leave its label out, or name it at a state"
            names.report(names.source.key("phases", name), "unknown_phase", fr, en)
    return {name: names.label(form, name) for name, form in document.phases.items()}


def _timezone(names: Names, zone: str) -> str:
    try:
        load_zone(zone)
    except CalendarError as error:
        names.report(names.source.value("timezone"), "unknown_timezone", error.fr, error.en)
    return zone


def _calendar(names: Names, version: str) -> str:
    folder = calendars_beside(names.source.file)
    if version not in known_calendars(folder):
        said = unknown("calendar", version, list(known_calendars(folder)))
        names.report(names.source.value("calendar"), "unknown_calendar", *said)
        return version
    try:
        load_calendar(version, folder)
    except CalendarError as error:
        names.report(names.source.value("calendar"), "wrong_calendar", error.fr, error.en)
    except OSError as error:
        fr = f"le fichier du calendrier {version} ne peut être lu : {cause_fr(error)}"
        names.report(names.source.value("calendar"), "wrong_calendar", fr, str(error))
    return version


def _stale_after(names: Names, text: str) -> int:
    length = names.length(text, ("stale_after",))
    if length is None:
        return 0
    if length.unit not in _FIXED or length.counting is not None:
        fr = f"trouvé « {text} », attendu une durée toujours égale, telle que 2 days ou 36 hours"
        en = f"found {text!r}, expected a length that is always the same, such as 2 days or 36 hours"
        names.report(names.source.value("stale_after"), "wrong_length", fr, en)
        return 0
    return length.count * _FIXED[length.unit]
