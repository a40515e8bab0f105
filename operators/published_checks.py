"""Are the published definitions and calendars still what was published? Placements are decided by them for years.

A definition is named by the hash of its bytes, its compiled form follows from them, and the log says that it was
published; a calendar under the name of a shipped one is compared with that.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import fields
from functools import lru_cache

from workflow.calendar import Calendar, CalendarError, known_calendars, load_calendar
from workflow.changes import Published
from workflow.definition import Definition
from workflow.errors import DefinitionError


def published_faults(versions: Sequence[Published], acts: Iterable[bytes] = ()) -> list[str]:
    """One sentence for each definition or calendar that is not what was published, or gone; `acts`: the log's own."""
    found = [sentence for version in versions for sentence in (*_definition(version), *_calendar(version))]
    return [*dict.fromkeys(found), *_gone({version.digest for version in versions}, acts)]


def _gone(digests: Set[str], acts: Iterable[bytes]) -> Iterator[str]:
    for data in acts:
        try:
            act = json.loads(data)
            named, fields = act["kind"], act["fields"]
        except (ValueError, KeyError, TypeError):
            # `audit verify` tells of what is no act.
            continue
        if named == "published" and fields.get("digest") not in digests:
            yield f"the definition {fields.get('name')} {fields.get('version')} was published, and is not there"


def _definition(published: Published) -> Iterator[str]:
    name = f"{published.name} {published.version}"
    if hashlib.sha256(published.source).hexdigest() != published.digest:
        yield f"the definition {name} is not the one that was published"
        return
    try:
        compiled = Definition.from_compiled(published.compiled, published.source)
    except ValueError as error:
        yield f"the compiled definition {name} cannot be read: {error}"
        return
    built = _built(published.source)
    if (compiled.name, compiled.version) != (published.name, published.version):
        yield f"the compiled definition {name} is {compiled.name} {compiled.version}"
    elif built is not None and any(getattr(built, each.name) != getattr(compiled, each.name) for each in fields(built)):
        yield f"the compiled definition {name} is not what its source gives"


@lru_cache(maxsize=8)
def _built(source: bytes) -> Definition | None:
    """What the source gives today; None where this program would not publish it any more."""
    from workflow.loader import check_definition

    try:
        return check_definition(source, "published")
    except DefinitionError:
        return None


def _calendar(published: Published) -> Iterator[str]:
    name = published.calendar
    try:
        calendar = Calendar.from_bytes(published.calendar_source)
    except CalendarError as error:
        yield f"the calendar {name}: {error}"
        return
    if calendar.version != name:
        yield f"the calendar {name} says that it is {calendar.version}"
    elif name in known_calendars(None) and load_calendar(name).to_bytes() != published.calendar_source:
        yield f"the calendar {name} is not the one that is shipped under this name"
