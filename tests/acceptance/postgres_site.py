"""An installation whose placements lie on a PostgreSQL server; its files lie in a directory of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from app import initialise, open_app
from tests.acceptance.driver import Site
from tests.postgres import Server, fresh_name


@dataclass
class PostgresSite(Site):
    """As any other; `on` is the server and the database's name there."""

    on: tuple[Server, str] | None = None
    mark: ClassVar = "%s"

    @property
    def server(self) -> Server:
        assert self.on is not None
        return self.on[0]

    @property
    def name(self) -> str:
        assert self.on is not None
        return self.on[1]

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def copy(self, folder: Path) -> "PostgresSite":
        name = fresh_name()
        folder.mkdir(parents=True, exist_ok=True)
        self.server.create(name, self.name)
        # Each database has the key, and remembers its own checkpoint beside it.
        for file in self.folder.glob("signing-key*"):
            shutil.copyfile(file, folder / file.name)
        return replace(self, folder=folder, settings={**self.settings, **_files(folder)}, on=(self.server, name))

    @contextmanager
    def connection(self) -> Iterator[Any]:
        with self.server.connect(self.name) as connection:
            yield connection

    @property
    def signing_key(self) -> Path:
        return Path(self.settings["signing_key"])

    @contextmanager
    def lawless(self) -> Iterator[Any]:
        with self.connection() as connection:
            connection.execute("SET session_replication_role = replica")
            yield connection

    def _content(self, table: str) -> list[tuple[Any, ...]]:
        columns = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
        names = [name for (name,) in self.rows(columns, table)]
        shown = [f'"{name}"' for name in names if not (name == "id" and table in ("history", "outbox"))]
        return self.rows(f"SELECT {', '.join(shown)} FROM {table} ORDER BY 1, 2, 3")  # noqa: S608

    def flush(self) -> None:
        """Nothing has to be: a database is copied by its server."""

    def problems(self) -> list[str]:
        with open_app(settings=self._settings()) as app:
            return list(app.queries.integrity())


def new_site(server: Server, folder: Path, **settings: str) -> PostgresSite:
    """A database of its own, with nothing in it yet."""
    name = fresh_name()
    server.create(name)
    return PostgresSite(folder, {**_files(folder), **settings}, on=(server, name))


def _files(folder: Path) -> dict[str, str]:
    """Named, since in this process the present directory is that of the tests."""
    return {"signing_key": str(folder / "signing-key"), "erasure_register": str(folder / "erasures.jsonl")}


def initialised(site: PostgresSite, *, sandbox: bool, definition: Path | None = None) -> PostgresSite:
    """The same with its schema, and a definition published."""
    settings = site._settings()
    chosen = settings if definition is None else settings.model_copy(update={"definition": definition})
    initialise(chosen, sandbox=sandbox)
    return site
