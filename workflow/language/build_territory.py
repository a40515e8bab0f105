"""The territory that every placement has: a field of the definition, or one that follows from its time zone.

A territory gives the zone and the holidays that dates are computed with; no placement is without.
"""

from dataclasses import replace
from typing import Final

from workflow.calendar import TERRITORIES
from workflow.definition import Default, DefaultCase, Field, Label
from workflow.language.names import Names

TERRITORY: Final = "territory"
_MAINLAND = "75"
_LABEL = Label("Territoire", "Territory")


def with_territory(names: Names, fields: dict[str, Field], timezone: str) -> dict[str, Field]:
    """The fields, the territory among them: where none is declared, that of the definition's time zone holds for all.

    It is never empty, so that it counts as required also where a default gives it.
    """
    if TERRITORY in fields:
        _check_given(names, fields[TERRITORY])
        return {**fields, TERRITORY: replace(fields[TERRITORY], required=True)}
    code = _of_zone(timezone)
    if code is None:
        fr = (
            f"aucun territoire n'est dans le fuseau horaire « {timezone} », et aucun placement n'a donc de jours "
            "fériés : déclarez un champ « territory », ou le fuseau horaire d'un département"
        )
        en = (
            f"no territory lies in the time zone {timezone!r}, so that no placement has holidays: "
            "declare a field 'territory', or a time zone of a département"
        )
        names.report(names.source.value("timezone"), "no_territory", fr, en)
        code = _MAINLAND
    default = Default((DefaultCase({}, code),))
    return {**fields, TERRITORY: Field(TERRITORY, TERRITORY, _LABEL, required=True, default=default)}


def _check_given(names: Names, field: Field) -> None:
    if field.required or (field.default is not None and _always_holds(field.default)):
        return
    fr = (
        "un placement peut être sans territoire : rendez le champ required: true, ou donnez-lui une valeur par défaut "
        "qui vaut toujours"
    )
    en = "a placement may be without territory: make the field required: true, or give it a default that always holds"
    names.report(names.source.key("fields", TERRITORY), "no_territory", fr, en)


def _always_holds(default: Default) -> bool:
    return any(not case.when for case in default.cases) and all(case.value is not None for case in default.cases)


def _of_zone(timezone: str) -> str | None:
    """The mainland for Europe/Paris, and the one territory that lies in another zone."""
    if TERRITORIES[_MAINLAND].zone == timezone:
        return _MAINLAND
    return next((code for code, place in TERRITORIES.items() if place.zone == timezone), None)
