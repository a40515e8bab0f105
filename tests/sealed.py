"""A database that the engine made and the sealer sealed, and what its attackers can do to it.

`Forger` writes as somebody with SQL write access does, who may drop triggers and constraints: to the entries alone,
to their chains, to the tree; with the key, to the seals too.
"""

import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit.keys import load_key
from audit.notes import sign_checkpoint
from audit.remembered import Remembered, beside
from audit.sealing import Outcome, checkpoint_text, origin_of, seal
from audit.signing import ensure_key, trusted
from audit.tree import MemoryTiles, append, leaf_hash, root
from audit.verification import Report, Trust, verify
from storage.instants import instant
from storage.sql import SqlStore
from storage.sqlite import library
from tests.world import SHIPPED, World, published, reach
from workflow.clock import VirtualClock
from workflow.history import GENESIS, entry_hash
from workflow.system import SYSTEM

START = datetime(2021, 3, 1, 8, tzinfo=UTC)
STATES = ("candidate_shown", "candidate_selected", "training_body_contacted", "contract_signed", "in_training")
Level = str
LEVELS: Sequence[Level] = ("rows", "chains", "tree")
Item = tuple[str, dict[str, Any]]


@dataclass
class SealedOffice:
    """One folder: the database, unless a server has it, the key beside it, the remembered checkpoint."""

    folder: Path
    clock: VirtualClock
    url: str = ""
    store: SqlStore = field(init=False)

    def __post_init__(self) -> None:
        self.url = self.url or f"sqlite:///{self.path}"
        self.store = SqlStore(self.url)
        self.world = World(self.store, self.clock)

    @property
    def path(self) -> Path:
        return self.folder / "parcours.db"

    @property
    def key(self) -> Path:
        return self.folder / "parcours.db.signing-key"

    @property
    def remembered(self) -> Remembered:
        return beside(self.key)

    def seal(self, *, heads: bool = False, accepted: bool = False) -> Outcome:
        signer = load_key(self.key)
        return seal(self.store.seals, signer, self.remembered, self.clock, heads=heads, accepted=accepted)

    def verify(self, held: bytes | None = None) -> Report:
        note = self.remembered.read()
        kept = [(name, each) for name, each in (("remembered", note), ("held", held)) if each is not None]
        verifiers, vouched = trusted(self.store.seals, self.key)
        with self.store.seals.reading() as reading:
            return verify(reading, Trust(verifiers, kept, vouched))

    def codes(self, held: bytes | None = None) -> set[str]:
        return {fault.code for fault in self.verify(held).faults}

    def copy(self, folder: Path) -> "SealedOffice":
        self.store.close()
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return SealedOffice(folder, VirtualClock(self.clock.at))

    @contextmanager
    def forging(self) -> Iterator["Forger"]:
        """Write behind everybody's back, triggers dropped."""
        self.store.close()
        connection = library().connect(self.path, isolation_level=None)
        forger = Forger(connection, self)
        yield forger
        connection.close()


def made(folder: Path, url: str = "") -> SealedOffice:
    """An empty installation, no sandbox, with its key."""
    folder.mkdir(parents=True, exist_ok=True)
    office = SealedOffice(folder, VirtualClock(START), url)
    office.store.initialise(sandbox=False, now=START)
    ensure_key(office.store.seals, office.key, START)
    with office.store.writing() as unit:
        unit.publish(published(SHIPPED))
    return office


def lived(folder: Path, seed: int) -> tuple[SealedOffice, bytes]:
    """Some lives, sealed in three rounds with a map of heads; and the checkpoint of the second round, kept."""
    office, chance, held = made(folder), random.Random(seed), b""
    for number in range(3):
        for place in range(chance.randint(2, 3)):
            reference = f"P{number}{place}"
            office.world.place(reference)
            reach(office.world, chance.choice(STATES), reference)
        office.clock.advance(timedelta(minutes=5))
        outcome = office.seal(heads=number == 1)
        assert not outcome.broken
        assert outcome.last is not None
        held = outcome.last.note if number == 1 else held
        office.clock.advance(timedelta(minutes=5))
    return office, held


class Forger:
    """All entries in the order of their leaves, to be changed and written back."""

    def __init__(self, connection: Any, office: SealedOffice) -> None:
        self._ask: Callable[..., Any] = connection.execute
        self._office = office
        for (name,) in self._ask("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            self._ask(f"DROP TRIGGER {name}")
        rows = self._ask(
            "SELECT l.placement, coalesce(h.data, s.data) FROM leaf l "
            "LEFT JOIN history h ON h.placement = l.placement AND h.seq = l.seq "
            "LEFT JOIN system_entry s ON l.placement = 'system' AND s.seq = l.seq ORDER BY l.position"
        ).fetchall()
        self.items: list[Item] = [(name, json.loads(data)) for name, data in rows]

    def run(self, statement: str, *values: object) -> None:
        self._ask(statement, values)

    def loosen(self, table: str) -> None:
        """Take its constraints and indexes from a table."""
        self.run(f"CREATE TABLE looser AS SELECT * FROM {table}")  # noqa: S608 - named by tests
        self.run(f"DROP TABLE {table}")
        self.run(f"ALTER TABLE looser RENAME TO {table}")

    @property
    def placements(self) -> list[str]:
        return sorted({name for name, _ in self.items if name != SYSTEM})

    def at(self, name: str) -> list[int]:
        """Where the entries of a placement stand."""
        return [index for index, item in enumerate(self.items) if item[0] == name]

    def write(self, level: Level, *, signed: bool = False) -> None:
        """Write the entries back: their rows; with new links; with a new tree; with new signatures."""
        rows = list(self._rows(relink=level != "rows"))
        self._entries(rows)
        if level == "tree":
            self._tree(rows, signed)

    def _rows(self, relink: bool) -> Iterator[tuple[str, int, str, str, dict[str, Any], bytes]]:
        heads: dict[str, tuple[int, str]] = {}
        for name, plain in self.items:
            seq, prev = heads.get(name, (0, GENESIS))
            if relink:
                plain = plain | {"seq": seq + 1, "prev": prev}
            data = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            heads[name] = plain["seq"], entry_hash(data)
            yield name, plain["seq"], plain["prev"], entry_hash(data), plain, data

    def _entries(self, rows: list[tuple[str, int, str, str, dict[str, Any], bytes]]) -> None:
        self.run("DELETE FROM history")
        for name, seq, prev, chain_hash, plain, data in rows:
            if name == SYSTEM:
                self.run(
                    "UPDATE system_entry SET data = ?, hash = ?, prev = ? WHERE seq = ?", data, chain_hash, prev, seq
                )
                continue
            values = (name, seq, prev, chain_hash, plain["kind"], 0, 0, data)
            columns = "placement, seq, prev, hash, kind, occurred_at, recorded_at, data"
            inserted = f"INSERT OR IGNORE INTO history ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            self.run(inserted, *values)
            self.run("UPDATE placement SET seq = ?, head = ? WHERE id = ?", seq, chain_hash, name)

    def _tree(self, rows: list[tuple[str, int, str, str, dict[str, Any], bytes]], signed: bool) -> None:
        self.run("DELETE FROM leaf")
        for position, (name, seq, _, chain_hash, _, _) in enumerate(rows):
            self.run("INSERT INTO leaf VALUES (?, ?, ?, ?)", position, name, seq, chain_hash)
        tiles = MemoryTiles()
        append(tiles, 0, [leaf_hash(row[5]) for row in rows])
        self.run("DELETE FROM tile")
        for (level, number), data in tiles._tiles.items():
            self.run("INSERT INTO tile VALUES (?, ?, ?)", level, number, data)
        self._seals(tiles, len(rows), signed)

    def _seals(self, tiles: MemoryTiles, size: int, signed: bool) -> None:
        log, signer = self._ask("SELECT log FROM installation").fetchone()[0], load_key(self._office.key)
        seals = self._ask("SELECT number, size, sealed_at, note FROM seal ORDER BY number").fetchall()
        for number, before, sealed_at, note in seals:
            now = size if number == len(seals) else min(before, size - len(seals) + number)
            top = root(tiles, now)
            if signed:
                checkpoint = checkpoint_text(origin_of(log), now, top, instant(sealed_at), False)
                note = sign_checkpoint(checkpoint, signer)
                self._office.remembered.write(note)
            self.run("UPDATE seal SET size = ?, root = ?, note = ? WHERE number = ?", now, top, note, number)
