"""What holds of every finding that tests provoke: it is told in French, and that is not English."""

import re
from collections.abc import Iterable

from workflow.errors import Finding

_QUOTED = re.compile(r"« .*? »|\{[^}]*\}", re.DOTALL)
_ENGLISH = re.compile(
    r"\b(the|an|is|are|of|and|or|expected|found|unknown|must|not|this|there|cannot|which|has|does|given|allowed)\b",
    re.IGNORECASE,
)
_UNDECLINED = re.compile(r" '| [:;?!](?! |$)|[^ ][;?»]|«[^ ]")
"""Quotation marks as English has them, and signs that stand without the space that French asks for."""


def told_in_french(found: Iterable[Finding]) -> None:
    """Assert that each is told in both languages."""
    for each in found:
        assert each.message, each
        assert each.message_fr not in ("", each.message), each
        plain = _QUOTED.sub("", each.message_fr)
        assert not _ENGLISH.search(plain), each.message_fr
        assert not _UNDECLINED.search(plain), each.message_fr
        assert all(step.message_fr and step.message_en for step in each.path)
