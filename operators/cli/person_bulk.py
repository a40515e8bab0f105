"""Erasing a person in all placements that speak of them: a preview, a question, then each in its own transaction."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import typer

from operators.cli.errors import DONE, REFUSED, error_object, sentence
from operators.cli.finding import fields_of, mentioned_object, write_remarks
from operators.cli.output import Page, write
from operators.cli.session import Session
from settings import WrongUsage
from workflow.commands import Erase, Outcome
from workflow.errors import NotFound, ParcoursError, StoreUnavailable, UnknownName

if TYPE_CHECKING:
    from app import App
    from workflow.finding import Found, Mentioned

_YES = {"o", "oui", "y", "yes"}


@dataclass(frozen=True, slots=True)
class Erasing:
    """What was asked, and of what: of all that is kept, of some fields, or of what speaks of the person."""

    common: Mapping[str, Any]
    everything: bool
    dry_run: bool
    yes: bool

    def of(self, each: "Mentioned", correlation: str | None = None) -> Erase:
        """The request for one placement, at the revision that was seen."""
        narrow = () if self.everything or self.common["fields"] else [item.commitment for item in each.mentions]
        return Erase(
            reference=each.reference, expect=each.revision, correlation=correlation, commitments=tuple(narrow),
            **self.common,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One placement, and what came, or would come, of it."""

    mentioned: "Mentioned"
    result: Outcome | ParcoursError


def typed(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as typed; `-` is a line of the input, which no list of processes shows. Raises WrongUsage for none."""
    read = tuple(sys.stdin.readline().strip() if text == "-" else text.strip() for text in texts)
    if not all(read):
        raise WrongUsage("Dire comment la personne est nommée.", "Say how the person is called.")
    return read


def erase_person(session: Session, texts: Sequence[str], wanted: Erasing) -> int:
    """Find, preview, ask, erase, tell. 0 when every placement was done, else 3. Raises NotFound where none is found."""
    with session.open() as app:
        found = app.engine.find_person(texts)
        if not found.placements:
            raise NobodyFound
        preview = [_tried(app.engine.preview, each, wanted.of(each)) for each in found.placements]
        if wanted.dry_run:
            return _answer(session, found, preview, None)
        if not wanted.yes:
            _ask(session, found, preview)
        correlation = f"bulk:{uuid4().hex}"
        return _answer(session, found, _act(app, found, wanted, correlation), correlation)


class NobodyFound(NotFound):
    """Neither a reference nor a person; the text is not repeated, since it may be a name."""

    def __init__(self) -> None:
        self.message_en = "No placement has this reference, and none speaks of such a person."
        super().__init__("Aucun dossier n'a cette référence, et aucun ne parle d'une telle personne.")


def _act(app: "App", found: "Found", wanted: Erasing, correlation: str) -> list[Item]:
    """Each in turn; where the store fails the rest is not tried. Asked again, what was erased is not found any more."""
    items: list[Item] = []
    failure: StoreUnavailable | None = None
    for each in found.placements:
        try:
            items.append(_tried(app.engine.ask, each, wanted.of(each, correlation)) if failure is None
                         else Item(each, failure))  # fmt: skip
        except StoreUnavailable as error:
            failure = error
            items.append(Item(each, error))
    return items


def _tried(act: Callable[[Erase], Outcome], each: "Mentioned", request: Erase) -> Item:
    try:
        return Item(each, act(request))
    except (UnknownName, StoreUnavailable):
        raise
    except ParcoursError as error:
        return Item(each, error)


def _ask(session: Session, found: "Found", preview: list[Item]) -> None:
    """Show the preview and have a person agree; without a person nothing is done, which is wrong usage."""
    count = len(preview)
    if session.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        if not session.json:
            _answer(session, found, preview, None)
        details = {"preview": [_item_object(session, item, done=False) for item in preview]} if session.json else {}
        fr = f"Rien n'a été fait : confirmer l'effacement dans {count} dossiers avec --yes."
        raise WrongUsage(fr, f"Nothing was done: confirm erasing in {count} placements with --yes.", **details)
    _answer(session, found, preview, None)
    question = session.say(f"Effacer dans ces {count} dossiers, sans retour ? [o/N] ",
                           f"Erase in these {count} placements, for ever? [y/N] ")  # fmt: skip
    write(question, sys.stderr)
    if sys.stdin.readline().strip().lower() not in _YES:
        raise typer.Abort


def _answer(session: Session, found: "Found", items: list[Item], correlation: str | None) -> int:
    refused = sum(isinstance(item.result, ParcoursError) for item in items)
    done = correlation is not None
    answer = {
        "items": [_item_object(session, item, done=done) for item in items],
        "dry_run": not done,
        "done": len(items) - refused if done else 0,
        "refused": refused,
        "correlation": correlation,
        "actors": list(found.actors),
        "unopened": found.unopened,
    }
    session.answer(answer, lambda page: _write(page, found, items, done=done))
    return REFUSED if refused else DONE


def _item_object(session: Session, item: Item, *, done: bool) -> dict[str, Any]:
    of = mentioned_object(item.mentioned)
    if isinstance(item.result, ParcoursError):
        return {**of, "done": False, "erased": 0, "error": error_object(item.result, session.lang)}
    return {**of, "done": done, "erased": _erased(item.result)}


def _erased(outcome: Outcome) -> int:
    """How many values the erasure names."""
    return sum(len(str(each.entry.fields.get("erased", "")).split()) for each in outcome.entries)


def _write(page: Page, found: "Found", items: list[Item], *, done: bool) -> None:
    columns = page.say("dossier|parle de la personne|autres données gardées|issue",
                       "placement|speaks of the person|what else is kept|outcome")  # fmt: skip
    page.table(columns.split("|"), [_row(page, item, done=done) for item in items])
    refused = sum(isinstance(item.result, ParcoursError) for item in items)
    did = page.say("faits" if done else "possibles", "done" if done else "possible")
    page.line(f"{len(items) - refused} {did}, {refused} {page.say('refusés', 'refused')}.")
    write_remarks(page, found)


def _row(page: Page, item: Item, *, done: bool) -> tuple[str, ...]:
    of, result = item.mentioned, item.result
    if isinstance(result, ParcoursError):
        outcome = sentence(result, page.lang)
    else:
        count = _erased(result)
        outcome = (page.say(f"{count} valeurs effacées", f"{count} values erased") if done
                   else page.say(f"{count} valeurs à effacer", f"{count} values to erase"))  # fmt: skip
    return of.reference, ", ".join(fields_of(of)), ", ".join(of.others), outcome
