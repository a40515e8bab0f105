"""`deadlines --what-if`: every date that would follow if something happened, of one placement or of many."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from operators.cli.errors import DONE, REFUSED, error_object, sentence
from operators.cli.output import Page
from operators.cli.session import Session
from operators.cli.shapes import supposed_object
from settings import WrongUsage
from workflow.calendar import local_day
from workflow.errors import TransitionRefused, UnknownName
from workflow.supposing import Consequence, Supposition, WhatIf
from workflow.views import DeadlineView

if TYPE_CHECKING:
    from app import App

Json = dict[str, Any]
Result = tuple[str, WhatIf | TransitionRefused | UnknownName]


def answer_what_if(
    session: Session, app: "App", references: Sequence[str], texts: Sequence[str], sets: Sequence[str] | None
) -> int:
    """Suppose it of each placement in turn, and tell; 3 where it cannot be supposed of one."""
    from operators.cli.values import parse_sets

    said, values = [_read(text) for text in texts], parse_sets(sets)
    results = [_supposed(app, reference, said, values) for reference in references]
    if len(results) == 1 and not isinstance(results[0][1], WhatIf):
        raise results[0][1]
    answer = {"items": [_object(session, result) for result in results], "dry_run": True}
    session.answer(answer, lambda page: _write(page, results))
    return DONE if all(isinstance(found, WhatIf) for _, found in results) else REFUSED


def _read(text: str) -> Supposition:
    """`signed 2021-03-12`: what, and when; by default now."""
    from operators.moments import optional_moment

    what, _, when = text.strip().partition(" ")
    if not what:
        raise WrongUsage("--what-if : écrire « signed 2021-03-12 ».", '--what-if: write "signed 2021-03-12".')
    return Supposition(what=what, at=optional_moment(when.strip() or None, "--what-if"))


def _supposed(app: "App", reference: str, said: Sequence[Supposition], values: dict[str, str]) -> Result:
    try:
        return reference, app.engine.what_if(reference, said, values)
    except (TransitionRefused, UnknownName) as error:
        return reference, error


def _object(session: Session, result: Result) -> Json:
    reference, found = result
    if not isinstance(found, WhatIf):
        return {"reference": reference, "error": error_object(found, session.lang)}
    return supposed_object(reference, found)


def _write(page: Page, results: Sequence[Result]) -> None:
    for reference, found in results:
        if not isinstance(found, WhatIf):
            page.line(f"{reference}: {sentence(found, page.lang)}")
            continue
        supposed = ", ".join(f"{each.trigger} {local_day(each.at, found.facts.territory)}" for each in found.supposed)
        page.heading(page.say(f"{reference} : si {supposed}, alors {found.facts.state}",
                              f"{reference}: if {supposed}, then {found.facts.state}"))  # fmt: skip
        columns = page.say("échéance|dernier jour|serait", "deadline|last day|would be").split("|")
        page.table(columns, [_row(page, each) for each in found.deadlines])


def _row(page: Page, each: Consequence) -> tuple[str | None, ...]:
    return each.name, _last_day(page, each.before), _last_day(page, each.after)


def _last_day(page: Page, view: DeadlineView | None) -> str | None:
    from operators.cli.people import status_label

    if view is None:
        return None
    return status_label(page, view.status) if view.last_day is None else view.last_day.isoformat()
