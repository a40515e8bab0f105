"""What may be asked of each placement of a batch: which kinds of acts there are, and the request that each makes.

What is asked is texts, as somebody types them into a form or a program sends them. Knows no page and no database.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

import msgspec

from operators.console.forms import FIELD, reason_said
from operators.console.policy import Action, roles_at
from operators.moments import parse_moment
from settings import WrongUsage
from storage.accounts import Account
from storage.batches import Act, BatchItem
from storage.queries import PlacementItem
from workflow.commands import Adjust, Amend, Fire, HoldData, Moment, Note, Remind, Request, Reverse, Void
from workflow.definition import Definition
from workflow.errors import UnknownName

Line = Literal["pause", "resume", "extension", "move"]
Kind = Literal[
    "note", "fire", "remind", "amend", "reverse", "void", "pause", "resume", "extension", "move", "hold", "release"
]
LINES: Final = get_args(Line)
EMPTIED: Final = "emptied"
"""What names the field that is to be emptied: in a form, what is left out stays as it is."""
KINDS: Final[Sequence[Kind]] = get_args(Kind)
NAMED: Final = ("fire", "remind", *LINES)
"""Those that are about one trigger, or one deadline."""

_ACTIONS: Final[Mapping[str, Action]] = {
    "note": "placement.act", "fire": "placement.act", "remind": "placement.act",
    "hold": "person.manage", "release": "person.manage",
}  # fmt: skip
_WITHHELD: Final = frozenset({"text", "words", "ground"})
_SEAL: Final = b"parcours batch v1\n"
_SEAL_DIGITS: Final = 32


def action_of(kind: str) -> Action:
    """The action of the policy under which an act of this kind falls."""
    return _ACTIONS.get(kind, "placement.correct")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of each placement of a batch: a kind of act, the trigger or deadline, and all that was typed."""

    batch: str
    kind: str
    name: str | None
    texts: Mapping[str, str]
    dates: str = "french"

    def request(self, each: BatchItem, item: PlacementItem, who: Account) -> Request:
        """The request for one placement, at its frozen revision; its key makes a second time harmless.

        Raises WrongUsage for what cannot be read.
        """
        # The key of another item would do too, keys being of one placement; a placement chosen twice stays two items.
        common: dict[str, Any] = {
            "reference": each.reference, "actor": who.name, "expect": each.revision,
            "key": f"bulk:{self.batch}:{each.position}", "correlation": f"bulk:{self.batch}",
        }  # fmt: skip
        if self.kind == "note":
            return Note(text=self.texts.get("text", ""), at=self.at, **common)
        if self.kind == "remind":
            return Remind(deadline=str(self.name), **common)
        roles = roles_at(who, item.territory, item.host_siret)
        said = {"reason": reason_said(self.texts), "roles": roles, **common}
        return _MAKE[self.kind](self, said)

    @property
    def fields(self) -> dict[str, str]:
        """The values of fields that were said; an empty text empties one."""
        said = {name.removeprefix(FIELD): text for name, text in self.texts.items() if name.startswith(FIELD)}
        emptied = self.texts.get(EMPTIED)
        return said if not emptied else {emptied: "", **said}

    @property
    def at(self) -> Moment:
        """When it happened. Raises WrongUsage."""
        text = self.texts.get("at")
        return parse_moment(text, "«") if text else None

    def day(self, name: str) -> date | None:
        """A date that was typed. Raises WrongUsage for what is none."""
        text = self.texts.get(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise WrongUsage(
                f"{text!r} n’est pas une date : 2021-03-16.", f"{text!r} is no date: 2021-03-16."
            ) from None

    def act(self, definition: Definition) -> Act:
        """What is kept of it: all but the personal values, and their names."""
        hidden = self.withheld(definition)
        public = {name: text for name, text in self.texts.items() if name not in hidden}
        return Act(self.kind, self.name, public, hidden, self.dates)

    def withheld(self, definition: Definition) -> tuple[str, ...]:
        """The names of what was typed and is personal: it is kept nowhere but in this process."""
        fields = definition.fields
        return tuple(
            name for name, text in self.texts.items()
            if text and (name in _WITHHELD or (name.startswith(FIELD) and _is_personal(fields, name)))
        )  # fmt: skip

    def seal(self, secret: bytes) -> str:
        """What stands for all of it, personal values too, and lets nobody guess any of them."""
        plain = [self.batch, self.kind, self.name, sorted(self.texts.items()), self.dates]
        return hmac.new(secret, _SEAL + msgspec.json.encode(plain), hashlib.sha256).hexdigest()[:_SEAL_DIGITS]


def _is_personal(fields: Mapping[str, Any], name: str) -> bool:
    """What the definition does not know may be personal."""
    spec = fields.get(name.removeprefix(FIELD))
    return spec is None or bool(spec.personal)


def resumed(batch: str, act: Act, typed: Mapping[str, str]) -> Asked:
    """The same again, with the personal values that were typed once more."""
    return Asked(batch, act.kind, act.name, {**act.texts, **typed}, act.dates)


def refuse_unknown(definition: Definition, kind: str, name: str | None) -> None:
    """Raises UnknownName for a trigger or a deadline that the definition does not have."""
    known = definition.transitions if kind == "fire" else definition.deadlines
    if kind in NAMED and str(name) not in known:
        raise UnknownName("trigger" if kind == "fire" else "deadline", str(name), sorted(known))


def _fire(asked: Asked, said: Mapping[str, Any]) -> Request:
    return Fire(trigger=str(asked.name), fields=asked.fields, at=asked.at, dates=asked.dates, **said)


def _amend(asked: Asked, said: Mapping[str, Any]) -> Request:
    if FIELD + asked.texts.get(EMPTIED, "") in asked.texts:
        raise WrongUsage("Un renseignement à vider n'en reçoit pas d'autre : l'un ou l'autre.",
                         "A value that is to be emptied is not given another one: one or the other.")  # fmt: skip
    earlier = bool(asked.texts.get("earlier"))
    return Amend(fields=asked.fields, accept_earlier=earlier, at=asked.at, dates=asked.dates, **said)


def _reverse(asked: Asked, said: Mapping[str, Any]) -> Request:
    extend_to, waive = asked.day("extend_to"), bool(asked.texts.get("waive"))
    if extend_to is not None and waive:
        raise WrongUsage(
            "Un autre dernier jour, ou la levée : non les deux.", "Another last day, or waiving: not both."
        )
    return Reverse(extend_to=extend_to, waive=waive, **said)


def _adjust(asked: Asked, said: Mapping[str, Any]) -> Request:
    by, ground = asked.texts.get("by") or None, asked.texts.get("ground") or None
    kind: Any = asked.kind
    return Adjust(deadline=str(asked.name), kind=kind, by=by, to=asked.day("to"), ground=ground, at=asked.at, **said)


_MAKE: Final[Mapping[str, Callable[[Asked, Mapping[str, Any]], Request]]] = {
    "fire": _fire,
    "amend": _amend,
    "reverse": _reverse,
    "void": lambda _, said: Void(**said),
    "hold": lambda _, said: HoldData(on=True, **said),
    "release": lambda _, said: HoldData(on=False, **said),
    **dict.fromkeys(LINES, _adjust),
}
