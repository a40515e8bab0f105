"""What sentences about a file are made of, in French and in English: values as they are quoted, names that are unknown.

Keys and words of the language stay as people write them in both.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from errno import EACCES, EISDIR, ENOENT, ENOTDIR
from typing import Final, NamedTuple


class Said(NamedTuple):
    """A sentence, or a part of one, in French and in English."""

    fr: str
    en: str


_NOUNS: Final[Mapping[str, str]] = {
    "automatic": "une transition automatique",
    "behaviours of": "une définition",
    "calendar": "un calendrier",
    "date field": "un champ de type date",
    "deadline": "une échéance",
    "field": "un champ",
    "key": "une clé",
    "list": "une liste",
    "milestone": "un jalon",
    "money field": "un champ de type money",
    "name": "un nom",
    "number or money field": "un champ de type integer ou money",
    "predicate": "un prédicat",
    "range of territories": "une plage de territoires",
    "role": "un rôle",
    "state": "un état",
    "state or trigger": "un état ou déclencheur",
    "table": "une table",
    "territory": "un territoire",
    "trigger": "un déclencheur",
}
"""What a name names, in English, and in French with its article."""

_SHOWN: Final = 20
_REASONS: Final = {
    ENOENT: "il n'existe pas",
    EACCES: "vous n'avez pas le droit de le lire",
    EISDIR: "c'est un dossier",
    ENOTDIR: "il n'existe pas",
}


def suggestion(name: str, known: list[str]) -> str | None:
    """The known name that was probably meant; None where none is near."""
    return next(iter(get_close_matches(name, known, 1)), None)


def noun(what: str) -> Said:
    """What a name names: `l'état`, `state`."""
    article, bare = _NOUNS[what].split(" ", 1)
    elided = bare[0] in "aeéèêiou"
    return Said(f"l'{bare}" if elided else f"{'le' if article == 'un' else 'la'} {bare}", what)


def a_noun(what: str) -> Said:
    """One of what a name names: `un état`, `a state`."""
    return Said(_NOUNS[what], f"a {what}")


def unknown(what: str, name: str, known: list[str]) -> Said:
    """What refuses a name that is no `what`, and says what was probably meant or what there is."""
    return refused(noun(what), name, known)


def unknown_value(key: str, value: str, known: list[str]) -> Said:
    """The same of a value that a key does not take."""
    return refused(Said(f"dans {key}, la valeur", key), value, known)


def refused(what: Said, name: str, known: list[str]) -> Said:
    """The same of a name that is called as `what` says."""
    meant, given = suggestion(name, known), shown(name)
    if meant is not None:
        near = shown(meant)
        return Said(
            f"{what.fr} {given.fr} n'existe pas : vouliez-vous dire {near.fr} ?",
            f"{what.en} {given.en} is unknown: did you mean {near.en}?",
        )
    there = _listed(known)
    return Said(f"{what.fr} {given.fr} n'existe pas : {there.fr}", f"{what.en} {given.en} is unknown: {there.en}")


def _listed(known: list[str]) -> Said:
    listed = ", ".join(sorted(known)[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
    if not listed:
        return Said("il n'y en a pas ici", "expected none, there are none")
    return Said(f"attendu {listed}", f"expected one of {listed}")


def shown(value: object) -> Said:
    """A value as a sentence names it: quoted text, cut where it is long; a number, a list, nothing."""
    if value == "":
        return Said("un texte vide", "''")
    if isinstance(value, str):
        text = value if len(value) <= 60 else f"{value[:59]}…"
        return Said(f"« {text} »", repr(text))
    if isinstance(value, dict | list):
        return Said("un groupe de clés", "a mapping") if isinstance(value, dict) else Said("une liste", "a list")
    if value is None:
        return Said("rien", "nothing")
    if isinstance(value, bool):
        return Said(str(value).lower(), str(value).lower())
    return Said(f"le nombre {value}", f"the number {value}")


def alternatives(phrases: Sequence[Said]) -> Said:
    """Several, each once, with `or` between them."""
    different = dict.fromkeys(phrases)
    return Said(" ou ".join(each.fr for each in different), " or ".join(each.en for each in different))


def and_of(words: Iterable[Said]) -> Said:
    """Several with `and` between them."""
    listed = list(words)
    return Said(" et ".join(each.fr for each in listed), " and ".join(each.en for each in listed))


def unreadable(error: OSError) -> Said:
    """That a file cannot be read, and why."""
    return Said(
        f"le fichier ne peut être lu : {cause_fr(error)}", f"the file cannot be read: {error.strerror or error}"
    )


def cause_fr(error: OSError) -> str:
    """Why a file cannot be read, in French; as the system has it where that is rare."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)
