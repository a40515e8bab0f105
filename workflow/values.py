"""Between what people type and the values of fields: text is checked and read, values are shown.

Every refusal is one sentence in French and in English. Knows nothing of placements or guards.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from workflow.civil.territories import TERRITORIES
from workflow.definition import Field, FieldType, Value

MAX_TEXT = 2000
YEARS = range(1900, 2201)

_SPACES = " \u00a0\u202f"
_WITHOUT_SPACES = dict.fromkeys(map(ord, _SPACES))
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_MONEY = re.compile(rf"(-?)([0-9]{{1,13}}|[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}}){{1,3}})(?:[.,]([0-9]{{1,2}}))?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRENCH_DATE = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")
_INSEE = re.compile(r"(?:0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5])[0-9]{3}|9(?:7[1-8]|8[4-9])[0-9]{2}")
_SIRET = re.compile(r"[0-9]{14}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_HOST}(?:\.{_HOST})+")
_YES = {"oui", "yes", "true", "1", "vrai"}
_NO = {"non", "no", "false", "0", "faux"}
# Marks that turn the reading direction around would let a text look like another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class ValueRefused(ValueError):
    """A text that is no value of its field: a stable code, and the sentence in French and English."""

    def __init__(self, code: str, fr: str, en: str) -> None:
        self.code, self.fr, self.en = code, fr, en
        super().__init__(fr)


def read_value(field: Field, text: str, *, dates: str = "iso", on: date | None = None) -> Value:
    """The value that a text means for a field, or `ValueRefused`.

    Spaces around it are dropped. Text is kept in Unicode's composed form (NFC), so that what looks the same
    is the same. Money becomes cents, a date its ISO text, a SIRET its fourteen digits. `dates="french"` reads
    DD/MM/YYYY too, as imports have it. `on` is the day for which a dated value of a list must hold; without
    it any of them does. An empty text is refused: unsetting a field is the caller's matter.
    """
    clean = _clean(text)
    if field.type == "date":
        return _date(clean, dates)
    if field.type == "choice":
        return _choice(field, clean, on)
    return _READERS[field.type](field, clean)


def show_value(field: Field, value: Value) -> Value:
    """A value as JSON has it: money as a text in euros (`"1603.12"`), all else as it is."""
    if field.type != "money" or not isinstance(value, int):
        return value
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02}"


def _clean(text: str) -> str:
    # What is ASCII is composed already.
    clean = text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()
    if not clean:
        raise ValueRefused("value_empty", "La valeur est vide", "The value is empty")
    if not clean.isprintable() and any(map(_is_control, clean)):
        raise ValueRefused(
            "control_character",
            "La valeur contient un caractère de contrôle",
            "The value holds a control character",
        )
    if len(clean) > MAX_TEXT:
        raise ValueRefused(
            "value_too_long",
            f"La valeur a {len(clean)} caractères : {MAX_TEXT} au plus",
            f"The value has {len(clean)} characters: at most {MAX_TEXT}",
        )
    return clean


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNING


def _text(_: Field, text: str) -> str:
    return text


def _integer(field: Field, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueRefused(
            "not_an_integer",
            f"{_fr(text)} n'est pas un nombre entier",
            f"{_en(text)} is not a whole number",
        )
    return _bounded(field, int(text))


def _money(field: Field, text: str) -> int:
    found = _MONEY.fullmatch(text)
    if not found:
        raise ValueRefused(
            "not_money",
            f"{_fr(text)} n'est pas un montant : attendu par exemple 1603,12",
            f"{_en(text)} is not an amount: expected, for example, 1603.12",
        )
    sign, euros, cents = found.groups()
    whole = int(euros.translate(_WITHOUT_SPACES)) * 100 + int((cents or "0").ljust(2, "0"))
    return _bounded(field, -whole if sign else whole)


def _bounded(field: Field, value: int) -> int:
    # An amount below zero is a slip of the pen, unless the definition says that it may be.
    minimum = 0 if field.type == "money" and field.minimum is None else field.minimum
    if minimum is not None and value < minimum:
        least, given = show_value(field, minimum), show_value(field, value)
        raise ValueRefused(
            "below_minimum",
            f"{given} est inférieur au minimum, {least}",
            f"{given} is below the minimum, {least}",
        )
    if field.maximum is not None and value > field.maximum:
        most, given = show_value(field, field.maximum), show_value(field, value)
        raise ValueRefused(
            "above_maximum",
            f"{given} est supérieur au maximum, {most}",
            f"{given} is above the maximum, {most}",
        )
    return value


def _date(text: str, dates: str) -> str:
    if _ISO_DATE.fullmatch(text):
        written = text
    elif dates == "french" and _FRENCH_DATE.fullmatch(text):
        written = f"{text[6:]}-{text[3:5]}-{text[:2]}"
    else:
        form = ("JJ/MM/AAAA", "DD/MM/YYYY") if dates == "french" else ("AAAA-MM-JJ", "YYYY-MM-DD")
        raise _no_date(text, f"attendu {form[0]}", f"expected {form[1]}")
    if int(written[:4]) not in YEARS:
        raise _no_date(text, "l'année va de 1900 à 2200", "the year is within 1900 and 2200")
    try:
        date.fromisoformat(written)
    except ValueError:
        raise _no_date(text, "ce jour n'existe pas", "there is no such day") from None
    return written


def _no_date(text: str, fr: str, en: str) -> ValueRefused:
    return ValueRefused("not_a_date", f"{_fr(text)} n'est pas une date : {fr}", f"{_en(text)} is not a date: {en}")


def _boolean(_: Field, text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise ValueRefused(
        "not_a_boolean",
        f"{_fr(text)} ne se lit ni comme oui ni comme non",
        f"{_en(text)} reads neither as yes nor as no",
    )


def _choice(field: Field, text: str, on: date | None) -> str:
    for item in field.values:
        if unicodedata.normalize("NFC", item.value) == text:
            if on is not None and not item.holds_on(on):
                raise ValueRefused(
                    "not_allowed_on",
                    f"{_fr(text)} n'est pas admis à la date du {on.isoformat()}",
                    f"{_en(text)} is not allowed on {on.isoformat()}",
                )
            return item.value
    raise _no_choice(field, text)


def _no_choice(field: Field, text: str) -> ValueRefused:
    near = next((item.value for item in field.values if item.value.casefold() == text.casefold()), None)
    if near is not None:
        return ValueRefused(
            "not_allowed",
            f"{_fr(text)} n'est pas admis : vouliez-vous écrire {_fr(near)} ?",
            f"{_en(text)} is not allowed: did you mean {_en(near)}?",
        )
    allowed = ", ".join(item.value for item in field.values)
    return ValueRefused(
        "not_allowed",
        f"{_fr(text)} n'est pas admis : attendu {allowed}",
        f"{_en(text)} is not allowed: expected one of {allowed}",
    )


def _siret(_: Field, text: str) -> str:
    digits = text.translate(_WITHOUT_SPACES)
    if not _SIRET.fullmatch(digits):
        raise _no_siret(text, "attendu 14 chiffres", "expected 14 digits")
    # The library takes fourteen zeros for a number.
    if not digits.strip("0") or not _has_valid_key(digits):
        raise _no_siret(text, "la clé de contrôle est fausse", "its check digit is wrong")
    return digits


# A host has many posts.
@lru_cache(maxsize=4096)
def _has_valid_key(digits: str) -> bool:
    # Loaded late: whoever only reads placements should not pay for it.
    from stdnum.fr import siret

    return siret.is_valid(digits)


def _no_siret(text: str, fr: str, en: str) -> ValueRefused:
    return ValueRefused("not_a_siret", f"{_fr(text)} n'est pas un SIRET : {fr}", f"{_en(text)} is not a SIRET: {en}")


def _insee(_: Field, text: str) -> str:
    if _INSEE.fullmatch(text):
        return text
    raise ValueRefused(
        "not_an_insee_code",
        f"{_fr(text)} n'est pas un code INSEE de commune : attendu par exemple 63113, 2A004 ou 97411",
        f"{_en(text)} is not the INSEE code of a commune: expected, for example, 63113, 2A004 or 97411",
    )


def is_email(text: str) -> bool:
    """Whether this is read as an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def _email(_: Field, text: str) -> str:
    if _EMAIL.fullmatch(text):
        return text
    raise ValueRefused(
        "not_an_email",
        f"{_fr(text)} n'est pas une adresse électronique : attendu nom@domaine.fr",
        f"{_en(text)} is not an e-mail address: expected name@domain.fr",
    )


def _territory(_: Field, text: str) -> str:
    if text in TERRITORIES:
        return text
    fr, en = (
        "attendu 01 à 95, 2A, 2B, 971 à 978 ou 986 à 988",
        "expected 01 to 95, 2A, 2B, 971 to 978 or 986 to 988",
    )
    near = next((code for code in (text.upper(), f"0{text}") if code in TERRITORIES), None)
    if text == "20":
        fr, en = "la Corse est 2A (Corse-du-Sud) ou 2B (Haute-Corse)", "Corsica is 2A (south) or 2B (north)"
    elif near is not None:
        fr, en = f"écrivez {near} ({TERRITORIES[near].name})", f"write {near} ({TERRITORIES[near].name})"
    raise ValueRefused(
        "unknown_territory",
        f"{_fr(text)} n'est pas un code de département : {fr}",
        f"{_en(text)} is not a département code: {en}",
    )


def _fr(text: str) -> str:
    return f"« {text if len(text) <= 60 else text[:59] + '…'} »"


def _en(text: str) -> str:
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"


_READERS: Mapping[FieldType, Callable[[Field, str], Value]] = MappingProxyType(
    {
        "text": _text,
        "integer": _integer,
        "money": _money,
        "boolean": _boolean,
        "siret": _siret,
        "insee": _insee,
        "email": _email,
        "territory": _territory,
    }
)
