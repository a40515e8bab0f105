"""PostgreSQL as this project needs it: how a connection is opened, what holds on it, and what its codes mean.

It knows nothing of tables. Loaded only for a URL that names such a database: its driver is an extra.
"""

import logging
import math
import time
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from workflow.errors import StoreUnavailable

# An untuned client waits for minutes on a connection that was cut in silence; a standby takes no writes.
_LIBPQ: Final[Mapping[str, str]] = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "target_session_attrs": "read-write",
    "application_name": "parcours",
}

# The same for the server's end (of a TCP connection): else it keeps the locks of a client that is gone for minutes.
_SERVER: Final[Mapping[str, str]] = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
}

# What it would warn of is told by us, as an error or not at all.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)


class Limits(NamedTuple):
    """How long one statement may take, an open transaction may do nothing, and it may last in all (None: for ever)."""

    statement: timedelta
    idle: timedelta
    whole: timedelta | None = None


# A large import thinks for minutes between its first statement and its last.
WRITING: Final = Limits(timedelta(seconds=60), timedelta(minutes=5), timedelta(minutes=30))
READING: Final = Limits(timedelta(minutes=10), timedelta(minutes=10))
WATCHING: Final = Limits(timedelta(seconds=10), timedelta(minutes=10))
UPGRADING: Final = Limits(timedelta(hours=2), timedelta(hours=2))

_WITH_WHOLE: Final = 170000

# The server ends a statement by itself; what it has not told by then it will not tell.
GRACE: Final = timedelta(seconds=5)


class Address(NamedTuple):
    """Where a database is: what libpq is told, and how sentences name it."""

    conninfo: str
    name: str


class Kind(Enum):
    """What an error of the server, or of the way to it, means."""

    INTERRUPTED = "interrupted"
    BUSY = "busy"
    BROKEN = "broken"
    DAMAGED = "damaged"
    UNAVAILABLE = "unavailable"


def address(url: str) -> Address:
    """Read a URL as libpq does. Raises StoreUnavailable where it cannot be read; what it says is not repeated."""
    try:
        said = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    except psycopg.ProgrammingError:
        raise StoreUnavailable("the database's URL cannot be read: write postgresql://user@host:5432/name") from None
    parameters = {**_LIBPQ, **{name: str(value) for name, value in said.items() if value is not None}}
    if "dbname" not in parameters:
        raise StoreUnavailable("the database's URL names no database: write postgresql://user@host:5432/name")
    return Address(make_conninfo(**parameters), _name(parameters))


def _name(parameters: Mapping[str, str]) -> str:
    hosts = parameters.get("host", "").split(",")
    ports = parameters.get("port", "").split(",")
    ports = ports if len(ports) == len(hosts) else ports * len(hosts)
    shown = ",".join(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=True))
    return f"postgresql://{shown if '/' not in shown else ''}/{parameters['dbname']}"


class Unreplicated(psycopg.OperationalError):
    """The server has committed, and told of it with a warning: no standby has what it was to wait for."""


class Connection(psycopg.Connection[Any]):
    """A connection that waits no longer than `longest_silence_s` for a word of the server, and hears its warnings.

    The system's own timers see only whether bytes arrive: a frozen server, or a pooler whose server is gone, takes all
    of them and never answers. A server that commits, but gives up waiting for its standby, reports success after a
    warning: here that commit fails. It has no other reason to warn.
    """

    longest_silence_s = math.inf

    def commit(self) -> None:
        levels: list[str | None] = []

        def hear(notice: psycopg.errors.Diagnostic) -> None:
            # Its content lives no longer than this call.
            levels.append(notice.severity_nonlocalized)

        self.add_notice_handler(hear)
        try:
            super().commit()
        finally:
            self.remove_notice_handler(hear)
        if "WARNING" in levels:
            raise Unreplicated("no standby has confirmed what was committed")

    def wait(self, gen: PQGen[RV], *how: Any, **named: Any) -> RV:
        """As the driver's own. Raises psycopg.OperationalError after such a silence; the connection is closed then."""
        return super().wait(self._unless_silent(gen), *how, **named)

    def _unless_silent(self, gen: PQGen[RV]) -> PQGen[RV]:
        heard_s = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                # The driver looks up every tenth of a second, then with nothing ready.
                ready = yield wanted
                if ready:
                    heard_s = time.monotonic()
                elif time.monotonic() - heard_s > self.longest_silence_s:
                    self.close()
                    raise psycopg.OperationalError(f"no answer for {self.longest_silence_s:.0f} seconds")
                wanted = gen.send(ready)
        except StopIteration as ended:
            done: RV = ended.value
            return done


def connect(where: Address, limits: Limits, patience: timedelta, *, read_only: bool = False) -> Any:
    """Open a connection whose transactions are as we want them, whatever the server or the role has for default."""
    connection: Any = Connection.connect(where.conninfo, autocommit=True)
    connection.longest_silence_s = (limits.statement + GRACE).total_seconds()
    try:
        _prepare(connection, limits, patience)
    except BaseException:
        connection.close()
        raise
    level = psycopg.IsolationLevel
    # A view must not change under its reader; a writer locks the rows that it decides on, and reads them as they are.
    connection.isolation_level = level.REPEATABLE_READ if read_only else level.READ_COMMITTED
    connection.read_only = read_only
    connection.autocommit = False
    return connection


def _prepare(connection: Any, limits: Limits, patience: timedelta) -> None:
    wanted = {
        "synchronous_commit": "on",
        "lock_timeout": _milliseconds(patience),
        "statement_timeout": _milliseconds(limits.statement),
        "idle_in_transaction_session_timeout": _milliseconds(limits.idle),
        **_SERVER,
        # A commit that no standby has is told of by a warning.
        "client_min_messages": "warning",
        "client_encoding": "UTF8",
        "TimeZone": "UTC",
    }
    # A writer that is stopped between pipelined statements is neither idle nor at one, and keeps its locks.
    if limits.whole is not None and connection.info.server_version >= _WITH_WHOLE:
        wanted["transaction_timeout"] = _milliseconds(limits.whole)
    calls = ", ".join("set_config(%s, %s, false)" for _ in wanted)
    connection.execute(f"SELECT {calls}", [part for pair in wanted.items() for part in pair])


def _milliseconds(length: timedelta) -> str:
    return str(max(1, round(length.total_seconds() * 1000)))


def code_of(error: BaseException | None) -> str:
    """The SQLSTATE of an error of the driver (PostgreSQL, appendix A); empty where it carries none."""
    return str(getattr(error, "sqlstate", None) or "") if isinstance(error, psycopg.Error) else ""


def is_ours(error: BaseException | None) -> bool:
    """Whether an error came from the driver."""
    return isinstance(error, psycopg.Error)


_INTERRUPTED = ("40001", "40P01", "57P01", "57P02", "57P05")
_BUSY = ("55P03", "57014", "53300", "57P03")


def kind_of(error: BaseException | None) -> Kind:
    """What an error means, by its code. A connection that was lost has none, or one of class 08 or 57P."""
    if isinstance(error, Unreplicated):
        return Kind.UNAVAILABLE
    code = code_of(error)
    if code in _INTERRUPTED or code.startswith("08"):
        return Kind.INTERRUPTED
    if code in _BUSY:
        return Kind.BUSY
    if code.startswith("XX"):
        return Kind.DAMAGED
    if code.startswith("23"):
        return Kind.BROKEN
    lost = not code and isinstance(error, psycopg.OperationalError)
    return Kind.INTERRUPTED if lost else Kind.UNAVAILABLE


def sentence_of(error: BaseException | None) -> str:
    """The error's message without what it quotes of rows: its first line, or the constraint that it names."""
    diagnosis = getattr(error, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    if constraint:
        return f"constraint {constraint}"
    lines = str(getattr(diagnosis, "message_primary", None) or error or "").strip().splitlines()
    return lines[0].strip() if lines else "no more is known"
