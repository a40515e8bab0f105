"""What imports say of a file, in French and English, and the list in which they say it.

Knows nothing of how a file is read: only where something is wrong, and how to say it.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from workflow.errors import Finding
from workflow.language.wording import Said

MAX_FINDINGS = 10_000
"""How many faults one answer lists; reading stops there, since nobody mends a file line by line beyond it."""

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "file_empty": ("le fichier est vide", "the file is empty"),
        "file_too_large": (
            "le fichier dépasse {limit} Mio : découpez-le en plusieurs fichiers",
            "the file is over {limit} MiB: split it into several files",
        ),
        "too_many_lines": (
            "le fichier a plus de {limit} lignes : découpez-le en plusieurs fichiers",
            "the file has more than {limit} lines: split it into several files",
        ),
        "too_many_posts": (
            "le fichier attribue plus de {limit} postes : découpez-le en plusieurs fichiers",
            "the file grants more than {limit} posts: split it into several files",
        ),
        "too_many_findings": (
            "plus de {limit} anomalies : la suite du fichier n'a pas été lue",
            "more than {limit} faults: the rest of the file was not read",
        ),
        "not_csv": (
            "ce n'est pas un fichier CSV mais {what} : exportez-le en « CSV UTF-8 »",
            "this is no CSV file but {what}: export it as “CSV UTF-8”",
        ),
        "encoding_mixed": (
            "le fichier mélange deux encodages : ici « {seen} » n'est pas en {encoding} comme le reste",
            "the file mixes two encodings: here “{seen}” is not {encoding} like the rest",
        ),
        "encoding_undefined": (
            "{seen} n'est ni de l'UTF-8 ni du Windows-1252",
            "{seen} is neither UTF-8 nor Windows-1252",
        ),
        "control_character": (
            "caractère de contrôle {seen} interdit",
            "control character {seen} is not allowed",
        ),
        "formula": (
            "une cellule ne peut pas commencer par « {seen} » : un tableur y verrait une formule",
            "a cell must not begin with “{seen}”: a spreadsheet would take it for a formula",
        ),
        "row_malformed": (
            "dans la ligne qui commence ici, un guillemet n'est jamais refermé, est mal suivi,"
            " ou une cellule est trop longue",
            "in the row that begins here a quotation mark is never closed or not followed by the separator,"
            " or a cell is too long",
        ),
        "row_length": (
            "nombre de cellules : {found} au lieu de {expected}, comme l'en-tête a de colonnes",
            "number of cells: {found} instead of {expected}, the number of columns in the header",
        ),
        "column_missing": ("il manque la colonne « {name} »", "the column “{name}” is missing"),
        "column_repeated": (
            "la colonne « {name} » figure déjà en colonne {first}",
            "the column “{name}” is already column {first}",
        ),
        "column_unknown": ("colonne « {name} » inconnue{advice}", "unknown column “{name}”{advice}"),
        "cell_empty": ("la cellule « {name} » est obligatoire", "the cell “{name}” must not be empty"),
        "id_invalid": (
            "« {found} » n'est pas un identifiant : 1 à {limit} lettres, chiffres, points ou tirets",
            "“{found}” is no identifier: 1 to {limit} letters, digits, points or hyphens",
        ),
        "id_repeated": (
            "« {found} » figure déjà à la ligne {first}",
            "“{found}” is already on line {first}",
        ),
        "posts_invalid": (
            "« {found} » n'est pas un nombre de postes de 1 à {limit}",
            "“{found}” is not a number of posts from 1 to {limit}",
        ),
        "insee_contradicts": (
            "le département {found} contredit le code INSEE {insee}",
            "the département {found} contradicts the INSEE code {insee}",
        ),
        "name_contradicts": (
            "« {found} » n'est pas le nom du département {departement}, {name}",
            "“{found}” is not the name of the département {departement}, {name}",
        ),
        "trigger_unknown": ("événement « {found} » inconnu{advice}", "unknown trigger “{found}”{advice}"),
        "at_needed": (
            "la date du fait est obligatoire : la colonne « at », ou « {dated_by} »",
            "the fact needs its date: in the column “at”, or “{dated_by}”",
        ),
        "at_invalid": (
            "« {found} » n'est ni une date ni un instant",
            "“{found}” is neither a date nor an instant",
        ),
        "place_not_first": (
            "« place » doit précéder les autres faits de {reference} (ligne {first})",
            "“place” must come before the other facts of {reference} (line {first})",
        ),
    }
)

_ADVICE = Said(" : vouliez-vous « {near} » ?", ": did you mean “{near}”?")


def advice(found: str, known: Sequence[str]) -> Said:
    """`: did you mean “…”?` where one of the known names is near, else nothing."""
    near = get_close_matches(found, known, n=1)
    return Said(*(each.format(near=near[0]) for each in _ADVICE)) if near else Said("", "")


def _told(code: str, details: Mapping[str, object]) -> Said:
    """The sentence of a fault, with its details, some of which are themselves told in both languages."""
    fr, en = SENTENCES[code]
    said = [{name: each[n] if isinstance(each, Said) else each for name, each in details.items()} for n in (0, 1)]
    return Said(fr.format(**said[0]), en.format(**said[1]))


class Findings:
    """The faults of one file, gathered in one go; `lines` are those that have some."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[Finding, None] = {}
        self.lines: set[int] = set()

    def __len__(self) -> int:
        return len(self._found)

    @property
    def full(self) -> bool:
        """Whether reading should stop, having said why."""
        return len(self._found) > MAX_FINDINGS

    def add(self, line: int, column: int, code: str, **details: object) -> None:
        """Note a fault of this kind at a cell; the same fault is noted once."""
        self.say(line, column, code, *_told(code, details))

    def say(self, line: int, column: int, code: str, fr: str, en: str) -> None:
        """Note a fault whose sentence was made elsewhere."""
        if len(self) == MAX_FINDINGS:
            code = "too_many_findings"
            fr, en = _told(code, {"limit": MAX_FINDINGS})
        if not self.full:
            self._found[Finding(self.file, line, column, code, en, fr)] = None
            self.lines.add(line)

    def codes(self) -> set[str]:
        """The kinds of fault that were found."""
        return {finding.code for finding in self._found}

    def sorted(self) -> tuple[Finding, ...]:
        """All faults, by line and column."""
        return tuple(sorted(self._found, key=lambda found: (found.line, found.column)))
