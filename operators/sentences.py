"""Why something cannot be done, for people who read pages: labels in place of short names, no options of commands.

What has no sentence here is told as the engine tells it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from operators.labels import Labels
from operators.roles import roles_text
from operators.typography import french
from workflow.definition import SCHEDULER, Label
from workflow.errors import Blocker
from workflow.undecided import why_undecided

Told = Callable[[Mapping[str, Any], Labels, bool], str]


def blocker_text(blocker: Blocker, labels: Labels, lang: str) -> str:
    """The sentence of a blocker, with a capital and a full stop."""
    told = _TOLD.get(blocker.code)
    text = blocker.sentence(lang) if told is None else told(blocker.details, labels, lang != "en")
    whole = text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
    return whole if lang == "en" else french(whole)


def undecided_text(code: str, message: str, lang: str) -> str:
    """Why a placement could not be decided, with a capital and a full stop."""
    told = why_undecided(code, message)
    text = (told.en if lang == "en" else told.fr).rstrip(".")
    whole = f"{text[:1].upper()}{text[1:]}."
    return whole if lang == "en" else french(whole)


def unblocked_by(blocker: Blocker) -> tuple[str, ...]:
    """The roles that may do what a blocker refuses to who asks; none where it is not a matter of roles."""
    return tuple(blocker.details.get("by", ())) if blocker.code.startswith("role_") else ()


def called(known: Mapping[str, Label], name: str, fr: bool) -> str:
    """What a name is called; itself where no definition knows it."""
    return known[name]["fr" if fr else "en"] if name in known else name


def _not_here(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    state = called(labels.states, str(details["state"]), fr)
    others = ", ".join(called(labels.states, name, fr) for name in details["allowed_in"])
    return f"impossible dans l’état « {state} » ; possible dans : {others}" if fr else (
        f"not possible in the state “{state}”; possible in: {others}")  # fmt: skip


def _role(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    by = roles_text(details.get("by", ()), "fr" if fr else "en")
    if tuple(details.get("by", ())) == (SCHEDULER,):
        return "seule une échéance le déclenche" if fr else "only a deadline fires it"
    return f"réservé à : {by}" if fr else f"reserved to: {by}"


def _field(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    return "à renseigner" if fr else "to be filled in"


def _reason(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    return "un motif est nécessaire" if fr else "a reason is needed"


def _recorded(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    return "c’est déjà enregistré" if fr else "it is recorded already"


def _date(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    names = ", ".join(called(labels.deadlines, name, fr) for name in details["deadlines"])
    return f"elles échoiraient aussitôt : {names} ; donnez un autre dernier jour, ou levez-les" if fr else (
        f"these deadlines would fire at once: {names}; give another last day, or waive them")  # fmt: skip


def _nothing(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    return "aucune valeur n’est changée" if fr else "no value is changed"


def _since(details: Mapping[str, Any], labels: Labels, fr: bool) -> str:
    state = called(labels.states, str(details["since"]), fr)
    return f"possible après un premier passage par « {state} »" if fr else f"possible once “{state}” was entered"


_TOLD: Final[Mapping[str, Told]] = {
    "not_allowed_here": _not_here,
    "role_needed": _role,
    "role_not_allowed": _role,
    "field_needed": _field,
    "reason_needed": _reason,
    "already_recorded": _recorded,
    "date_needed": _date,
    "nothing_to_amend": _nothing,
    "not_yet": _since,
}
