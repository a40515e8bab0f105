"""A change of one placement, or of many: a preview, a question, then each in its own transaction, as previewed."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import typer

from operators.cli.errors import DONE, REFUSED, error_object, sentence
from operators.cli.output import Page, write
from operators.cli.people import write_outcome
from operators.cli.session import Session
from operators.cli.shapes import Json, outcome_object, preview_object
from operators.moved import Told, told
from settings import WrongUsage
from workflow.commands import Outcome, Request
from workflow.errors import ParcoursError, StoreUnavailable, UnknownName

if TYPE_CHECKING:
    from app import App

_YES = {"o", "oui", "y", "yes"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked, but for the placement: `request` makes it for a reference, a revision, a correlation.

    `expect` is the revision that the caller saw, where they said so.
    """

    request: Callable[[str, int | None, str | None], Request]
    key: str
    expect: int | None
    dry_run: bool
    yes: bool

    def of(self, reference: str, seen: int | None = None, correlation: str | None = None) -> Request:
        """The request for one placement, at the revision that was seen."""
        return self.request(reference, self.expect if seen is None else seen, correlation)


@dataclass(frozen=True, slots=True)
class Item:
    """One placement of a bulk: what came, or would come, of it; `revision` is what the preview saw."""

    reference: str
    revision: int | None
    result: Told | ParcoursError

    @property
    def refused(self) -> bool:
        return isinstance(self.result, ParcoursError)

    @property
    def waits(self) -> bool:
        """Whether it waits, or would wait, for a second person."""
        return not isinstance(self.result, ParcoursError) and self.result.outcome.waits is not None


def ask_any(session: Session, wanted: Wanted, references: Sequence[str], where: str | None) -> int:
    """Ask it of one placement, or of many. Raises WrongUsage where it is not said of which."""
    if where is not None and references:
        raise WrongUsage("Des références ou --where, non les deux.", "References or --where, not both.")
    if where is None and not references:
        raise WrongUsage("Il manque la référence, ou --where.", "The reference is missing, or --where.")
    if len(references) == 1:
        return ask_one(session, wanted, references[0])
    return ask_many(session, wanted, references, where)


def ask_one(session: Session, wanted: Wanted, reference: str) -> int:
    """Act on one placement, or preview it, and tell. Raises as the engine does."""
    from operators.cli.changes import known_outcome

    request = wanted.of(reference)
    with session.open() as app:
        if wanted.dry_run:
            done = told(app.engine, request, app.engine.preview)
        else:
            with known_outcome(wanted.key):
                done = told(app.engine, request, app.engine.ask)
        shape = preview_object if wanted.dry_run else outcome_object
        shown = shape(app.engine, done.outcome, done.moved)
        session.answer(shown, lambda page: write_outcome(page, app, done.outcome, done.moved))
    return DONE


def ask_many(session: Session, wanted: Wanted, references: Sequence[str], where: str | None) -> int:
    """Preview, ask, act, tell. 0 when every item was done, else 3."""
    with session.open() as app:
        seen = _seen(app, references, where)
        asked = [(wanted.of(ref, revision), revision) for ref, revision in seen.items()]
        preview = [_tried(app, app.engine.preview, request, revision) for request, revision in asked]
        if wanted.dry_run or not preview:
            return _answer(session, app, preview, done=False)
        if not wanted.yes:
            _ask(session, app, preview)
        correlation = f"bulk:{uuid4().hex}"
        requests = [(wanted.of(item.reference, item.revision, correlation), item.revision) for item in preview]
        return _answer(session, app, _act(app, requests, wanted.key), done=True)


def _act(app: "App", requests: Sequence[tuple[Request, int | None]], key: str) -> list[Item]:
    """Each in turn. Where the store fails, the rest is not tried, and each says with which key to go on."""
    from operators.cli.changes import OutcomeUnknown

    items: list[Item] = []
    failure: ParcoursError | None = None
    for request, revision in requests:
        try:
            item = _tried(app, app.engine.ask, request, revision) if failure is None else Item(
                request.reference, revision, failure)  # fmt: skip
        except (StoreUnavailable, KeyboardInterrupt) as error:
            failure = OutcomeUnknown(str(error) or "Interruption.", key)
            item = Item(request.reference, revision, failure)
        items.append(item)
    return items


def _seen(app: "App", references: Sequence[str], where: str | None) -> Mapping[str, int | None]:
    """Reference -> its revision now (None: there is no such placement), each once, in the order given."""
    from operators.cli.filters import filter_from_where
    from operators.filters import all_placements

    if where is not None:
        return {row.reference: row.revision for row in all_placements(app, filter_from_where(app, where))}
    with app.store.reading() as reading:
        known = reading.known(list(dict.fromkeys(references)))
    return {ref: known[ref].revision if ref in known else None for ref in references}


def _tried(app: "App", act: Callable[[Request], Outcome], request: Request, revision: int | None) -> Item:
    try:
        return Item(request.reference, revision, told(app.engine, request, act))
    except (UnknownName, StoreUnavailable):
        raise
    except ParcoursError as error:
        return Item(request.reference, revision, error)


def _ask(session: Session, app: "App", preview: list[Item]) -> None:
    details = [_item_object(session, app, item, done=False) for item in preview] if session.json else []
    confirm(session, len(preview), lambda: _answer(session, app, preview, done=False), details)


def confirm(session: Session, count: int, show: Callable[[], object], details: Any) -> None:
    """Show a preview and have a person agree; without a person nothing is done, which is wrong usage.

    In JSON the refusal carries the preview, `details`.
    """
    if session.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        if not session.json:
            show()
        fr = f"Rien n'a été fait : confirmer les {count} dossiers avec --yes."
        said = {"preview": details} if session.json else {}
        raise WrongUsage(fr, f"Nothing was done: confirm the {count} placements with --yes.", **said)
    show()
    question = session.say(f"Agir sur ces {count} dossiers ? [o/N] ", f"Act on these {count} placements? [y/N] ")
    write(question, sys.stderr)
    if sys.stdin.readline().strip().lower() not in _YES:
        raise typer.Abort


def _answer(session: Session, app: "App", items: list[Item], *, done: bool) -> int:
    refused, waiting = sum(item.refused for item in items), sum(item.waits for item in items)
    answer = {
        "items": [_item_object(session, app, item, done=done) for item in items],
        "dry_run": not done,
        "done": len(items) - refused - waiting if done else 0,
        "refused": refused,
        "waiting": waiting,
    }
    session.answer(answer, lambda page: _write(page, items, done=done))
    return REFUSED if refused else DONE


def _item_object(session: Session, app: "App", item: Item, *, done: bool) -> Json:
    if isinstance(item.result, ParcoursError):
        return {"reference": item.reference, "done": False, "error": error_object(item.result, session.lang)}
    shape = outcome_object if done else preview_object
    shown = shape(app.engine, item.result.outcome, item.result.moved)
    return {**shown, "done": done and not item.waits, "previewed_revision": item.revision}


def _write(page: Page, items: list[Item], *, done: bool) -> None:
    columns = page.say("dossier|révision vue|issue|état", "placement|revision seen|outcome|state")
    page.table(columns.split("|"), [_row(page, item, done=done) for item in items])
    refused, waiting = sum(item.refused for item in items), sum(item.waits for item in items)
    waits = page.say(f", {waiting} en attente d'approbation", f", {waiting} wait for approval") if waiting else ""
    did = page.say("faits" if done else "possibles", "done" if done else "possible")
    page.line(f"{len(items) - refused - waiting} {did}{waits}, {refused} {page.say('refusés', 'refused')}.")


def _row(page: Page, item: Item, *, done: bool) -> tuple[str | int | None, ...]:
    if isinstance(item.result, ParcoursError):
        return item.reference, item.revision, sentence(item.result, page.lang), None
    outcome = page.say("fait" if done else "possible", "done" if done else "possible")
    if item.waits:
        outcome = page.say("attend une approbation", "waits for approval")
    return item.reference, item.revision, outcome, item.result.outcome.facts.state
