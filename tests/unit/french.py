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
"""Quotation marks as English has them, and signs without the space that stands before them in French."""


def told_in_french(found: Iterable[Finding]) -> None:
    """Assert that each is told in both languages, with all that happens on the way to it."""
    for each in found:
        assert each.message, each
        assert each.message_fr not in ("", each.message), each
        assert all(step.message_fr and step.message_en for step in each.path), each


def in_french(sentence: str) -> None:
    """Assert that a sentence has no word of English but in quotation marks, and is set as French is."""
    plain = _QUOTED.sub("", sentence)
    assert not _ENGLISH.search(plain), sentence
    assert not _UNDECLINED.search(plain), sentence


def well_told(found: Iterable[Finding]) -> None:
    """The same, and what a file did not bring with it has no word of English and is set as French is.

    Not for drawn files: their names, which sentences list, may be any words.
    """
    listed = list(found)
    told_in_french(listed)
    for each in listed:
        in_french(each.message_fr)
