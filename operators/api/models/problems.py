"""Why something was not done."""

from typing import Any

from operators.api.models.common import Answer


class Blocker(Answer):
    """One reason why something cannot be done now."""

    code: str
    message: str
    details: dict[str, Any]


class Problem(Answer):
    """An error, by RFC 9457: `code` names it for programs, `detail` says it in one sentence."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    blockers: list[Blocker]
    findings: list[dict[str, Any]]
