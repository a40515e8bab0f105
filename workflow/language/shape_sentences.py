"""What is said of a fault of shape, in French and English: what pydantic has against a value, in a sentence.

Knows nothing of where that stands in a file, and of how one goes on after it (validation.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.language.forms import BETWEEN
from workflow.language.positions import Path
from workflow.language.wording import Said, alternatives, shown, unknown_value

_MAPPING = Said("un groupe de clés", "a mapping")
_EXPECTED = {
    "string_type": Said("du texte", "text"),
    "int_type": Said("un nombre entier", "a whole number"),
    "bool_type": Said("true ou false", "true or false"),
    "list_type": Said("une liste", "a list"),
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
}
_LIMITS = {
    "greater_than_equal": Said("au moins {ge}", "at least {ge}"),
    "less_than_equal": Said("au plus {le}", "at most {le}"),
    "string_too_short": Said("un texte qui n'est pas vide", "some text"),
    "string_too_long": Said("au plus {max_length} caractères", "at most {max_length} characters"),
    "too_short": Said("au moins un élément", "at least one item"),
}
_NAME = Said(
    "un nom en minuscules sans accents, chiffres et tirets bas isolés, qui commence par une lettre",
    "a name of lower-case letters, digits and single underscores, a letter first",
)
_LENGTH = Said(
    "une durée telle que 15 days, 4 months, 48 hours ou 10 working days",
    "a length such as 15 days, 4 months, 48 hours or 10 working days",
)
_DAY = Said("un jour tel que 2021-03-16", "a day such as 2021-03-16")
_REMINDER = Said(
    "un rappel tel que 5 days before ou 10 days after", "a reminder such as 5 days before or 10 days after"
)
_PATTERNS = (
    {"while": _NAME, "remind": _REMINDER}
    | dict.fromkeys(("within", "stale_after", "keep", "longest", "at_most"), _LENGTH)
    | dict.fromkeys(("from_day", "until", "known_until"), _DAY)
)


def missing(path: Path, french: Mapping[str, str]) -> Said:
    """That a key is missing; `french` has the words by which a sentence in French calls keys."""
    *above, key = (str(step) for step in path)
    *above_fr, key_fr = (french.get(step, step) for step in (*above, key))
    fr, en = (f" dans {'.'.join(above_fr)}", f" in {'.'.join(above)}") if above else ("", "")
    return Said(f"la clé {shown(key_fr).fr} manque{fr}", f"key {key!r} is missing{en}")


def no_name(text: str) -> Said:
    """That a text cannot be a name."""
    given = shown(text)
    return Said(
        f"{given.fr} ne peut être un nom : attendu {_NAME.fr}", f"{given.en} cannot be a name: expected {_NAME.en}"
    )


def wrong(path: Path, found: Any, items: Sequence[Any]) -> Said:
    """What was found at a path, and what was expected there, by all that pydantic has against it."""
    given, hint = shown(found), _hint(found, items)
    wanted = alternatives([_phrase(path, item) for item in items])
    return Said(f"trouvé {given.fr}, attendu {wanted.fr}{hint.fr}", f"found {given.en}, expected {wanted.en}{hint.en}")


def not_one_of(path: Path, found: Any, allowed: list[str]) -> Said:
    """What was found where one of a few words was expected."""
    if isinstance(found, str):
        return unknown_value(_key_name(path), found, allowed)
    given, listed = shown(found), ", ".join(allowed) or "true"
    return Said(f"trouvé {given.fr}, attendu {listed}", f"found {given.en}, expected one of {listed}")


def _phrase(path: Path, item: Any) -> Said:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "wrong_form":
        return Said(*str(item["msg"]).split(BETWEEN))
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(_pattern_key(path, context), _NAME)
    return expected(item)


def expected(item: Any) -> Said:
    """What was expected, for the kinds of fault that need no more than what pydantic says of them."""
    kind, context = item["type"], item.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    limit = _LIMITS.get(kind, Said("une autre valeur", str(item["msg"]).lower()))
    return Said(limit.fr.format(**context), limit.en.format(**context))


def _pattern_key(path: Path, context: dict[str, Any]) -> str:
    if "[0-9]{4}" in context["pattern"]:
        return "known_until"
    return next((str(step) for step in reversed(path) if isinstance(step, str)), "")


def _hint(found: Any, items: Sequence[Any]) -> Said:
    kinds = {item["type"] for item in items}
    if not (kinds & {"string_type", "wrong_form"} and isinstance(found, bool | int)):
        return Said("", "")
    text = str(found).lower()
    return Said(f' : si c\'est du texte, mettez des guillemets ("{text}")', f': quote it ("{text}") if it is text')


def _key_name(path: Path) -> str:
    return next((str(step) for step in reversed(path) if isinstance(step, str)), "value")
