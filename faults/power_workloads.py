"""What is recorded for power cuts: commands one after the other, each a process of its own, with all that they write.

It says what was there before and after each, and refuses to know what a disk makes of it.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faults import office
from faults.disk import Call, Disk, Say
from faults.harness import replaced
from faults.office import COMMANDS, HOST, Command
from faults.program import Said, forked
from faults.recorded import TRACED, Recorder
from storage import sqlite, sqlite_database
from tests.acceptance.driver import Site
from workflow.clock import VirtualClock
from workflow.commands import Fire, Place

_BY_NAME = {command.name: command for command in COMMANDS}
_BATCH, _OVERDUE = 12, "2021-04-05T09:00:00Z"
_OUT, _ERR = 1, 2


@dataclass(frozen=True)
class Workload:
    """Commands in the order in which they are asked. `pragmas`: what the product sets otherwise on its connections.

    `truncating`: as with a SQLite library that cannot be trusted with a write-ahead log; `in_use`: another program has
    the database open meanwhile, so that no command brings the log into the database by ending. `further`: what goes on
    (of `office.ends`) where a command is asked that was done already.
    """

    name: str
    commands: tuple[Command, ...]
    begin: Callable[[Path], Site] = office.make
    pragmas: Mapping[str, str] = field(default_factory=dict)
    truncating: bool = False
    in_use: bool = False
    further: tuple[str, ...] = ()

    @contextmanager
    def settings(self) -> Iterator[None]:
        """The product as it is meant here."""
        with ExitStack() as stack:
            pairs = dict(pragma.split("=") for pragma in sqlite._PRAGMAS) | dict(self.pragmas)
            stack.enter_context(replaced(sqlite, "_PRAGMAS", tuple(f"{name}={to}" for name, to in pairs.items())))
            if self.truncating:
                stack.enter_context(replaced(sqlite, "wal_is_safe", lambda version: False))
                stack.enter_context(replaced(sqlite_database, "_warn_where_downgraded", lambda version, mode: None))
            yield


@dataclass(frozen=True)
class Step:
    """One command of a recording: its calls are those from `first` on, before `end`.

    `before` and `after`: what the office had come to, None where there was none yet. `gone`: keys that no file may hold
    once the command is acknowledged; `gone_before`: already before that.
    """

    command: Command
    first: int
    end: int
    before: Mapping[str, object] | None
    after: Mapping[str, object]
    files_before: Mapping[str, bytes]
    files_after: Mapping[str, bytes]
    gone_before: frozenset[bytes]
    gone: frozenset[bytes]

    @property
    def erases(self) -> bool:
        """Whether keys of personal values are gone afterwards."""
        return self.gone != self.gone_before


@dataclass(frozen=True)
class Recording:
    """A workload that was run to its end."""

    workload: Workload
    site: Site
    files: Mapping[str, bytes]
    calls: Sequence[Call]
    steps: Sequence[Step]

    def step_at(self, moment: int) -> Step:
        """The command that was under way, or had ended last, after so many calls."""
        return next(step for step in reversed(self.steps) if step.first <= moment)

    def is_acknowledged(self, moment: int) -> bool:
        """Whether that command had said yes by then."""
        step = self.step_at(moment)
        said = {_OUT: b"", _ERR: b""}
        for call in self.calls[step.first : moment]:
            if isinstance(call, Say):
                said[call.stream] += call.data
        return office.is_acknowledged(Said(0, said[_OUT].decode(), said[_ERR].decode()))


def is_volatile(name: str) -> bool:
    """What a cut leaves nothing of that matters: SQLite makes its index of the log anew; answers are no files."""
    return name.endswith("-shm") or name in ("stdout", "stderr")


def record(workload: Workload, folder: Path) -> Recording:
    """Run a workload, and follow what it does to the disk. Raises RuntimeError where that cannot be followed."""
    folder.mkdir()
    with workload.settings():
        site = workload.begin(folder / "office")
        files = _files(site.folder)
        recorder, calls = Recorder(site.folder, files, is_volatile), list[Call]()
        states, steps = [_State.of(site, files, folder / "state")], list[Step]()
        with _held_open(site) if workload.in_use else ExitStack():
            for number, command in enumerate(workload.commands):
                first = len(calls)
                calls += _calls(site, command, recorder, folder / f"trace-{number}")
                found = Disk.before(files, calls).running()
                if found != _files(site.folder):
                    raise RuntimeError(f"the calls of {command.name} do not give the files that are there")
                states.append(_State.of(site, found, folder / f"state-{number}"))
                steps.append(_step(command, (first, len(calls)), states))
    return Recording(workload, site, files, calls, steps)


@dataclass(frozen=True)
class _State:
    files: Mapping[str, bytes]
    ends: Mapping[str, object] | None
    keys: frozenset[bytes]

    @classmethod
    def of(cls, site: Site, files: Mapping[str, bytes], folder: Path) -> "_State":
        if site.database_name not in files:
            return cls(files, None, frozenset())
        copy = put(site, files, folder)
        with closing(sqlite.connect(sqlite.library(), copy.database)) as connection:
            keys = frozenset(row[0] for row in connection.execute("SELECT key FROM person_key"))
        return cls(files, office.ends(copy), keys)


def _step(command: Command, calls: tuple[int, int], states: Sequence[_State]) -> Step:
    *_, before, after = states
    if after.ends is None:
        raise RuntimeError(f"{command.name} left no database")
    ever = frozenset[bytes]().union(*(state.keys for state in states[:-1]))
    gone = (ever - before.keys, ever - after.keys)
    return Step(command, *calls, before.ends, after.ends, before.files, after.files, *gone)


def put(site: Site, files: Mapping[str, bytes], folder: Path) -> Site:
    """An installation with these files."""
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o600)
    return Site(folder, dict(site.settings), site.database_name)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not is_volatile(path.name)}


def _calls(site: Site, command: Command, recorder: Recorder, trace: Path) -> list[Call]:
    answer = forked(site, *command.words, trace=trace, recorded=TRACED)
    if answer.code or not office.is_acknowledged(answer):
        raise RuntimeError(f"{command.name} cannot be recorded: {answer}")
    return list(recorder.calls(trace))


@contextmanager
def _held_open(site: Site) -> Iterator[None]:
    """Another process has the database open, and neither reads nor writes."""
    fork = multiprocessing.get_context("fork")
    is_open, may_close = fork.Event(), fork.Event()

    def hold() -> None:
        with closing(sqlite.connect(sqlite.library(), site.database)) as connection:
            connection.execute("SELECT count(*) FROM placement").fetchone()
            is_open.set()
            may_close.wait()

    process = fork.Process(target=hold, daemon=True)
    process.start()
    if not is_open.wait(60):
        raise RuntimeError("the database cannot be held open")
    try:
        yield
    finally:
        may_close.set()
        process.join()


def _with_batch(folder: Path) -> Site:
    """The office at a later moment, when most is overdue, and a dozen more placements that are."""
    site = office.make(folder)
    with site.open() as app:
        engine = type(app.engine)(app.store, VirtualClock(office.BEGUN))
        for number in range(_BATCH):
            reference = f"D-{number}"
            shown = {"candidate_ref": f"C-D{number}", "candidate_name": office.CANARY}
            engine.place(Place(reference=reference, fields={"territory": "75", **HOST}, actor="Ada"))
            for trigger, role, fields in (
                ("grant_post", "anct", {"granted_on": "2021-03-01"}),
                ("show_candidate", "platform", shown),
            ):
                engine.fire(Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=fields))
    site.flush()
    return site.at(_OVERDUE)


def _nothing(folder: Path) -> Site:
    return office.empty(Site(folder).at(office.NOW), folder)


def _place(reference: str) -> Command:
    words = (word.replace("A-9", reference).replace("k-place", f"k-{reference}") for word in _BY_NAME["place"].words)
    return Command(f"place {reference}", tuple(words))


def _some(*names: str) -> tuple[Command, ...]:
    return tuple(_BY_NAME[name] for name in names)


_NOTE = Command("note", ("note", "A-9", f"{office.CANARY} called", "--key", "k-note"))
_ROTATE = Command("audit key rotate", ("audit", "key", "rotate", "--reason", "due"))
_ERASE = Command("person erase A-9", tuple(word.replace("A-3", "A-9") for word in _BY_NAME["person erase"].words))
_REQUESTS = (*_some("place", "fire"), _place("A-10"), *_some("reverse"), _NOTE, _ERASE, _place("A-11"))
_FULL_EARLY = {"wal_autocheckpoint": "20"}
"""So many pages that the log is brought into the database, and begun anew, between a few commands."""

REQUESTS = Workload("requests while the database is in use", _REQUESTS, pragmas=_FULL_EARLY, in_use=True)
WORKLOADS = (
    REQUESTS,
    Workload("a sweep of a batch", _some("run --once"), begin=_with_batch),
    Workload("import, seal, erasure, seal", _some("import", "audit seal", "person erase", "audit seal")),
    Workload("requests with a rollback journal", _REQUESTS, truncating=True),
    Workload("init", _some("init"), begin=_nothing),
    Workload("another signing key", (*_some("audit seal"), _ROTATE), further=("sealed",)),
)
