"""Makes the record of a definition: chooses the situations, the requests and those that differ from them in one thing.

What comes of them is then played, by the code that compares it later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from rehearsal.boundaries import boundaries, looks_up
from rehearsal.days import beginning
from rehearsal.edges import meeting_steps
from rehearsal.exploring import Map, Move, Situation, Step, next_moment, standing
from rehearsal.finding import FREE_REASON, Finder
from rehearsal.full_ways import recorded_on
from rehearsal.judging import Bench
from rehearsal.openings import opening_of
from rehearsal.playing import play
from rehearsal.record import FORMAT, Asked, Placed, Record, Rival, Seen, Try
from rehearsal.refusing import other_placings
from rehearsal.replaying import Astray, Changes, Player
from rehearsal.stage import Stage
from rehearsal.values import amount, candidates, required, rows_of, territories
from workflow.definition import SUPERVISOR, Definition, Field, Table, Transition
from workflow.placing import waiting_fields


def recorded(found: Map, player: Player) -> Record:
    """The record of a definition."""
    record = _begun(found, player)
    _Plan(record, player).everything(found)
    for shown in play(record, player.published):
        shown.keep()
    return record


def _begun(found: Map, player: Player) -> Record:
    definition, first = player.definition, found.situations[0]
    bench = Bench(first.stage)
    samples = {name: candidates(bench, spec)[0] for name, spec in definition.fields.items() if name != "territory"}
    return Record(
        format=FORMAT,
        definition=definition.name,
        version=definition.version,
        placed_at=_text(first.step.at),
        usual=dict(first.step.fields or {}),
        samples={**samples, "territory": "75"},
        placings=[Placed(dict(fields)) for fields in _placings(definition)],
    )


def _placings(definition: Definition) -> Iterator[Mapping[str, str | None]]:
    """The usual values, each required one left out, other choices and bounds, beyond the bounds, each territory."""
    yield {}
    yield from ({name: None} for name in required(definition))
    yield from other_placings(definition)
    yield from ({"territory": code} for code in territories())
    waiting = waiting_fields(definition)
    for name, spec in definition.fields.items():
        yield from ({name: value} for value in _beyond(spec) if name not in waiting)


def _beyond(spec: Field) -> list[str]:
    """The ends of a number or amount, and what lies just beyond them."""
    if spec.type not in ("integer", "money"):
        return []
    ends = [
        end + beyond for end, out in ((spec.minimum, -1), (spec.maximum, 1)) if end is not None for beyond in (0, out)
    ]
    return [amount(spec, end) for end in ends]


class _Plan:
    """The situations of a record, as they are added; what was varied once is not varied again."""

    def __init__(self, record: Record, player: Player) -> None:
        self.record, self.player = record, player
        self._varied: set[tuple[str, int, str]] = set()
        self._taken: set[tuple[str, int]] = set()

    def everything(self, found: Map) -> None:
        for situation in found.situations:
            self._situation(situation)
        self._rivals(found)
        self._openings(found)
        self._territories(found)
        self._full(found)

    def _situation(self, situation: Situation) -> None:
        seen = _seen(situation.number, situation.parent.number if situation.parent else None, situation.step)
        moves = [move for move in situation.moves.values() if move.found is not None]
        seen.asks = [each for move in moves for each in (self._asked(situation, move), *self._later(situation, move))]
        seen.asks += self._refused(situation, {move.edge[:2] for move in moves})
        asked = {each.ask for each in seen.asks}
        seen.elsewhere = {name: "" for name in self.player.definition.transitions if name not in asked}
        seen.alone = []
        self.record.situations.append(seen)

    def _asked(self, situation: Situation, move: Move) -> Asked:
        ask, transition = move.step.ask, self.player.transition(move.edge)
        asked = Asked(ask=transition.trigger, at=_text(move.step.at))
        if ask is not None:
            asked.role, asked.fields, asked.reason = ask.role, dict(ask.fields), ask.reason
        key = (*move.edge[:2], situation.state)
        if key not in self._varied:
            self._varied.add(key)
            stage = situation.stage.fork()
            stage.wait_until(move.step.at)
            if move.edge[:2] not in self._taken:
                self._taken.add(move.edge[:2])
                asked.takes = [*transition.needs, *transition.takes]
            asked.tries = _each_once(self._tries(stage, move, transition))
        return asked

    def _later(self, situation: Situation, move: Move) -> Iterator[Asked]:
        """The same on the last day, and the day after, of each clock that runs, where a condition asks for the day."""
        transition, ask = self.player.transition(move.edge), move.step.ask
        if ask is None or transition.dated_by is not None or not _asks_for_the_day(transition):
            return
        for run in situation.stage.facts().occurrences.values():
            ahead = (run.last_day - situation.stage.today()).days
            for days in (ahead, ahead + 1) if run.closed is None else ():
                at = next_moment(situation.stage, days)
                if days >= 1 and at != move.step.at:
                    yield Asked(ask.trigger, _text(at), ask.role, dict(ask.fields), ask.reason)

    def _refused(self, situation: Situation, granted: set[tuple[str, int]]) -> Iterator[Asked]:
        at = next_moment(situation.stage)
        later = situation.stage.fork()
        later.wait_until(at)
        names = {trigger for trigger, _ in granted}
        finder = Finder(Bench(later))
        for transition in standing(later):
            if transition.trigger not in names:
                names.add(transition.trigger)
                ask = finder.plain(transition)
                yield Asked(transition.trigger, _text(at), ask.role, dict(ask.fields), ask.reason)

    def _tries(self, stage: Stage, move: Move, transition: Transition) -> Iterator[Try]:
        ask = move.step.ask
        if ask is None:
            return
        definition = self.player.definition
        yield from (Try("as", role) for role in ("", *definition.roles, SUPERVISOR) if role != ask.role)
        yield from (Try("without", name) for name in ask.fields)
        yield Try("reason", None if ask.reason else FREE_REASON)
        for name in (*transition.needs, *transition.takes):
            yield from (Try("with", {name: value}) for value in self._values(stage, ask.fields, name))
        needed: dict[str, str | int] = {name: ask.fields[name] for name in transition.needs if name in ask.fields}
        for name in transition.takes:
            yield from (Try("only", {**needed, name: value}) for value in self._values(stage, {}, name)[:1])
        yield from (Try("with", dict(said)) for said in boundaries(stage, ask, transition))
        for name in (*transition.needs, *transition.takes):
            yield from (Try("with", {name: value}) for value in _beyond(definition.fields[name]))
        for quota in definition.quotas.values():
            if quota.limit is not None and quota.taken_by == transition.trigger:
                yield from (Try("used", {quota.name: used}) for used in (quota.limit - 1, quota.limit))

    def _values(self, stage: Stage, fields: Mapping[str, str], name: str) -> list[str]:
        spec = self.player.definition.fields[name]
        tried = candidates(Bench(stage), spec)
        most = len(tried) if spec.type == "choice" else 3
        return [value for value in tried[:most] if value != fields.get(name)]

    # Ways of their own

    def _openings(self, found: Map) -> None:
        for spec in self.player.definition.deadlines.values():
            opening = opening_of(found, self.player, spec)
            if opening is None:
                continue
            try:
                stage, steps = self.player.replayed(opening.way, opening.changes)
            except Astray:
                continue
            self._chain(steps)
            if spec.until is not None:
                self._chain([*steps, *meeting_steps(stage, self.player, spec)])

    def _territories(self, found: Map) -> None:
        """The way on which most clocks run, in each territory, as far as it leads there."""
        longest = max(found.situations, key=lambda each: (len(_running(each)), -each.depth))
        for code in territories()[1:]:
            changes = Changes(beginning(self.player.definition, code), {"territory": code})
            for length in range(len(longest.way), 0, -1):
                try:
                    _, steps = self.player.replayed(longest.way[:length], changes)
                except Astray:
                    continue
                self._chain(steps)
                break
        for table in self.player.definition.tables.values():
            for code in _columns(table):
                self._looked_up(found, code)

    def _looked_up(self, found: Map, code: str) -> None:
        """What looks up a table, in a territory: granted or not, and where it turns."""
        changes = Changes(beginning(self.player.definition, code), {"territory": code})
        for situation in found.situations:
            for move in situation.moves.values():
                if move.found is None or not looks_up(self.player.transition(move.edge)):
                    continue
                try:
                    stage, steps = self.player.replayed(situation.way, changes)
                except Astray:
                    continue
                self._asked_there(stage, steps, move)
                return

    def _asked_there(self, stage: Stage, steps: Sequence[Step], move: Move) -> None:
        seen = self.record.situations[self._chain(steps)]
        at = next_moment(stage)
        later = stage.fork()
        later.wait_until(at)
        transition = self.player.transition(move.edge)
        finder = Finder(Bench(later))
        found = finder.granted(transition) or finder.closest
        if found is not None:
            asked = Asked(found.ask.trigger, _text(at), found.ask.role, dict(found.ask.fields), found.ask.reason)
            asked.tries = _each_once(Try("with", dict(said)) for said in boundaries(later, found.ask, transition))
            seen.asks.append(asked)

    def _full(self, found: Map) -> None:
        """The deepest ways once more, with all that may be recorded on them recorded as soon as it may."""
        longest = max(found.situations, key=lambda each: (len(_running(each)), each.depth))
        deepest = max(found.situations, key=lambda each: each.depth)
        for situation in {each.number: each for each in (longest, deepest)}.values():
            self._chain(list(recorded_on(situation.way, self.player)))

    def _chain(self, steps: Sequence[Step]) -> int:
        """A way of its own; as far as another one leads the same way, that one. Its end is left alone."""
        after: int | None = None
        for step in steps:
            seen = _seen(len(self.record.situations), after, step)
            same = (each for each in self.record.situations if _is_same(each, seen))
            known = next(same, None)
            if known is None:
                self.record.situations.append(seen)
            after = seen.id if known is None else known.id
        if self.record.situations[after or 0].alone is None:
            self.record.situations[after or 0].alone = []
        return after or 0

    def _rivals(self, found: Map) -> None:
        for name in self.player.definition.exclusive:
            for situation in found.situations:
                moves = [m for m in situation.moves.values() if m.step.ask and name in m.step.ask.fields]
                if moves:
                    ask = moves[0].step.ask
                    if ask is not None:
                        at = _text(moves[0].step.at)
                        asked = Asked(ask.trigger, at, ask.role, dict(ask.fields), ask.reason)
                        self.record.rivals.append(Rival(after=situation.number, ask=asked))
                    break


def _asks_for_the_day(transition: Transition) -> bool:
    texts = [transition.when.expression if transition.when else None, *(guard.require for guard in transition.guards)]
    return any("occurred_on" in str(text) for text in texts)


def _each_once(tries: Iterable[Try]) -> list[Try]:
    found: dict[str, Try] = {}
    for each in tries:
        found.setdefault(f"{each.what} {each.value}", each)
    return list(found.values())


def _is_same(one: Seen, other: Seen) -> bool:
    names = ("after", "at", "placed", "ask", "role", "fields", "reason")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _columns(table: Table) -> list[str]:
    """One territory of each column but that of Paris, and one that the table does not cover, where there is one."""
    columns: dict[tuple[object, ...], str] = {}
    for code in territories():
        columns.setdefault(tuple(rows_of(table, code)), code)
    return [code for code in columns.values() if code != "75"]


def _running(situation: Situation) -> list[str]:
    return [name for name, run in situation.stage.facts().occurrences.items() if run.closed is None]


def _seen(number: int, after: int | None, step: Step) -> Seen:
    seen = Seen(id=number, at=_text(step.at), after=after)
    if step.fields is not None:
        seen.placed = dict(step.fields)
    if step.ask is not None:
        seen.ask, seen.role, seen.reason = step.ask.trigger, step.ask.role, step.ask.reason
        seen.fields = dict(step.ask.fields)
    return seen


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
