"""The published definitions: read once from the store, kept compiled, and published anew under strict rules."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from workflow.calendar import Calendar, calendars_beside, load_calendar
from workflow.changes import Published
from workflow.definition import Definition
from workflow.errors import DefinitionError, NotFound
from workflow.language.positions import START, Source
from workflow.rules import Rules
from workflow.store import Reading, Store, UnitOfWork
from workflow.system import SYSTEM, system_entry

Digest = str


class Library:
    """The rules of every published definition, by digest. What is published never changes, so nothing expires."""

    def __init__(self) -> None:
        self._rules: dict[Digest, Rules] = {}

    def rules(self, reading: Reading, digest: Digest) -> Rules:
        """The rules published under a digest. Raises NotFound where the store has none."""
        found = self._rules.get(digest)
        if found is None:
            published = reading.published(digest)
            if published is None:
                raise NotFound(f"no definition with the digest {digest[:12]} is published here")
            found = self._rules[digest] = _compiled(published.compiled, published.source, published.calendar_source)
        return found

    def current(self, reading: Reading) -> Rules:
        """The rules that new placements are created under: those published last. Raises NotFound before the first."""
        versions = reading.versions()
        if not versions:
            raise NotFound("no definition is published here yet: run parcours init")
        latest = max(versions, key=lambda published: (published.published_at, published.version))
        return self.rules(reading, latest.digest)

    def unpublished(self, reading: Reading, source: bytes, file: str) -> Rules:
        """The rules that a definition would give if it were published. Raises DefinitionError as `publish` does."""
        from workflow.loader import check_definition

        definition = check_definition(source, file)
        for published in reading.versions(definition.name):
            if published.version == definition.version:
                _same(published, definition, file)
        calendar = _calendar(reading, definition, file)
        return _compiled(definition.compiled(), source, calendar.to_bytes())

    def publish(
        self,
        store: Store,
        source: bytes,
        file: str,
        now: datetime,
        actor: str | None = None,
        noted: Callable[[UnitOfWork], None] = lambda unit: None,
    ) -> tuple[Published, bool]:
        """Publish a definition, unless it is already; tells whether it was new. The act is entered in the log.

        `noted` is told before anything is written, and may raise.

        Raises DefinitionError where it has findings, or where its version was published with other bytes.
        """
        # Only publishing reads YAML: whoever just asks should not pay for it.
        from workflow.loader import check_definition

        definition = check_definition(source, file)
        return store.repeating(lambda: _publish(store, definition, file, now, actor, noted))


def _publish(
    store: Store,
    definition: Definition,
    file: str,
    now: datetime,
    actor: str | None,
    noted: Callable[[UnitOfWork], None],
) -> tuple[Published, bool]:
    with store.writing() as unit:
        for published in unit.versions(definition.name):
            if published.version == definition.version:
                return _same(published, definition, file), False
        noted(unit)
        published = _published(definition, _calendar(unit, definition, file), now)
        # Somebody may publish the same at this very moment: the act is entered by who was first.
        new = unit.publish(published)
        if new:
            _record(store, unit, published, actor)
    return published, new


@lru_cache(maxsize=32)
def _compiled(compiled: bytes, source: bytes, calendar_source: bytes) -> Rules:
    """Kept for the whole process, since the same bytes always mean the same rules."""
    return Rules(Definition.from_compiled(compiled, source), Calendar.from_bytes(calendar_source))


def _record(store: Store, unit: UnitOfWork, published: Published, actor: str | None) -> None:
    fields: dict[str, str | int] = {
        "name": published.name,
        "version": published.version,
        "digest": published.digest,
        "calendar": published.calendar,
    }
    who = SYSTEM if actor is None else unit.actor_id(actor)
    act = system_entry(store.installation().log, unit.system_head(), "published", who, published.published_at, fields)
    unit.record(act)


def _same(published: Published, definition: Definition, file: str) -> Published:
    if published.digest == definition.digest:
        return published
    name, version = definition.name, definition.version
    fr = f"la version {version} de {name} est publiée avec un autre contenu : augmentez version"
    en = f"version {version} of {name} is published with other bytes: raise the version"
    raise DefinitionError([Source(file).finding(START, "version_published", fr, en)])


def _calendar(reading: Reading, definition: Definition, file: str) -> Calendar:
    """The holidays that a definition counts with. Raises DefinitionError where they were published with other bytes."""
    calendar = load_calendar(definition.calendar, calendars_beside(file))
    for published in reading.versions():
        if published.calendar == calendar.version and published.calendar_source != calendar.to_bytes():
            name = calendar.version
            fr = f"le calendrier {name} est publié avec un autre contenu : donnez au nouveau une nouvelle version"
            en = f"the calendar {name} is published with other bytes: give the new one a new version"
            raise DefinitionError([Source(file).finding(START, "calendar_published", fr, en)])
    return calendar


def _published(definition: Definition, calendar: Calendar, now: datetime) -> Published:
    return Published(
        name=definition.name,
        version=definition.version,
        digest=definition.digest,
        source=definition.source,
        compiled=definition.compiled(),
        calendar=calendar.version,
        calendar_source=calendar.to_bytes(),
        published_at=now,
        quotas={name: quota.limit for name, quota in definition.quotas.items()},
    )
