"""Which placements speak of a person: opened personal values, compared with what somebody typed.

It answers with references, fields and commitments, never with a value, and keeps nothing. That two people may have
one name, it cannot know: whoever acts on the answer looks first.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from workflow.commitments import commitment_to, opened
from workflow.definition import Value
from workflow.erasing import TEXTS
from workflow.store import Disclosed, Reading


@dataclass(frozen=True, slots=True)
class Mention:
    """One value that speaks of the person: in which entry, under which name, behind which commitment."""

    seq: int
    name: str
    commitment: str


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A placement that speaks of the person; `others` are the names of what else is kept of persons there."""

    reference: str
    revision: int
    held: bool
    mentions: tuple[Mention, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a person is spoken of; the ids under which the person acts; how many values could not be opened."""

    placements: tuple[Mentioned, ...]
    actors: tuple[str, ...]
    unopened: int


Speaks = Callable[[str, Value], bool]


def find_person(reading: Reading, texts: Sequence[str]) -> Found:
    """Where any of these texts is a personal value, or stands in a free text; all placements are looked at."""
    speaks = _speaking(texts)
    found: list[tuple[str, tuple[Mention, ...], tuple[str, ...]]] = []
    unopened = 0
    for reference, values in groupby(reading.disclosed(), key=lambda each: each.reference):
        kept = list(values)
        unopened += sum(each.text is None for each in kept)
        mentions = tuple(_mentions(kept, speaks))
        if mentions:
            named = {each.name for each in mentions}
            found.append((reference, mentions, tuple(sorted({each.name for each in kept} - named))))
    known = reading.known([reference for reference, _, _ in found])
    placements = tuple(
        Mentioned(reference, known[reference].revision, known[reference].held, mentions, others)
        for reference, mentions, others in found
    )
    actors = tuple(actor for actor, name in reading.actors() if speaks("", name))
    return Found(placements, actors, unopened)


def _mentions(kept: Sequence[Disclosed], speaks: Speaks) -> Iterator[Mention]:
    for each in kept:
        if each.text is not None and speaks(each.name, opened(each.text)[1]):
            yield Mention(each.seq, each.name, commitment_to(each.text))


def _speaking(texts: Sequence[str]) -> Speaks:
    """A field speaks of somebody where it is one of the texts; a free text, where one stands in it as whole words."""
    plain = {_plain(text) for text in texts} - {""}
    words = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in sorted(plain)) or r"(?!)")

    def speaks(name: str, value: Value) -> bool:
        said = "" if value is None else _plain(str(value))
        return bool(words.search(said)) if name in TEXTS else said in plain

    return speaks


def _plain(text: str) -> str:
    """Without accents, case and repeated spaces: people type names in many ways."""
    letters = (sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join("".join(letters).casefold().split())
