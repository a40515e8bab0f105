"""What comes otherwise than a record expects, in French and in English."""

from collections.abc import Iterator, Sequence
from typing import Any

from rehearsal.outcome_words import Words, listed, several
from rehearsal.playing import Shown, play
from rehearsal.record import Record
from workflow.changes import Published
from workflow.definition import Definition
from workflow.language.wording import Said


def differences(expected: Record, published: Published) -> list[Shown]:
    """Everything that comes otherwise than recorded."""
    return [shown for shown in play(expected, published) if shown.seen != shown.expected]


def sentence(shown: Shown, definition: Definition) -> Said:
    """One difference."""
    where, what = shown.where, _apart(shown, Words(definition))
    return Said(f"{where.fr} : {what.fr}", f"{where.en}: {what.en}")


def grouped(differing: Sequence[Shown], definition: Definition) -> Iterator[Said]:
    """Each difference once, with how many more situations show it."""
    groups: dict[tuple[Said, Said], list[str]] = {}
    for shown in differing:
        groups.setdefault((shown.about, _apart(shown, Words(definition))), []).append(shown.place)
    for (about, what), places in groups.items():
        first = _places(places)
        yield Said(f"{first.fr}{about.fr} : {what.fr}", f"{first.en}{about.en}: {what.en}")


def _places(places: Sequence[str]) -> Said:
    first, more = places[0], len(places) - 1
    if not first:
        return Said("", "")
    if not more:
        return Said(f"{first}, ", f"{first}, ")
    others = Said("1 autre", "1 more") if more == 1 else Said(f"{more} autres", f"{more} more")
    return Said(f"{first} et {others.fr}, ", f"{first} and {others.en}, ")


def _apart(shown: Shown, words: Words) -> Said:
    """What was expected and what came: only what is not in both, and of the same entries only the parts that differ."""
    before, after = _different(_texts(shown.expected), _texts(shown.seen))
    pairs = [_parts_apart(words.parts(one), words.parts(other)) for one, other in zip(before, after, strict=False)]
    if len(before) == len(after) and all(pairs):
        return listed([pair for pair in pairs if pair])
    if _is_refusal(before) != _is_refusal(after):
        expected, got = (words.of(each) if _is_refusal(each) else words.moves(each) for each in (before, after))
    else:
        expected, got = words.of(before), words.of(after)
    return Said(f"attendu {expected.fr} ; obtenu {got.fr}", f"expected {expected.en}; got {got.en}")


def _is_refusal(texts: Any) -> bool:
    """Whether nothing came but a refusal; of what was granted instead, the entries are told in short."""
    return isinstance(texts, list) and len(texts) == 1 and texts[0].startswith("! ")


def _texts(value: Any) -> Any:
    return several(value) if isinstance(value, str) else value


def _different(before: Any, after: Any) -> tuple[Any, Any]:
    if isinstance(before, dict):
        changed = [name for name in before if before[name] != after[name]]
        return {name: before[name] for name in changed}, {name: after[name] for name in changed}
    gone, come = [each for each in before if each not in after], [each for each in after if each not in before]
    return (gone, come) if gone or come else (before, after)


def _parts_apart(one: Sequence[Said], other: Sequence[Said]) -> Said | None:
    """The same entry with other parts: what it is, then those that differ."""
    if not one or not other or one[0] != other[0]:
        return None
    expected, got = _but(one, other), _but(other, one)
    return Said(
        f"{one[0].fr} : attendu {expected.fr} ; obtenu {got.fr}", f"{one[0].en}: expected {expected.en}; got {got.en}"
    )


def _but(parts: Sequence[Said], others: Sequence[Said]) -> Said:
    """The parts that are not among others."""
    own = [each for each in parts if each not in others]
    if not own:
        return Said("rien", "nothing")
    return Said(", ".join(each.fr for each in own), ", ".join(each.en for each in own))
