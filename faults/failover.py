"""T10: the leader of a cluster dies while operators ask and daemons fire, and another one takes over: nothing is lost.

One leader in four is first cut off from those who follow it, and somebody cancels what waits for them: so it dies with
commits that only it has. One in four does not die: it stands still until another leads, and wakes up believing that it
does. The control has a cluster that replicates asynchronously: what only the dead one had was acknowledged there.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from app import App, seal, verify
from faults import cluster, office
from faults.cluster import Cluster, Node, server_programs
from faults.harness import Row, Tally, scratch
from faults.machine import wait_until
from faults.operator_threads import Operator, Told, lost, refused_and_there
from tests.acceptance.driver import CHANGE, Daemon, Said, Site
from tests.checker import Checker
from workflow.history import ChainedEntry

OPERATORS, DAEMONS = 4, 2
_CLOCK = "2021-03-01T08:00:00Z*86400"
"""A day in a second: who is shown has to be selected within fifteen."""

_BETWEEN = 40
"""So many changes are acknowledged before a leader dies, and by the next one before the dead one comes back."""

Histories = dict[str, list[ChainedEntry]]


@dataclass
class ClusterSite(Site):
    """An installation whose placements lie on a cluster."""

    servers: Cluster | None = None

    @property
    def url(self) -> str:
        if self.servers is None:
            raise RuntimeError("there is no cluster")
        return self.servers.url


@dataclass
class Crowd:
    """Who asks and who fires while leaders die."""

    operators: Sequence[Operator]
    daemons: Sequence[Daemon]

    @property
    def told(self) -> list[Told]:
        return [operator.told for operator in self.operators]

    def wait_for(self, more: int) -> None:
        """Wait until so many changes more are acknowledged. Raises TimeoutError."""
        wanted = self.acknowledged + more
        wait_until(lambda: self.acknowledged >= wanted, f"{more} acknowledged changes")

    @property
    def acknowledged(self) -> int:
        """How many changes were acknowledged so far."""
        return sum(len(told.answers) for told in self.told)

    def end(self) -> None:
        """Let the operators learn what they have asked for, and ask no more."""
        for operator in self.operators:
            operator.end()


@contextmanager
def _crowd(site: Site) -> Iterator[Crowd]:
    """Operators and daemons at work; the operators have ended at the end of the context."""
    with ExitStack() as stack:
        apps = [stack.enter_context(site.open()) for _ in range(OPERATORS)]
        operators = [Operator(app, f"O{number}") for number, app in enumerate(apps)]
        daemons = [stack.enter_context(site.running()) for _ in range(DAEMONS)]
        for daemon in daemons:
            # One that cannot open its database at the start ends, as any command does.
            daemon.wait_for("runner.started")
        for operator in operators:
            operator.start()
            stack.callback(operator.end)
        yield Crowd(operators, daemons)


@contextmanager
def _office(*, synchronous: bool) -> Iterator[tuple[Cluster, Site]]:
    """A new cluster, and an installation on it."""
    with scratch("failover") as folder, cluster.running(synchronous=synchronous) as servers:
        files = {"signing_key": str(folder / "signing-key"), "erasure_register": str(folder / "erasures.jsonl")}
        site = ClusterSite(folder, {**files, "clock": _CLOCK, "seal_interval_s": "2"}, servers=servers)
        yield servers, site.init(sandbox=True)


def run(count: int) -> Tally:
    """So many leaders fall out, one after the other."""
    try:
        return _disturbed(count)
    except TimeoutError as error:
        return Tally(count, (str(error),))


def _disturbed(count: int) -> Tally:
    with _office(synchronous=True) as (servers, site):
        with _crowd(site) as crowd:
            for number in range(count):
                _fail_over(servers, crowd, number)
            ended = _ended(site, crowd)
        found = [*office.manners(ended), *_compared(site, crowd.told, ended)]
    return Tally(count, tuple(found), _figures(crowd.told, ended))


def _fail_over(servers: Cluster, crowd: Crowd, number: int) -> None:
    """Let the leader fall out under load, and come back once the next one leads."""
    leader = servers.wait_until_whole()
    crowd.wait_for(_BETWEEN)
    if number % 4 == 3:
        servers.freeze(leader)
        servers.wait_for_leader()
        # Who asked the old one waits for its answer, as long as its machine keeps the connection.
        servers.thaw(leader)
    else:
        _die(servers, leader, cut_off=number % 4 == 1)
        servers.wait_for_leader()
        crowd.wait_for(_BETWEEN)
        servers.revive(leader)


def _die(servers: Cluster, leader: Node, *, cut_off: bool) -> None:
    if cut_off:
        servers.silence(leader)
        wait_until(leader.cancel_waits, "somebody who waits for the standby")
        wait_until(leader.is_waited_on, "somebody who waits for the standby again")
    servers.kill(leader)


def control() -> Tally:
    """One leader dies that has acknowledged what it had sent to nobody: of all acknowledged changes, those lost."""
    with _office(synchronous=False) as (servers, site), _crowd(site) as crowd:
        leader = servers.wait_until_whole()
        crowd.wait_for(_BETWEEN)
        servers.silence(leader)
        crowd.wait_for(_BETWEEN)
        servers.kill(leader)
        servers.wait_for_leader()
        crowd.end()
        with site.open() as app:
            histories = _histories(app)
    found = chain.from_iterable(lost(told, histories) for told in crowd.told)
    return Tally(crowd.acknowledged, tuple(found))


def _ended(site: Site, crowd: Crowd) -> list[Said]:
    """End the operators, let the daemons do what is due by then, and end them."""
    crowd.end()
    with site.open() as app:
        over = app.clock.now()
        wait_until(lambda: _is_swept(app, over), "a daemon that sweeps after the last failover")
    return [daemon.stop() for daemon in crowd.daemons]


def _is_swept(app: App, until: datetime) -> bool:
    wake_at = app.engine.next_wake()
    return wake_at is None or wake_at > until


def _compared(site: Site, told: Sequence[Told], ended: Sequence[Said]) -> Iterator[str]:
    with site.open() as app:
        still = site.at(app.clock.now().isoformat())
    with still.open() as app:
        app.engine.sweep()
        histories = _histories(app)
        yield from chain.from_iterable(each.wrong for each in told)
        yield from _lost(told, ended, histories)
        yield from chain.from_iterable(refused_and_there(each, histories) for each in told)
        yield from _whole(app, list(histories))
    for command in (("doctor",), ("audit", "verify")):
        said = still.parcours(*command, code=None)
        if said.code:
            yield f"{' '.join(command)} ended with {said.code}: {said.out[-400:]}{said.err[-400:]}"


def _histories(app: App) -> Histories:
    return {name: [stored.chained() for stored in app.queries.history(name)] for name in office.references(app)}


def _whole(app: App, names: Sequence[str]) -> Iterator[str]:
    yield from Checker(app.engine, app.store, names, canaries=[office.CANARY]).faults(app.clock.now())
    yield from app.queries.integrity()
    yield from (f"incident: {each.message}" for each in app.queries.incidents())
    seal(app)
    yield from (fault.sentence("en") for fault in verify(app, None, None, lambda count: None).faults)


def _lost(told: Sequence[Told], ended: Sequence[Said], histories: Histories) -> Iterator[str]:
    """What operators were told, or a daemon has said in its log, and is not there."""
    yield from chain.from_iterable(lost(each, histories) for each in told)
    there = {(name, item.entry.seq, item.entry.to_state) for name, items in histories.items() for item in items}
    for line in (line for said in ended for line in said.lines if CHANGE in line):
        if (line["reference"], line["seq"], line[CHANGE]) not in there:
            yield f"a daemon said that {line['reference']} went to {line[CHANGE]}, and entry {line['seq']} is not there"


def _figures(told: Sequence[Told], ended: Sequence[Said]) -> str:
    acknowledged, unknown = (sum(numbers) for numbers in zip(*((len(t.answers), t.unknown) for t in told), strict=True))
    fired = sum(CHANGE in line for said in ended for line in said.lines)
    longest_s = max(each.longest_s for each in told)
    return (
        f"{acknowledged:,} changes acknowledged to {OPERATORS} operators after {unknown} unknown outcomes, "
        f"all known within {longest_s:.0f} s; {fired:,} by {DAEMONS} daemons"
    )


ROW = Row(
    name="T10",
    fault="the leader of a cluster with synchronous replication dies or stands still, and another one takes over",
    run=run,
    defect="asynchronous replication",
    control=control,
    sample=0,
    usual=3,
    many=200,
    needs=("patroni", "etcd", str(server_programs() / "pg_ctl")),
    named_only=True,
)
