"""Why a person set something aside, in words of their own: what is asked of them, and how the log commits to them."""

from collections.abc import Sequence
from typing import Final

from settings import WrongUsage
from workflow.commitments import commitment_to, disclosure_of, fresh_salt
from workflow.errors import TransitionRefused
from workflow.refusals import entitled

LONGEST: Final = 1000
"""So many characters of a reason."""


def asked(act: str, on: str, roles: Sequence[str], reason: str) -> str:
    """The reason, for a supervisor who gives one. Raises TransitionRefused, and WrongUsage for one that is too long."""
    said = reason.strip()
    found = entitled(act, roles, said)
    if found:
        raise TransitionRefused(on, act, found)
    if len(said) > LONGEST or "\0" in said:
        raise WrongUsage(f"Un motif a au plus {LONGEST} caractères, et aucun caractère nul.",
                         f"A reason has {LONGEST} characters at most, and no NUL.")  # fmt: skip
    return said


def committed(reason: str) -> tuple[str, dict[str, str]]:
    """What is kept beside what was set aside, and what the log's entry holds in its place."""
    disclosure = disclosure_of(fresh_salt(), "reason", reason)
    return disclosure, {"reason": commitment_to(disclosure)}
