"""The real program in processes of its own, on a database file: started, spoken to, listened to, killed.

It waits for what the program says or leaves, never for a second to pass; every process it starts, it ends.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, ClassVar

from msgspec.structs import replace as changed

from app import App, initialise, open_app
from settings import Settings, read_settings
from storage import sqlite
from tests.acceptance import forked
from tests.acceptance.forked import Forked
from workflow.commands import Fire, Outcome, Place
from workflow.history import HistoryEntry

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "operators.cli")
RUNNER = (sys.executable, str(ROOT / "runner.py"))
PATIENCE_S = 60.0
LONGEST_S = 300.0
"""So long one command may take."""

HOST = {
    "territory": "75",
    "host_name": "Ville de Testville",
    "host_siret": "13002603200016",
    "host_type": "COMMUNE",
}

# Each change's line has a state to which it led.
CHANGE = "to_state"

Line = dict[str, Any]


def moment(text: str) -> datetime:
    """An instant as JSON has it."""
    return datetime.fromisoformat(text)


def told(history: list[HistoryEntry]) -> list[HistoryEntry]:
    """A history without what depends on when the daemon ran: law 1 holds of all the rest."""
    return [changed(entry, recorded_at=entry.occurred_at, prev="") for entry in history]


@dataclass(frozen=True)
class Said:
    """What one command answered, and how long it took."""

    code: int
    out: str
    err: str
    took_s: float

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Line]:
        """The log lines. Raises ValueError where something else was said."""
        return [json.loads(line) for line in self.err.splitlines()]


def until(holds: Callable[[], object]) -> None:
    """Ask again and again, and let others work in between. Raises AssertionError once that has gone on for too long."""
    pause, ends_at = threading.Event(), time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_at, "it has not come to pass"
        pause.wait(0.02)


class Daemon:
    """One process of the program whose log lines are read as they come."""

    def __init__(self, process: "subprocess.Popen[str] | Forked") -> None:
        assert process.stderr is not None
        self.process, self.raw = process, list[str]()
        self._news, self._ended = threading.Condition(), False
        self._reader = threading.Thread(target=self._listen, args=(process.stderr,))
        self._reader.start()

    def _listen(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                with self._news:
                    self.raw.append(line)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def lines(self) -> list[Line]:
        """All log lines so far. Raises ValueError where something else was said."""
        with self._news:
            return [json.loads(line) for line in self.raw]

    def wait_for(self, text: str, *, times: int = 1, patience_s: float = PATIENCE_S) -> Line:
        """The line in which `text` (an event's name, a key) stands for the nth time; fails where none comes."""
        with self._news:
            self._news.wait_for(lambda: self._ended or self._nth(text, times) is not None, patience_s)
            found = self._nth(text, times)
        assert found is not None, f"{text} was not said {times} times: {self.raw[-5:]}"
        return dict(json.loads(found))

    def _nth(self, text: str, times: int) -> str | None:
        if len(self.raw) < times:
            return None
        holding = [line for line in self.raw if text in line]
        return holding[times - 1] if len(holding) >= times else None

    def wait_for_lines(self, count: int) -> None:
        """Until so many lines were said, or the process has ended."""
        with self._news:
            self._news.wait_for(lambda: self._ended or len(self.raw) >= count, PATIENCE_S)

    def linger(self, seconds: float) -> bool:
        """Let time pass for a test that is about time; tells whether the process has ended."""
        with self._news:
            return self._news.wait_for(lambda: self._ended, seconds)

    def stop(self, number: int = signal.SIGTERM) -> Said:
        """Send a signal and take what the process leaves behind."""
        started_s = time.monotonic()
        self.process.send_signal(number)
        return self.end(started_s)

    def end(self, started_s: float | None = None) -> Said:
        """Wait for the process to end by itself."""
        since_s = time.monotonic() if started_s is None else started_s
        code = self.process.wait(PATIENCE_S)
        took_s = time.monotonic() - since_s
        self._reader.join(PATIENCE_S)
        assert self.process.stdout is not None
        with self.process.stdout as out:
            return Said(code, out.read(), "".join(self.raw), took_s)

    @property
    def cpu_s(self) -> float:
        """The processor time that the process has used (proc(5): fields 14 and 15, in ticks)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Site:
    """An installation in a directory of its own. `settings` are said to every program as PARCOURS_…

    `surroundings` are other variables of every program's environment; where it `starts` its programs, each is an
    interpreter of its own, which takes long; else they are forked. `mark` stands for a value in SQL.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    database_name: str = "parcours.db"
    surroundings: dict[str, str] = field(default_factory=dict)
    starts: bool = False
    mark: ClassVar = "?"

    @property
    def database(self) -> Path:
        return self.folder / self.database_name

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    def at(self, clock: str) -> "Site":
        """The same installation, its programs run by this sandbox clock."""
        return replace(self, settings={**self.settings, "clock": clock})

    def copy(self, folder: Path) -> "Site":
        """Another installation with the same content."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.database, folder / self.database.name)
        return replace(self, folder=folder, settings=dict(self.settings))

    def _environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARCOURS_")}
        said = {f"PARCOURS_{name.upper()}": value for name, value in self.settings.items()}
        kept |= self.surroundings
        return {**kept, "PYTHONPATH": str(ROOT), "PARCOURS_DATABASE_URL": self.url, "PARCOURS_LANG": "en", **said}

    def parcours(self, *words: str, code: int | None = 0) -> Said:
        """Run one command to its end; its exit code must be `code`."""
        started_s = time.monotonic()
        said = Said(*self._run(words), time.monotonic() - started_s)
        assert code is None or said.code == code, f"{words}: {said.code}\n{said.out}\n{said.err}"
        return said

    def _run(self, words: tuple[str, ...]) -> tuple[int, str, str]:
        if not self.starts:
            return forked.run(self._call(words), LONGEST_S)
        done = subprocess.run(
            [*PROGRAM, *words], env=self._environ(), cwd=self.folder, capture_output=True, text=True, timeout=LONGEST_S
        )
        return done.returncode, done.stdout, done.stderr

    def _call(self, words: tuple[str, ...]) -> forked.Call:
        loading = self.surroundings if "LD_PRELOAD" in self.surroundings else {}
        return forked.Call(words, self._environ(), self.folder, loading)

    def ask(self, *words: str) -> Any:
        """The answer of a command, as JSON."""
        return self.parcours(*words, "--json").json

    @contextmanager
    def program(self, *command: str) -> Iterator[Daemon]:
        """A program in the background, killed at the latest at the end of the context."""
        daemon = Daemon(self._start(command))
        try:
            yield daemon
        finally:
            if daemon.process.poll() is None:
                daemon.stop(signal.SIGKILL)

    def _start(self, command: tuple[str, ...]) -> "subprocess.Popen[str] | Forked":
        if not self.starts and command[: len(PROGRAM)] == PROGRAM:
            return forked.start(self._call(command[len(PROGRAM) :]))
        return subprocess.Popen(
            command,
            env=self._environ(),
            cwd=self.folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def running(self, *words: str) -> AbstractContextManager[Daemon]:
        """`parcours run` in the background."""
        return self.program(*PROGRAM, "run", *words)

    # Getting ready, in this process: a command takes a good part of a second to start.

    def init(self, *, sandbox: bool = False) -> "Site":
        """Initialised, a sandbox where that is said."""
        initialise(self._settings(), sandbox=sandbox)
        return self

    def open(self) -> App:
        """The application, in this process."""
        return open_app(settings=self._settings())

    def _settings(self) -> Settings:
        return read_settings({"database_url": self.url, **self.settings}, environ={})

    def place(self, reference: str, *, at: date | None = None) -> Outcome:
        """One placement."""
        with self.open() as app:
            return app.engine.place(Place(reference=reference, fields=HOST, actor="Ada", at=at))

    def fire(self, reference: str, trigger: str, role: str, **fields: str) -> Outcome:
        """One request, carried out."""
        with self.open() as app:
            command = Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=fields)
            return app.engine.fire(command)

    def history(self, reference: str) -> list[HistoryEntry]:
        with self.open() as app:
            return [stored.chained().entry for stored in app.queries.history(reference)]

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """A connection of another program, opened as the product opens its own."""
        with closing(sqlite.connect(sqlite.library(), self.database)) as connection:
            yield connection

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection() as connection:
            return [tuple(row) for row in connection.execute(statement, values).fetchall()]

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 # a table's name of ours

    @property
    def signing_key(self) -> Path:
        """The file of the key that signs checkpoints."""
        return self.database.with_name(f"{self.database.name}.signing-key")

    def damage(self, *statements: str) -> None:
        """Change rows as no program of ours would: without the database's own rules."""
        with self.lawless() as connection:
            for statement in statements:
                assert connection.execute(statement).rowcount > 0, statement

    def damage_facts(self, reference: str, changed: Callable[[str], str]) -> None:
        """Change the facts in a placement's row, as text."""
        with self.lawless() as connection:
            asked = f"SELECT facts FROM placement WHERE reference = {self.mark}"  # noqa: S608 # a mark of ours
            ((facts,),) = connection.execute(asked, (reference,)).fetchall()
            after = changed(bytes(facts).decode())
            assert after != bytes(facts).decode()
            written = f"UPDATE placement SET facts = {self.mark} WHERE reference = {self.mark}"  # noqa: S608
            connection.execute(written, (after.encode(), reference))

    @contextmanager
    def lawless(self) -> Iterator[Any]:
        """A connection on which the database's own rules do not hold."""
        with self.connection() as connection:
            triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            connection.execute("PRAGMA foreign_keys=OFF")
            for (name,) in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            yield connection

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that the database holds of placements, in an order that does not depend on who wrote first."""
        tables = ("placement", "history", "deadline", "outbox", "incident", "quota", "exclusive", "personal")
        return {table: self._content(table) for table in tables}

    def _content(self, table: str) -> list[tuple[Any, ...]]:
        # Rows of these two are numbered as they were written, which may be in another order.
        names = [name for _, name, *_ in self.rows(f"PRAGMA table_info({table})")]
        shown = [f'"{name}"' for name in names if not (name == "id" and table in ("history", "outbox"))]
        return self.rows(f"SELECT {', '.join(shown)} FROM {table} ORDER BY 1, 2, 3")  # noqa: S608

    def flush(self) -> None:
        """Put all of the database in its one file, so that it can be copied."""
        with self.connection() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        with self.connection() as connection:
            return list(sqlite.problems(lambda text: connection.execute(text).fetchall()))
