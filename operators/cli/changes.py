"""Carries out one change and answers it; where its outcome is unknown, says with which key to ask again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from operators.cli.people import write_outcome
from operators.cli.session import Session
from operators.cli.shapes import outcome_object
from workflow.commands import Outcome
from workflow.errors import StoreUnavailable

if TYPE_CHECKING:
    from app import App


class OutcomeUnknown(StoreUnavailable):
    """The store failed, or somebody interrupted, while a change was under way: it may have been made."""

    def __init__(self, why: str, key: str) -> None:
        self.details = {"key": key}
        self.message_en = f"{why} The outcome is unknown: asked again with --key {key}, it is done only once."
        super().__init__(f"{why} L'issue est inconnue : redemander avec --key {key} n'agira qu'une fois.")


def new_key() -> str:
    """A command key that nobody has used."""
    return uuid4().hex


@contextmanager
def known_outcome(key: str) -> Iterator[None]:
    """What is done here under a key is known to be done on leaving, or OutcomeUnknown tells the key."""
    try:
        yield
    except StoreUnavailable as error:
        raise OutcomeUnknown(str(error), key) from error
    except KeyboardInterrupt as error:
        raise OutcomeUnknown("Interruption.", key) from error


def answer_change(session: Session, act: "Callable[[App], Outcome]") -> None:
    """Make one change and print what it did."""
    with session.open() as app:
        outcome = act(app)
        session.answer(outcome_object(app.engine, outcome), lambda page: write_outcome(page, app, outcome))
