"""The composition root: from settings to a store, a clock and an engine. Decides nothing, prints nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from audit.continuing import expecting
from audit.register import ActorErasure, Erasure, actor_erasures_in, erasures_in, registering
from audit.remembered import beside
from settings import Settings, WrongUsage, parse_clock, read_settings
from storage.database import file_beside
from storage.queries import Queries
from storage.sql import SqlStore
from workflow.brake import BrakeHolds, Limits
from workflow.changes import Installation, Published
from workflow.clock import Clock, RunningClock, SystemClock, VirtualClock
from workflow.engine import Engine, Witness, unseen
from workflow.errors import DefinitionError, IntegrityBroken, NotFound, StoreUnavailable

if TYPE_CHECKING:
    from audit.bundle import Bundle
    from audit.sealing import Outcome
    from audit.verification import Report
    from storage.seals import SealReading


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
    together: int = 1,
) -> App:
    """Open an initialised database; what is not given here is taken from the settings.

    `clock` is a clock, or a text as `PARCOURS_CLOCK` has it; any but the system's needs a sandbox, and without one the
    database's decides: a server's own, the machine's for a file. `witness` is told
    of what was committed; `patience` bounds how long a change waits for somebody else's; up to `together` threads that
    change something at once share a commit. While the database does not continue the checkpoint remembered beside the
    signing key, reads work and every change raises DatabaseOlder. Raises WrongUsage for settings that will not do,
    StoreUnavailable for a database that cannot be opened or was never initialised.
    """
    settings = settings or read_settings(_flags(database_url, definition, clock))
    guard = expecting(beside(signing_key_path(settings)))
    store = SqlStore(settings.database_url, patience=patience, together=together, guard=guard)
    try:
        installation = store.installation()
        chosen = _clock(store, installation, settings.clock if clock is None or isinstance(clock, str) else clock)
    except BaseException:
        store.close()
        raise
    told = registering(register_path(settings), witness)
    limits = brake_limits(settings, installation)
    return App(Engine(store, chosen, told, limits), store.queries, store, settings, chosen, installation)


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `initialise` found or made."""

    installation: Installation
    created: bool
    published: Published
    newly_published: bool
    signing_key: Path
    public_key: str | None


def initialise(settings: Settings, *, sandbox: bool) -> Initialised:
    """Create the database or upgrade its schema, make its signing key, and publish the definition. Repeatable.

    `public_key` is None where the log has a key whose file is not here.

    Raises DefinitionError before anything is made where the definition has faults, WrongUsage where a clock
    is set for what is no sandbox, and StoreUnavailable.
    """
    from audit.signing import ensure_key
    from workflow.loader import check_definition

    path = settings.definition_path
    check_definition(source := read_source(path), str(path))
    store = SqlStore(settings.database_url)
    try:
        before = _existing(store)
        if settings.clock is not None and not (before.sandbox if before else sandbox):
            raise _no_sandbox()
        made = store.initialise(sandbox=sandbox, now=_first_moment(settings))
        verifier = ensure_key(store.seals, signing_key_path(settings), _first_moment(settings))
    finally:
        store.close()
    with open_app(settings=settings) as app:
        published, is_new = publish(app, source, path)
    vkey = None if verifier is None else verifier.vkey
    return Initialised(made, before is None, published, is_new, signing_key_path(settings), vkey)


def new_sandbox(settings: Settings, at: datetime) -> App:
    """A sandbox that did not exist before, its clock at a moment. Raises as `initialise` does, and WrongUsage."""
    store = SqlStore(settings.database_url)
    try:
        # Also one of an older schema, which initialising would upgrade.
        there = store.database.revision() is not None
    finally:
        store.close()
    here = settings.model_copy(update={"clock": f"{at:%Y-%m-%dT%H:%M:%SZ}"})
    if there or not initialise(here, sandbox=True).created:
        raise WrongUsage("Cette base existe déjà : la simulation en fait une nouvelle.",
                         "This database exists already: a simulation makes a new one.")  # fmt: skip
    return open_app(settings=here)


def brake_limits(settings: Settings, installation: Installation) -> Limits | None:
    """From when on the brake holds; None where there is none: in a sandbox, unless it is asked for."""
    if settings.brake == "off" or (settings.brake == "auto" and installation.sandbox):
        return None
    return Limits(
        max_back=timedelta(seconds=settings.brake_max_back_s),
        max_gap=timedelta(seconds=settings.brake_max_gap_s),
        max_share=settings.brake_max_share,
        min_firings=settings.brake_min_firings,
    )


def register_path(settings: Settings) -> Path:
    """The register of erasures: the one named, or the one beside the database."""
    return settings.erasure_register or file_beside(settings.database_url, ".erasures.jsonl")


def erasures(app: App) -> list[Erasure]:
    """All erasures that the database's history has, oldest first."""
    entries = app.queries.entries_of("erasure")
    rows = (row for stored in entries for row in erasures_in(stored.reference, [stored.chained()]))
    return sorted(rows, key=lambda row: row.at)


def actor_erasures(app: App) -> list[ActorErasure]:
    """All erasures of names of those who act that the log has, oldest first."""
    with app.store.seals.reading() as reading:
        return actor_erasures_in(row.data for row in reading.acts() if row.data is not None)


def signing_key_path(settings: Settings) -> Path:
    """The file of the key that signs checkpoints: the one named, or the one beside the database."""
    return settings.signing_key or file_beside(settings.database_url, ".signing-key")


def anchor_record_path(settings: Settings) -> Path:
    """The record of anchors: the file that was named, or the one beside the signing key."""
    key = signing_key_path(settings)
    return settings.anchor_record or key.with_name(f"{key.name}.anchors.jsonl")


def seal(app: App, *, heads: bool = False, accepted: bool = False) -> "Outcome":
    """Seal all that waits; `heads`: and the map of all heads; `accepted`: a person goes on from a restored database.

    Raises StoreUnavailable where the key is not there, IntegrityBroken for what cannot be continued, and BrakeHolds: a
    seal made at a wrong moment would make all that is entered later look late.
    """
    from audit.sealing import seal as seal_waiting
    from audit.signing import load_signer

    _refuse_while_held(app)
    path = signing_key_path(app.settings)
    signer = load_signer(path, app.installation.log)
    return seal_waiting(app.store.seals, signer, beside(path), app.clock, heads=heads, accepted=accepted)


def expect_continued(app: App) -> None:
    """Raise DatabaseOlder where no change would be taken, as `open_app` says."""
    with app.store.seals.reading() as reading:
        expecting(beside(signing_key_path(app.settings)))(reading, app.store.seals.name)


def accept_restored(app: App, reason: str) -> str | None:
    """Enter in the log that a person goes on from a database that does not continue the remembered checkpoint.

    Gives what opens the entry's commitment to the reason, which is kept nowhere; None, and nothing is written, where
    there is nothing to accept. Raises as `seal` does.
    """
    from audit.restored import conflict, restored
    from audit.sealing import expect_signed
    from audit.signing import load_signer

    _refuse_while_held(app)
    path, log = signing_key_path(app.settings), app.installation.log
    signer = load_signer(path, log)
    with app.store.seals.reading() as reading:
        checkpoint, last = conflict(reading, beside(path)), reading.last_seal()
    if checkpoint is None:
        return None
    if last is not None:
        expect_signed(last, signer, app.store.seals.name)
    with app.store.writing(guarded=False) as unit:
        actor = unit.actor_id(app.settings.actor)
        size = last.size if last else 0
        act, disclosure = restored(log, unit.system_head(), actor, app.clock.now(), checkpoint, size, reason)
        unit.record(act)
    return disclosure


def _refuse_while_held(app: App) -> None:
    held = app.engine.brake().held
    if held is not None:
        raise BrakeHolds(held)


def verify(
    app: App,
    reference: str | None,
    held: tuple[str, bytes] | None,
    told: Callable[[int], None],
    *,
    remembered: bool = True,
) -> "Report":
    """Check the whole log, or one placement; `held` is a checkpoint that was kept, and its name.

    `remembered`: also against the checkpoint beside the key. Raises NotFound.
    """
    from audit.signing import trusted
    from audit.verification import Trust, verify_placement
    from audit.verification import verify as verify_log

    path = signing_key_path(app.settings)
    last = beside(path)
    note = last.read() if remembered else None
    kept = [*([] if note is None else [(str(last.path), note)]), *([] if held is None else [held])]
    verifiers, vouched = trusted(app.store.seals, path)
    with app.store.seals.reading() as reading:
        trust = Trust(verifiers, kept, vouched)
        return verify_log(reading, trust, told) if reference is None else verify_placement(reading, trust, reference)


def export_bundle(
    app: App, target: Path, references: Sequence[str] = (), territory: str | None = None, held: bytes | None = None
) -> "Bundle":
    """Seal what waits, then write the evidence bundle: of the whole log, or of some placements or a territory.

    With it go the stamps and receipts of the checkpoints that went out. Raises NotFound for a reference that does not
    exist, and as `seal` does.
    """
    from audit.anchor_record import read_receipts
    from audit.bundle import write_bundle
    from audit.key_chain import all_keys, rotations
    from audit.signing import trusted

    seal(app, heads=True)
    current, _ = trusted(app.store.seals, signing_key_path(app.settings))
    with app.store.seals.reading() as reading:
        verifiers = all_keys(current, rotations(reading))
        named = [_known(reading, reference) for reference in references]
        found = [] if territory is None else [name for name, _ in reading.placements(territory)]
        scope = None if not references and territory is None else list(dict.fromkeys([*named, *found]))
        sent = read_receipts(anchor_record_path(app.settings))
        return write_bundle(reading, target, verifiers, scope=scope, held=held, sent=sent)


def _known(reading: "SealReading", reference: str) -> str:
    placement = reading.placement_id(reference)
    if placement is None:
        raise NotFound(f"there is no placement {reference}")
    return placement


def publish(app: App, source: bytes, path: Path, *, in_time: bool = False) -> tuple[Published, bool]:
    """Publish a definition; tells whether it was new here. Raises DefinitionError with all that is found in it.

    `in_time`: what time brings is looked at too, which takes about a second; not again for what is published already.
    """
    with app.store.reading() as reading:
        known = {version.digest for version in reading.versions()}
    # Before anything is locked: nobody else should wait for it.
    if in_time and sha256(source).hexdigest() not in known:
        _prove(source, path)
    published = app.engine.publish(source, str(path), app.settings.actor)
    return published, published.digest not in known


def _prove(source: bytes, path: Path) -> None:
    from workflow.loader import examine_definition

    findings = examine_definition(source, str(path))[1]
    if findings:
        raise DefinitionError(findings)


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: how much, the digest of all rows, and the tree's root over the sealed entries."""

    placements: int
    entries: int
    rows: int
    digest: str
    size: int
    root: str | None
    missing: tuple[Path, ...]


def move(settings: Settings, target_url: str) -> Moved:
    """Copy a database to another one, which holds nothing; `missing` are files of the first that the other lacks.

    Raises StoreUnavailable, and IntegrityBroken where the two do not agree; then nothing was moved.
    """
    from audit.tree import root
    from storage.moving import move as copy

    source, target = SqlStore(settings.database_url), SqlStore(target_url)
    try:
        moved = copy(source.database, target.database)
        with source.seals.reading() as before, target.seals.reading() as after:
            last = before.last_seal()
            size = last.size if last else 0
            roots = [root(reading, size) if size else b"" for reading in (before, after)]
        if roots[0] != roots[1]:
            raise IntegrityBroken(f"{target.database.name} has another root than {source.database.name}: do not use it")
    finally:
        source.close()
        target.close()
    there = settings.model_copy(update={"database_url": target_url})
    pairs = [(path(settings), path(there)) for path in (signing_key_path, register_path)]
    missing = tuple(new for old, new in pairs if old.exists() and not new.exists())
    counts = (moved.rows["placement"], moved.rows["history"], sum(moved.rows.values()))
    return Moved(*counts, moved.digest, size, roots[0].hex() if size else None, missing)


def server_roles(prefix: str, schema: str) -> list[str]:
    """The SQL that makes the roles of a PostgreSQL server. Raises ValueError for a name that will not do."""
    from storage.postgres_roles import statements

    return list(statements(prefix, schema))


def backup(database_url: str, target: Path, *, with_keys: bool = False) -> None:
    """Write a verified copy of a database to a new file. Raises StoreUnavailable, IntegrityBroken."""
    from storage.backup import backup as copy

    copy(database_url, target, with_keys=with_keys)


def restore(copy: Path, database_url: str) -> None:
    """Make a copy the database that a URL names, which holds nothing. Raises StoreUnavailable, IntegrityBroken."""
    from storage.backup import restore as put_in_place

    put_in_place(copy, database_url)


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
    """The database's clock; in a sandbox also a fixed one, or one that runs since the sandbox first saw it."""
    if chosen is None:
        return store.database.clock()
    if isinstance(chosen, SystemClock):
        return chosen
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
