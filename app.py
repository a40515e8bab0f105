"""The composition root: from settings to a store, a clock and an engine. Decides nothing, prints nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from settings import Settings, WrongUsage, parse_clock, read_settings
from storage.queries import Queries
from storage.sql import SqlStore
from workflow.changes import Installation, Published
from workflow.clock import Clock, RunningClock, SystemClock, VirtualClock
from workflow.engine import Engine, Witness, unseen
from workflow.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class App:
    """What every door to the product works with; a context manager that closes the database."""

    engine: Engine
    queries: Queries
    store: SqlStore
    settings: Settings
    clock: Clock
    installation: Installation

    def close(self) -> None:
        """Close every connection."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_app(
    database_url: str | None = None,
    definition: str | Path | None = None,
    clock: Clock | str | None = None,
    *,
    settings: Settings | None = None,
    witness: Witness = unseen,
    patience: timedelta = timedelta(seconds=10),
) -> App:
    """Open an initialised database; what is not given here is taken from the settings.

    `clock` is a clock, or a text as `PARCOURS_CLOCK` has it; any but the system's needs a sandbox. `witness` is told
    of what was committed; `patience` bounds how long a change waits for somebody else's. Raises WrongUsage for
    settings that will not do, StoreUnavailable for a database that cannot be opened or was never initialised.
    """
    settings = settings or read_settings(_flags(database_url, definition, clock))
    store = SqlStore(settings.database_url, patience=patience)
    try:
        installation = store.installation()
        chosen = _clock(store, installation, settings.clock if clock is None or isinstance(clock, str) else clock)
    except BaseException:
        store.close()
        raise
    return App(Engine(store, chosen, witness), store.queries, store, settings, chosen, installation)


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `initialise` found or made."""

    installation: Installation
    created: bool
    published: Published
    newly_published: bool


def initialise(settings: Settings, *, sandbox: bool) -> Initialised:
    """Create the database or upgrade its schema, and publish the definition. Repeatable.

    Raises DefinitionError before anything is made where the definition has faults, WrongUsage where a clock
    is set for what is no sandbox, and StoreUnavailable.
    """
    from workflow.loader import check_definition

    path = settings.definition_path
    check_definition(source := read_source(path), str(path))
    store = SqlStore(settings.database_url)
    try:
        before = _existing(store)
        if settings.clock is not None and not (before.sandbox if before else sandbox):
            raise _no_sandbox()
        made = store.initialise(sandbox=sandbox, now=_first_moment(settings))
    finally:
        store.close()
    with open_app(settings=settings) as app:
        published, is_new = publish(app, source, path)
    return Initialised(made, before is None, published, is_new)


def publish(app: App, source: bytes, path: Path) -> tuple[Published, bool]:
    """Publish a definition that was checked; tells whether it was new here. Raises DefinitionError."""
    with app.store.reading() as reading:
        known = {version.digest for version in reading.versions()}
    published = app.engine.publish(source, str(path))
    return published, published.digest not in known


def backup(database_url: str, target: Path, *, with_keys: bool = False) -> None:
    """Write a verified copy of a database to a new file. Raises StoreUnavailable, IntegrityBroken."""
    from storage.backup import backup as copy

    copy(database_url, target, with_keys=with_keys)


def read_source(path: Path) -> bytes:
    """The bytes of a definition's file. Raises DefinitionError where it cannot be read."""
    from workflow.loader import load_definition

    try:
        return path.read_bytes()
    except OSError:
        return load_definition(path).source


def _flags(database_url: str | None, definition: str | Path | None, clock: Clock | str | None) -> dict[str, object]:
    text = clock if isinstance(clock, str) else None
    return {"database_url": database_url, "definition": definition, "clock": text}


def _existing(store: SqlStore) -> Installation | None:
    try:
        return store.installation()
    except StoreUnavailable:
        # Not there yet, or of an older schema: initialising tells which, and what else is wrong.
        return None


def _first_moment(settings: Settings) -> datetime:
    return SystemClock().now() if settings.clock is None else parse_clock(settings.clock)[0]


def _clock(store: SqlStore, installation: Installation, chosen: Clock | str | None) -> Clock:
    """The system's clock; in a sandbox also a fixed one, or one that runs since the sandbox first saw it."""
    if chosen is None or isinstance(chosen, SystemClock):
        return SystemClock()
    if not installation.sandbox:
        raise _no_sandbox()
    if not isinstance(chosen, str):
        return chosen
    origin, speed = parse_clock(chosen)
    if speed is None:
        return VirtualClock(origin)
    setting = f"{origin.isoformat()}*{speed!r}"
    started_at = installation.clock_started_at
    if started_at is None or installation.clock_setting != setting:
        started_at = store.start_sandbox_clock(setting, SystemClock().now())
    return RunningClock(origin, speed, started_at)


def _no_sandbox() -> WrongUsage:
    return WrongUsage(
        "PARCOURS_CLOCK ne vaut que dans un bac à sable (parcours init --sandbox) : cette base reste fermée "
        "tant qu'elle est réglée.",
        "PARCOURS_CLOCK holds in a sandbox only (parcours init --sandbox): this database does not open while "
        "it is set.",
    )
