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
from workflow.language.wording import Said


def published_faults(versions: Sequence[Published], acts: Iterable[bytes] = ()) -> list[Said]:
    """One sentence for each definition or calendar that is not what was published, or gone; `acts`: the log's own."""
    found = [sentence for version in versions for sentence in (*_definition(version), *_calendar(version))]
    return [*dict.fromkeys(found), *_gone({version.digest for version in versions}, acts)]


def _gone(digests: Set[str], acts: Iterable[bytes]) -> Iterator[Said]:
    for data in acts:
        try:
            act = json.loads(data)
            named, fields = act["kind"], act["fields"]
        except (ValueError, KeyError, TypeError):
            # `audit verify` tells of what is no act.
            continue
        if named == "published" and fields.get("digest") not in digests:
            name = f"{fields.get('name')} {fields.get('version')}"
            yield Said(
                f"la définition {name} a été publiée et n'est plus là",
                f"the definition {name} was published, and is not there",
            )


def _definition(published: Published) -> Iterator[Said]:
    name = f"{published.name} {published.version}"
    if hashlib.sha256(published.source).hexdigest() != published.digest:
        yield Said(
            f"la définition {name} n'est pas celle qui a été publiée",
            f"the definition {name} is not the one that was published",
        )
        return
    try:
        compiled = Definition.from_compiled(published.compiled, published.source)
    except ValueError as error:
        yield Said(
            f"la définition compilée {name} ne peut être lue : {error}",
            f"the compiled definition {name} cannot be read: {error}",
        )
        return
    built = _built(published.source)
    if (compiled.name, compiled.version) != (published.name, published.version):
        other = f"{compiled.name} {compiled.version}"
        yield Said(f"la définition compilée {name} est {other}", f"the compiled definition {name} is {other}")
    elif built is not None and any(getattr(built, each.name) != getattr(compiled, each.name) for each in fields(built)):
        yield Said(
            f"la définition compilée {name} n'est pas ce que donne sa source",
            f"the compiled definition {name} is not what its source gives",
        )


@lru_cache(maxsize=8)
def _built(source: bytes) -> Definition | None:
    """What the source gives today; None where this program would not publish it any more."""
    from workflow.loader import check_definition

    try:
        return check_definition(source, "published")
    except DefinitionError:
        return None


def _calendar(published: Published) -> Iterator[Said]:
    name = published.calendar
    try:
        calendar = Calendar.from_bytes(published.calendar_source)
    except CalendarError as error:
        yield Said(f"le calendrier {name} : {error.fr}", f"the calendar {name}: {error}")
        return
    if calendar.version != name:
        yield Said(
            f"le calendrier {name} dit être {calendar.version}",
            f"the calendar {name} says that it is {calendar.version}",
        )
    elif name in known_calendars(None) and load_calendar(name).to_bytes() != published.calendar_source:
        yield Said(
            f"le calendrier {name} n'est pas celui qui est livré sous ce nom",
            f"the calendar {name} is not the one that is shipped under this name",
        )
