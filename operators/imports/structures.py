"""The layout `structures`: the open data set of granted posts, one row per host, one placement per post.

Each post is applied for and granted on the committee's day. Commune, département and région are names of what
the codes say: the département's is compared with its code, none is kept.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from operators.imports.reading import Row
from operators.imports.sheet import Sheet
from workflow.civil.territories import TERRITORIES
from workflow.commands import Fire, Life, Place
from workflow.definition import IMPORT, Definition, Value
from workflow.errors import UnknownName

MAX_POSTS_OF_HOST = 1_000
MAX_POSTS = 500_000

_ID, _POSTS = "id", "Nombre de conseillers validés par le COSELEC"
_DAY = "Date de validation en comité de sélection"
_TERRITORY, _INSEE, _DEPARTEMENT = "Code département", "Code commune INSEE", "Département"
_NAMES = ("Commune INSEE", _DEPARTEMENT, "Région")
_GRANT, _GRANTED_ON = "grant_post", "granted_on"

_HOST: Mapping[str, str] = MappingProxyType(
    {
        "Raison sociale": "host_name",
        "Type": "host_type",
        "SIRET": "host_siret",
        _TERRITORY: "territory",
        "Adresse": "host_address",
        _INSEE: "host_insee",
        "Code postal": "host_postcode",
        "Investissement financier estimatif total de l'Etat": "estimated_investment",
        "ZRR": "rural_zone",
        "QPV": "priority_district",
        "France services": "france_services",
    }
)

_IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,39}")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Structures:
    """One row per host that was granted posts."""

    @property
    def required(self) -> tuple[str, ...]:
        return (_ID, *_NAMES, _POSTS, _DAY, *_HOST)

    @property
    def optional(self) -> tuple[str, ...]:
        return ()

    def fields(self, definition: Definition) -> Mapping[str, str]:
        filled = {**_HOST, _DAY: _GRANTED_ON}
        for name in filled.values():
            if name not in definition.fields:
                raise UnknownName("field", name, tuple(definition.fields))
        if _GRANT not in definition.transitions:
            raise UnknownName("trigger", _GRANT, tuple(definition.transitions))
        return filled

    def lives(self, sheet: Sheet) -> list[Life]:
        first: dict[str, int] = {}
        lives: list[Life] = []
        for row in sheet.rows:
            identifier = _identifier(sheet, row, first)
            lives += _posts(sheet, row, identifier)
            if len(lives) > MAX_POSTS:
                sheet.fault(row, _POSTS, "too_many_posts", limit=MAX_POSTS)
                return lives
        return lives


def _identifier(sheet: Sheet, row: Row, first: dict[str, int]) -> str:
    identifier = sheet.text(row, _ID, required=True)
    if row.line in sheet.findings.lines:
        return identifier
    if not _IDENTIFIER.fullmatch(identifier):
        sheet.fault(row, _ID, "id_invalid", found=identifier, limit=40)
    elif first.setdefault(identifier, row.line) != row.line:
        sheet.fault(row, _ID, "id_repeated", found=identifier, first=first[identifier])
    return identifier


def _posts(sheet: Sheet, row: Row, identifier: str) -> list[Life]:
    """One life per granted post; none where anything in the row is wrong."""
    for name in _NAMES:
        sheet.text(row, name)
    fields = sheet.definition.fields
    values = {column: sheet.value(row, column, name, required=fields[name].required) for column, name in _HOST.items()}
    _agree(sheet, row, values)
    granted_on = sheet.value(row, _DAY, _GRANTED_ON, required=True)
    count = _count(sheet, row)
    if row.line in sheet.findings.lines:
        return []
    texts = {name: text for column, name in _HOST.items() if (text := sheet.cell(row, column))}
    return _granted(row.line, identifier, count, texts, str(granted_on))


def _agree(sheet: Sheet, row: Row, values: Mapping[str, Value]) -> None:
    """Note where the codes of commune and département, or its name, contradict each other."""
    code, insee, found = values[_TERRITORY], values[_INSEE], sheet.cell(row, _DEPARTEMENT)
    if code is None:
        return
    name = TERRITORIES[str(code)].name
    if insee is not None and _departement(str(insee)) != code:
        sheet.fault(row, _TERRITORY, "insee_contradicts", found=code, insee=insee)
    elif found and _plain(found) != _plain(name):
        sheet.fault(row, _DEPARTEMENT, "name_contradicts", found=found, departement=code, name=name)


def _departement(insee: str) -> str:
    return insee[:3] if insee.startswith(("97", "98")) else insee[:2]


def _plain(name: str) -> str:
    """A name without case, accents, punctuation and article: `La Réunion` and `REUNION` are the same."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalpha()).removeprefix("la")


def _count(sheet: Sheet, row: Row) -> int:
    text = sheet.cell(row, _POSTS)
    if _COUNT.fullmatch(text) and int(text) <= MAX_POSTS_OF_HOST:
        return int(text)
    sheet.fault(row, _POSTS, "posts_invalid", found=text, limit=MAX_POSTS_OF_HOST)
    return 0


def _granted(line: int, identifier: str, count: int, fields: Mapping[str, str], day: str) -> list[Life]:
    at, roles = date.fromisoformat(day), (IMPORT,)
    lives = []
    for rank in range(1, count + 1):
        reference = f"{identifier}-{rank}"
        place = Place(reference=reference, fields=fields, actor=IMPORT, at=at, dates="french")
        grant = Fire(reference=reference, trigger=_GRANT, actor=IMPORT, fields={_GRANTED_ON: day}, at=at, roles=roles)
        lives.append(Life(reference, place, (grant,), to_now=False, rows=(line, line)))
    return lives
