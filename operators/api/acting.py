"""Asking something of a placement: once under a key, at the revision that was seen, or as a dry run.

`Idempotency-Key` is the engine's command key. `If-Match` is the revision; `*` says: whatever it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Header
from starlette.responses import Response

from operators.addresses import quoted
from operators.api.caller import Caller
from operators.api.models.common import Fields
from operators.api.placements import etag
from operators.api.problems import Trouble
from operators.api.routing import PREFIX, answer
from operators.cli.shapes import outcome_object, preview_object
from operators.moved import told
from workflow.commands import Request
from workflow.errors import StalePlacement

LONGEST_KEY: Final = 100
_KEY: Final = re.compile(r'"?([\x21\x23-\x7e]{1,100})"?')
_TAG: Final = re.compile(r'"?([0-9]{1,9})"?')


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which key, and at which revision, something is asked; `seen` is None where none was said."""

    key: str
    seen: str | None

    def expected(self, caller: Caller, dry_run: bool) -> int | None:
        """The revision that has to hold; None for any. Raises Trouble where it must be said, or is none."""
        if self.seen is None and not dry_run:
            raise Trouble(
                428, "revision_needed", "Dites la révision que vous avez lue : If-Match: \"12\", ou * pour toute.",
                'Say the revision that you read: If-Match: "12", or * for any.',
            )  # fmt: skip
        if self.seen is None or self.seen.strip() == "*":
            return None
        found = _TAG.fullmatch(self.seen.strip())
        if found is None:
            raise _overtaken(caller)
        return int(found[1])


def key_said(
    idempotency_key: Annotated[
        str | None, Header(description="The command's key: asked again under it, it is answered again, not done again.")
    ] = None,
) -> str:
    """The command's key, a new one where none was said. Raises Trouble for one that will not do."""
    if idempotency_key is None:
        return uuid4().hex
    found = _KEY.fullmatch(idempotency_key)
    if found is None:
        raise Trouble(422, "unreadable", f"Idempotency-Key a de 1 à {LONGEST_KEY} caractères ASCII, sans espace.",
                      f"An Idempotency-Key has 1 to {LONGEST_KEY} ASCII characters, no spaces.")  # fmt: skip
    return found[1]


def terms_said(
    key: Annotated[str, Depends(key_said)],
    if_match: Annotated[
        str | None,
        Header(description='The revision that was read, as in ETag: "12"; * for any. Needed but in a dry run.'),
    ] = None,
) -> Terms:
    """Under which key and at which revision something is asked."""
    return Terms(key, if_match)


Asking = Annotated[Terms, Depends(terms_said)]
Key = Annotated[str, Depends(key_said)]


def ask(caller: Caller, terms: Terms, dry_run: bool, make: Callable[[int | None], Request]) -> Response:
    """Ask what `make` makes for a revision, and answer what came of it. Raises as the engine does, and Trouble."""
    engine = caller.app.engine
    expect = terms.expected(caller, dry_run)
    try:
        done = told(engine, make(expect), engine.preview if dry_run else engine.ask)
    except StalePlacement as stale:
        raise stale if expect is None else _overtaken(caller) from stale
    outcome = done.outcome
    if dry_run:
        return answer(preview_object(engine, outcome, done.moved), caller)
    body = outcome_object(engine, outcome, done.moved)
    headers = {"ETag": etag(body["revision"])}
    if outcome.waits is not None:
        headers["Location"] = address_of(outcome.reference, "requests", outcome.waits.seq)
    return answer(body, caller, 202 if outcome.waits is not None else 200, **headers)


def address_of(reference: str, *parts: object) -> str:
    """The address of a placement here, or of something of it."""
    return "/".join([f"{PREFIX}/placements", quoted(reference), *map(str, parts)])


def texts_of(fields: Fields) -> Mapping[str, str]:
    """Values as the engine reads them: as somebody would type them."""
    return {name: _typed(value) for name, value in fields.items()}


def _typed(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _overtaken(caller: Caller) -> Trouble:
    return Trouble(412, "stale", "Le dossier n'est plus à cette révision : relisez-le, puis redemandez.",
                   "The placement is no longer at this revision: read it again, then ask again.")  # fmt: skip
