"""A cluster of PostgreSQL servers under Debian's Patroni, with one etcd, on this machine: its nodes die and come back.

Nothing of it stays when it ends. Knows nothing of the product.
"""

import http.client
import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from faults.harness import scratch
from faults.machine import Machine, wait_until
from tests.postgres import VARIABLE, account

NODES = 3
DATABASE = "parcours"
_HOST = "127.0.0.1"

# A failover within seconds: a leader whose lease ran out is replaced, and looked for every second.
_TIMES = {"ttl": 5, "loop_wait": 1, "retry_timeout": 2}
_SERVER = {
    "autovacuum": "off",
    "max_connections": 60,
    "shared_buffers": "32MB",
    "wal_keep_size": "512MB",
    "max_wal_size": "512MB",
    # What a killed server leaves of its memory lies in its own folder.
    "dynamic_shared_memory_type": "mmap",
    "log_min_messages": "warning",
}


_WAITS = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def server_programs() -> Path:
    """The folder of this machine's newest PostgreSQL server, or of the one that is named; there may be none in it."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    return found[-1] if found else Path("/usr/lib/postgresql/15/bin")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server((_HOST, 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@dataclass
class Node(Machine):
    """A machine with one server of the cluster, and the agent that keeps it."""

    port: int = 0
    rest: int = 0

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask this server. Raises psycopg.Error."""
        where = f"postgresql://postgres@{_HOST}:{self.port}/postgres?connect_timeout=2"
        with psycopg.connect(where, autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def is_primary(self) -> bool:
        """Whether this server takes changes."""
        return self._told("SELECT 1 WHERE NOT pg_is_in_recovery()")

    def is_waited_on(self) -> bool:
        """Whether somebody waits until a standby has what this server has committed; or it takes no more changes."""
        return self._told(f"SELECT 1 {_WAITS}") or not self.is_primary()

    def cancel_waits(self) -> bool:
        """Cancel all such waits, as an administrator may; tells whether there were any, or none can be."""
        return self._told(f"SELECT pg_cancel_backend(pid) {_WAITS}") or not self.is_primary()

    def _told(self, statement: str) -> bool:
        try:
            return bool(self.ask(statement))
        except psycopg.Error:
            return False

    def roles(self) -> dict[str, str]:
        """The cluster as this node's agent sees it: each node's role; empty where it does not answer."""
        connection = http.client.HTTPConnection(_HOST, self.rest, timeout=2)
        try:
            connection.request("GET", "/cluster")
            members = json.loads(connection.getresponse().read())["members"]
            return {member["name"]: member["role"] for member in members}
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return {}
        finally:
            connection.close()


@dataclass
class Cluster:
    """Its nodes; exactly one leads, most of the time."""

    nodes: Sequence[Node]
    synchronous: bool
    _dead: list[Node] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The database, on all hosts: whoever connects is led to the one that takes changes."""
        hosts = ",".join(f"{_HOST}:{node.port}" for node in self.nodes)
        return f"postgresql://postgres@{hosts}/{DATABASE}"

    def leader(self) -> Node | None:
        """The node that an agent takes for the leader, where it lives and takes changes."""
        alive = [node for node in self.nodes if node not in self._dead]
        for roles in (node.roles() for node in alive):
            for node in alive:
                if roles.get(node.name) == "leader" and node.is_primary():
                    return node
        return None

    def wait_for_leader(self) -> Node:
        """Wait until somebody leads. Raises TimeoutError."""
        return wait_until(self.leader, "a leader")

    def wait_until_whole(self) -> Node:
        """Wait until all follow the leader, one of them synchronously where that is wanted; gives the leader."""
        return wait_until(self._whole, "a whole cluster")

    def _whole(self) -> Node | None:
        leader = self.leader()
        others = ["replica"] * (NODES - 1)
        wanted = ["leader", *others[1:], "sync_standby"] if self.synchronous else ["leader", *others]
        if leader is None or self._dead or sorted(leader.roles().values()) != wanted:
            return None
        try:
            streaming = leader.ask("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'")
        except psycopg.Error:
            return None
        return leader if len(streaming) == NODES - 1 else None

    def silence(self, leader: Node) -> None:
        """Let the leader send nothing more to those who follow it: it lives on, and does not know."""
        for (pid,) in leader.ask("SELECT pid FROM pg_stat_replication"):
            os.kill(pid, signal.SIGSTOP)

    def kill(self, node: Node) -> None:
        """Let a node die."""
        self._dead.append(node)
        node.kill()

    def revive(self, node: Node) -> None:
        """Start a dead node again: its agent brings it back as one that follows."""
        node.start()
        self._dead.remove(node)

    def freeze(self, node: Node) -> None:
        """Let a node stand still: to others it is dead, and it does not know."""
        self._dead.append(node)
        node.freeze()

    def thaw(self, node: Node) -> None:
        """Let a node go on that still believes what it knew."""
        node.thaw()
        self._dead.remove(node)


@contextmanager
def running(*, synchronous: bool) -> Iterator[Cluster]:
    """A new cluster with an empty database, until the end of the context. Raises TimeoutError."""
    with scratch("cluster") as folder:
        owner = account(folder)
        ports = _free_ports(2 + 2 * NODES)
        nodes = [_node(folder, number, ports, owner, synchronous) for number in range(NODES)]
        machines = [_etcd(folder, ports, owner), *nodes]
        try:
            for machine in machines:
                machine.start()
            cluster = Cluster(nodes, synchronous)
            cluster.wait_until_whole().ask(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
            yield cluster
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {' | '.join(machine.last_words() for machine in machines)}") from error
        finally:
            for machine in reversed(machines):
                machine.kill()


def _etcd(folder: Path, ports: Sequence[int], owner: Mapping[str, Any]) -> Machine:
    client, peer = (f"http://{_HOST}:{port}" for port in ports[:2])
    words = {
        "name": "one", "data-dir": "data", "listen-client-urls": client, "advertise-client-urls": client,
        "listen-peer-urls": peer, "initial-advertise-peer-urls": peer, "initial-cluster": f"one={peer}",
        "log-level": "error",
    }  # fmt: skip
    command = [str(shutil.which("etcd")), *(f"--{name}={value}" for name, value in words.items())]
    return Machine(_home(folder, "etcd", owner), command, owner)


def _home(folder: Path, name: str, owner: Mapping[str, Any]) -> Path:
    home = folder / name
    home.mkdir(mode=0o700)
    if owner:
        os.chown(home, owner["user"], owner["group"])
    return home


def _node(folder: Path, number: int, ports: Sequence[int], owner: Mapping[str, Any], synchronous: bool) -> Node:
    home = _home(folder, f"node{number}", owner)
    port, rest = ports[2 + 2 * number : 4 + 2 * number]
    (home / "patroni.json").write_text(json.dumps(_config(home, port, rest, ports[0], synchronous)), "utf-8")
    return Node(home, [str(shutil.which("patroni")), "patroni.json"], owner, port=port, rest=rest)


def _config(home: Path, port: int, rest: int, etcd: int, synchronous: bool) -> dict[str, Any]:
    """Patroni's settings of one node: JSON is YAML too."""
    wanted = {
        **_TIMES,
        "synchronous_mode": synchronous,
        "synchronous_mode_strict": synchronous,
        "maximum_lag_on_failover": 1 << 30,
        "postgresql": {"use_pg_rewind": True, "parameters": _SERVER},
    }
    return {
        "scope": "parcours",
        "name": home.name,
        "restapi": {"listen": f"{_HOST}:{rest}", "connect_address": f"{_HOST}:{rest}"},
        "etcd3": {"host": f"{_HOST}:{etcd}"},
        "bootstrap": {"dcs": wanted, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"]},
        "postgresql": {
            "listen": f"{_HOST}:{port}",
            "connect_address": f"{_HOST}:{port}",
            "data_dir": str(home / "data"),
            "bin_dir": str(server_programs()),
            "pgpass": str(home / "pgpass"),
            "pg_hba": [f"host {database} all {_HOST}/32 trust" for database in ("all", "replication")],
            "parameters": {"unix_socket_directories": str(home)},
            "authentication": {"superuser": {"username": "postgres"}, "replication": {"username": "postgres"}},
            # Whoever cannot be brought back to where histories part is made anew, at once.
            "basebackup": [{"checkpoint": "fast"}],
            "remove_data_directory_on_rewind_failure": True,
            "remove_data_directory_on_diverged_timelines": True,
        },
    }
