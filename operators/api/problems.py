"""From an error to a problem (RFC 9457): its status, its code, and one sentence in the language of the answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from operators.cli.errors import blocker_object, finding_object, sentence
from settings import WrongUsage
from workflow.brake import BrakeHolds, ClockBehind
from workflow.errors import (
    DefinitionError,
    IntegrityBroken,
    NotFound,
    OutcomeUnknown,
    ParcoursError,
    StalePlacement,
    StoreUnavailable,
    TransitionRefused,
    UnknownName,
)

MEDIA: Final = "application/problem+json"

TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Demande illisible", "Unreadable request"),
    401: ("Jeton demandé", "Token needed"),
    403: ("Interdit", "Forbidden"),
    404: ("Introuvable", "Not found"),
    405: ("Méthode refusée", "Method not allowed"),
    409: ("Conflit", "Conflict"),
    412: ("Révision dépassée", "Revision overtaken"),
    413: ("Trop long", "Too long"),
    421: ("Autre nom", "Misdirected"),
    422: ("Refusé", "Refused"),
    428: ("Révision demandée", "Revision needed"),
    429: ("Trop de demandes", "Too many requests"),
    500: ("Erreur interne", "Internal error"),
    503: ("Indisponible", "Unavailable"),
}

_STATUS: tuple[tuple[type[ParcoursError], int], ...] = (
    (StalePlacement, 409),
    (NotFound, 404),
    (UnknownName, 422),
    (WrongUsage, 422),
    (DefinitionError, 422),
    (TransitionRefused, 422),
    (ClockBehind, 503),
    (BrakeHolds, 503),
    (StoreUnavailable, 503),
    (IntegrityBroken, 500),
)


class Trouble(Exception):
    """An error of the API's own: a status, a code, and its sentence in French and English."""

    def __init__(self, status: int, code: str, fr: str, en: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.code, self.fr, self.en, self.headers = status, code, fr, en, dict(headers or {})
        super().__init__(en)


def trouble_answer(error: Trouble, lang: str) -> Response:
    """The problem of an error of the API's own."""
    return problem(error.status, error.code, error.en if lang == "en" else error.fr, lang, headers=error.headers)


def error_answer(error: ParcoursError, lang: str) -> Response:
    """The problem of an error of the product, with all its blockers and findings."""
    blockers = [blocker_object(each, lang) for each in getattr(error, "blockers", ())]
    findings = [finding_object(each, lang) for each in getattr(error, "findings", ())]
    status = status_of(error)
    headers = {"Retry-After": "60"} if status == 503 else None
    return problem(status, error.code, _sentence(error, lang), lang, blockers, findings, headers)


def status_of(error: ParcoursError) -> int:
    """The documented status of an error."""
    if isinstance(error, TransitionRefused) and {each.code for each in error.blockers} == {"held"}:
        return 503
    if isinstance(error, TransitionRefused) and {each.code for each in error.blockers} & {"key_reused", "incident"}:
        return 409
    return next((status for family, status in _STATUS if isinstance(error, family)), 500)


def _sentence(error: ParcoursError, lang: str) -> str:
    if isinstance(error, OutcomeUnknown):
        return ("Whether it was done is not known: ask again under the same Idempotency-Key." if lang == "en" else
                "On ne sait si c'est fait : redemandez sous la même Idempotency-Key.")  # fmt: skip
    if isinstance(error, StoreUnavailable):
        return ("The database does not answer. Nothing was lost: try again." if lang == "en" else
                "La base de données ne répond pas. Rien n'est perdu : réessayez.")  # fmt: skip
    if isinstance(error, IntegrityBroken):
        return ("What is stored contradicts itself: parcours doctor says where." if lang == "en" else
                "Ce qui est enregistré se contredit : parcours doctor dit où.")  # fmt: skip
    return sentence(error, lang)


def problem(
    status: int,
    code: str,
    detail: str,
    lang: str,
    blockers: Sequence[Any] = (),
    findings: Sequence[Any] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what went wrong."""
    title = TITLES.get(status, ("Demande refusée", "Request refused"))[lang == "en"]
    body = {
        "type": f"urn:parcours:problem:{code}", "title": title, "status": status, "detail": detail, "code": code,
        "blockers": list(blockers), "findings": list(findings),
    }  # fmt: skip
    told = {"Cache-Control": "no-store", "Content-Language": lang, **(headers or {})}
    return Response(as_json(body), status, told, MEDIA)


def as_json(value: Any) -> bytes:
    """JSON in UTF-8; a lone surrogate becomes `?`."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
