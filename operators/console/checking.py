"""What today's checks find in a published version, in time too, by the command that people type."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from operators.console.apart import Apart, NotAnswered, definition_files
from workflow.changes import Published

_FOUND: Final = 6
CHECK: Final = Apart(
    NotAnswered("Une autre vérification est en cours : réessayez dans une minute.",
                "Another check is going on: try again in a minute."),
    NotAnswered("La vérification prend trop de temps ici : lancez parcours definition check.",
                "The check takes too long here: run parcours definition check."),
)  # fmt: skip


class Step(msgspec.Struct, frozen=True):
    """One thing that happens on the way to a fault; `at` is its local time, without seconds, and offset."""

    at: str
    message: str

    @property
    def moment(self) -> datetime:
        """When it happens."""
        return datetime.fromisoformat(self.at)


class Told(msgspec.Struct, frozen=True):
    """One finding, in the language that was asked for."""

    line: int
    column: int
    message: str
    path: tuple[Step, ...] = ()


class _Error(msgspec.Struct, frozen=True):
    findings: tuple[Told, ...]


class _Answer(msgspec.Struct, frozen=True):
    error: _Error | None = None


_KEPT: Final[dict[tuple[str, str], Sequence[Told]]] = {}


def checked(version: Published, lang: str) -> Sequence[Told]:
    """Every finding; kept, since what is published never changes. Raises NotAnswered."""
    key = version.digest, lang
    if key not in _KEPT:
        _KEPT[key] = _found(version, lang)
    return _KEPT[key]


def _found(version: Published, lang: str) -> Sequence[Told]:
    with definition_files([version]) as files:
        told = CHECK.answer("operators.cli", "definition", "check", files[0], "--json", "--lang", lang,
                             codes=frozenset({0, _FOUND}))  # fmt: skip
    error = msgspec.json.decode(told, type=_Answer).error
    return () if error is None else error.findings
