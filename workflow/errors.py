"""One base and its families of error: data as attributes, and one sentence that says what, on what, why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why something cannot be done now: a stable code, a sentence, and the facts that it speaks of."""

    code: str
    message: str
    message_en: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, lang: str) -> str:
        """The sentence in `fr` or `en`; French where there is no English."""
        return (self.message_en or self.message) if lang == "en" else self.message


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens on the way to a fault: its local day and time, and a sentence in French and English."""

    at: datetime
    message_fr: str
    message_en: str

    def sentence(self, lang: str) -> str:
        """The sentence in `fr` or `en`."""
        return self.message_en if lang == "en" else self.message_fr


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an input: where (line and column from 1), a stable code, and what was expected there.

    `path` is a life in which the fault shows, step by step.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    message_fr: str = ""
    path: tuple[Happening, ...] = ()

    def __str__(self) -> str:
        return self.sentence("en")

    def sentence(self, lang: str) -> str:
        """Place and message in `fr` or `en`."""
        return f"{self.file}:{self.line}:{self.column}: {self.message_in(lang)}"

    def message_in(self, lang: str) -> str:
        """What was expected there, in `fr` or `en`; English where there is no French."""
        return (self.message_fr if lang != "en" else "") or self.message


class ParcoursError(Exception):
    """The base of every error that a caller may expect; `code` names it for programs."""

    code = "failed"


class DefinitionError(ParcoursError):
    """A definition that cannot be used; carries all findings, not only the first."""

    code = "definition_invalid"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class InputRefused(ParcoursError):
    """A file or batch that was refused as a whole; carries all findings. Nothing was written."""

    code = "input_invalid"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class TransitionRefused(ParcoursError):
    """An ordinary answer: the request cannot be granted now, for every reason in `blockers`."""

    code = "refused"

    def __init__(self, reference: str, trigger: str, blockers: Sequence[Blocker]) -> None:
        self.reference, self.trigger, self.blockers = reference, trigger, tuple(blockers)
        reasons = " ; ".join(blocker.message for blocker in self.blockers)
        super().__init__(f"{trigger} sur {reference} : {reasons}")


class StalePlacement(ParcoursError):
    """Somebody was first: the placement is no longer at the revision that the caller named, or the reference exists."""

    code = "stale"

    def __init__(self, reference: str, message: str) -> None:
        self.reference = reference
        super().__init__(message)


class NotFound(ParcoursError):
    """What was asked for is not there."""

    code = "not_found"


class UnknownName(ParcoursError):
    """A trigger, field or deadline that the definition does not have: wrong usage rather than a refusal."""

    code = "unknown_name"

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        near = get_close_matches(name, self.known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        super().__init__(f"the definition has no {kind} named {name}{hint}")


class IntegrityBroken(ParcoursError):
    """What is stored contradicts itself; nothing is written until a person has looked."""

    code = "integrity_broken"


class StoreUnavailable(ParcoursError):
    """The outside world failed: the database cannot be reached, opened or written. Nothing was acknowledged."""

    code = "store_unavailable"


class StoreBusy(StoreUnavailable):
    """Somebody else's transaction took longer than one was ready to wait; nothing is broken. Try again."""

    code = "store_busy"


class StoreInterrupted(StoreBusy):
    """The database gave a transaction up for another's sake, or was lost before the commit: nothing was written.

    What was tried may be tried again, as a whole.
    """

    code = "store_interrupted"


class OutcomeUnknown(StoreUnavailable):
    """The database was lost while it committed: the change is there whole, or not at all; a command's key tells."""

    code = "outcome_unknown"
