"""What a record's short texts say, in French and in English: entries, clocks, refusals, shares.

Reads what telling.py writes. Names stay as the definition has them; a text that is read by no rule is quoted.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.entry_words import KINDS, called
from rehearsal.refusal_words import refusal
from workflow.definition import Definition
from workflow.language.wording import Said
from workflow.values import show_value

_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_AT: Final = rf"{_DAY}(?: \d{{2}}:\d{{2}}(?::[\d.]+)?)?"
_ENTRY: Final = re.compile(
    rf"(?P<kind>{'|'.join(KINDS)})(?P<names>(?: [a-z0-9_]+)*)(?: (?P<before>[a-z0-9_]*)>(?P<after>[a-z0-9_]+))?"
    rf" (?P<at>{_AT})(?: due (?P<due>{_AT}))?(?: as (?P<role>\S+))?(?: because (?P<reason>\S+))?(?P<rest>.*)"
)
_MORE: Final = re.compile(r" (?=[a-z][a-z0-9_]*=|[a-z][a-z0-9_]*!?\?(?: |$)|awaits [a-z0-9_,]+$)")
_CLOCK: Final = re.compile(rf"(?P<name>[a-z0-9_]+) (?P<day>{_DAY}) (?P<status>running|missed)")
_NEXT: Final = re.compile(rf"; (?=(?:{'|'.join(KINDS)}|empties|takes|gives back) |[a-z0-9_]+: )")
_OF_FIELD: Final = re.compile(r"(?P<name>[a-z0-9_]+): (?P<answer>.*)")
_FIXED: Final[Mapping[str, Said]] = {
    "": Said("rien", "nothing"),
    "as usual": Said("comme avec les valeurs usuelles", "as with the usual values"),
    "granted": Said("un accord", "granted"),
}
_SHARES: Final[Mapping[str, Said]] = {
    "empties": Said("vide {}", "empties {}"),
    "takes": Said("prend {}", "takes {}"),
    "gives back": Said("rend {}", "gives back {}"),
}
"""What else comes of a request: fields that it empties, places and exclusive values that it takes or gives back."""


_SHOWN: Final = 3


def several(text: str) -> list[str]:
    """The texts of which an answer consists."""
    return _NEXT.split(text)


def listed(outcomes: Sequence[Said]) -> Said:
    """Several outcomes, the first ones, and how many there are besides."""
    left = len(outcomes) - _SHOWN
    more = [Said(f"… et {left} de plus", f"… and {left} more")] if left > 0 else []
    return _joined([*outcomes[:_SHOWN], *more], " | ")


@dataclass(frozen=True)
class Words:
    """The words for what came of things; amounts are shown as the definition's fields are."""

    definition: Definition

    def of(self, value: Any) -> Said:
        """What came: a text, a list of them, or one for each name."""
        if isinstance(value, Mapping):
            return listed([_named(name, self._of_text(text)) for name, text in value.items()])
        return listed([self._of_text(text) for text in ([value] if isinstance(value, str) else value)])

    def parts(self, text: str) -> Sequence[Said]:
        """The parts of a text that tells one entry, what it is first; none where it tells something else."""
        found = _ENTRY.fullmatch(text)
        return list(self._entry(found)) if found else []

    def moves(self, texts: Sequence[str]) -> Said:
        """The entries among texts in short: what each is, and from which state to which it leads; all, if none is."""
        found = [match for text in texts if (match := _ENTRY.fullmatch(text))]
        if not found:
            return self.of(texts)
        return listed([_joined([called(each["kind"], each["names"].split()), *_moved(each)], ", ") for each in found])

    def _of_text(self, text: str) -> Said:
        if text in _FIXED:
            return _FIXED[text]
        return _joined([self._of_part(part) for part in several(text)], " ; ", "; ")

    def _of_part(self, text: str) -> Said:
        if text.startswith("! "):
            return refusal(text.removeprefix("! "), self.definition)
        if text.startswith("first ! "):
            told = refusal(text.removeprefix("first ! "), self.definition)
            return Said(f"le premier : {told.fr}", f"the first: {told.en}")
        share = next((word for word in _SHARES if text.startswith(f"{word} ")), None)
        if share is not None:
            names = text.removeprefix(f"{share} ").replace(" ", ", ")
            return Said(*(form.format(names) for form in _SHARES[share]))
        return self._of_line(text)

    def _of_line(self, text: str) -> Said:
        if found := _ENTRY.fullmatch(text):
            return _joined(list(self._entry(found)), ", ")
        if found := _CLOCK.fullmatch(text):
            return _clock(**found.groupdict())
        if found := _OF_FIELD.fullmatch(text):
            return _named(found["name"], self._of_text(found["answer"]))
        values = _MORE.split(text)
        if all("=" in each for each in values):
            return _joined([self._value(each) for each in values], ", ")
        return Said(f"« {text} »", repr(text))

    def _entry(self, found: re.Match[str]) -> Iterator[Said]:
        yield called(found["kind"], found["names"].split())
        yield from _moved(found)
        yield Said(f"le {found['at']}", f"on {found['at']}")
        if found["due"]:
            yield Said(f"échoit le {found['due']}", f"falls due on {found['due']}")
        if found["role"]:
            yield Said(f"par {found['role']}", f"by {found['role']}")
        if found["reason"]:
            yield Said(f"motif {found['reason']}", f"reason {found['reason']}")
        yield from (self._more(each) for each in _MORE.split(found["rest"]) if each)

    def _more(self, text: str) -> Said:
        if text.startswith("awaits "):
            names = text.removeprefix("awaits ").replace(",", ", ")
            return Said(f"on attend {names}", f"awaits {names}")
        if text.endswith("!?"):
            return Said(f"condition {text[:-2]} non remplie", f"guard {text[:-2]} does not hold")
        if text.endswith("?"):
            return Said(f"condition {text[:-1]} remplie", f"guard {text[:-1]} holds")
        return self._value(text)

    def _value(self, text: str) -> Said:
        name, _, value = text.partition("=")
        if value == "*":
            return Said(f"{name} donné (donnée personnelle)", f"{name} given (personal data)")
        if name in _EMPTYING:
            return Said(*(form.format(value.replace(" ", ", ")) for form in _EMPTYING[name]))
        if value == "":
            return Said(f"{name} vide", f"{name} empty")
        return _same(f"{name} = {self._shown(name, value)}")

    def _shown(self, name: str, value: str) -> str:
        field = self.definition.fields.get(name)
        if value in ("True", "False"):
            return value.lower()
        return str(show_value(field, int(value))) if field and value.lstrip("-").isdecimal() else value


_EMPTYING: Final[Mapping[str, Said]] = {
    "emptied": Said("champs vidés : {}", "fields emptied: {}"),
    "erased": Said("engagements effacés : {}", "commitments erased: {}"),
}
"""What an erasure's entry has instead of values."""


def _moved(found: re.Match[str]) -> Iterator[Said]:
    if found["after"]:
        yield _same(f"{found['before']} → {found['after']}".lstrip())


def _clock(name: str, day: str, status: str) -> Said:
    if status == "missed":
        return Said(f"{name} manquée, dernier jour {day}", f"{name} missed, last day {day}")
    return Said(f"{name} court jusqu'au {day}", f"{name} runs until {day}")


def _named(name: str, said: Said) -> Said:
    return Said(f"{name} : {said.fr}", f"{name}: {said.en}")


def _same(text: str) -> Said:
    return Said(text, text)


def _joined(parts: Sequence[Said], sign: str, sign_en: str | None = None) -> Said:
    if not parts:
        return _FIXED[""]
    return Said(sign.join(each.fr for each in parts), (sign_en or sign).join(each.en for each in parts))
