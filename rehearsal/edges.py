"""The edges of every deadline: begun on, and falling due on, each special day; in each territory; the moments around.

Every run is a whole life on the real engine, held against the laws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rehearsal.coverage import Coverage
from rehearsal.days import Special, beginning, few_days, special_days
from rehearsal.exploring import Map, Step, next_moment
from rehearsal.finding import Finder
from rehearsal.judging import Bench
from rehearsal.laws import ON_TIME
from rehearsal.openings import Opening, occurrence_of, opening_of
from rehearsal.paths import ended
from rehearsal.replaying import Astray, Changes, Player
from rehearsal.stage import Stage
from rehearsal.telling import local
from rehearsal.values import territories
from workflow.definition import Deadline, Definition, Transition
from workflow.errors import TransitionRefused
from workflow.facts import Occurrence
from workflow.history import HistoryEntry
from workflow.language.wording import Said

_CORRECTIONS = 4
_TICK = timedelta(microseconds=1)
_ANYWHERE = Said("", "")
_NO_CLOCK = Said("aucun chemin où son horloge tourne n'a été trouvé", "no way was found in which its clock runs")


@dataclass(frozen=True)
class Unreached:
    """A deadline that could not be reached, where or when, and why, in French and in English."""

    deadline: str
    where: Said
    why: Said

    @property
    def said(self) -> Said:
        """All of it, as one sentence."""
        name, where, why = self.deadline, self.where, self.why
        return Said(f"{name}{where.fr} : {why.fr}", f"{name}{where.en}: {why.en}")


@dataclass
class Edges:
    """What the edges gave: how many lives were lived, what does not hold, what could not be reached and why."""

    runs: int = 0
    cut: bool = False
    faults: list[Said] = field(default_factory=list)
    unreached: list[Unreached] = field(default_factory=list)


@dataclass
class Trial:
    """One deadline on its edges."""

    opening: Opening
    player: Player
    spec: Deadline
    edges: Edges
    over: Callable[[], bool]

    def everywhere(self) -> None:
        """The special days of each territory: all of them in the first one, one of each kind elsewhere."""
        for code in territories():
            choose, start = special_days if code == "75" else few_days, beginning(self.player.definition, code)
            try:
                _, natural = self._aimed(code, start)
            except Astray as astray:
                self._unreached(Said(f" en {code}", f" in {code}"), astray.said)
                continue
            for aim in ("anchored_on", "last_day") if code == "75" else ("last_day",):
                usual = getattr(natural, aim)
                for special in choose(usual, code, self.player.rules.calendar):
                    if self.over():
                        self.edges.cut = True
                        return
                    self._on(code, start + (special.day - usual), special, aim)

    def _on(self, code: str, start: date, special: Special, aim: str) -> None:
        """A life in which the deadline begins on (`anchored_on`), or falls due on (`last_day`), a special day."""
        try:
            stage, _ = self._aimed(code, start, special.day, aim)
        except (Astray, OverflowError) as error:
            day, why = special.day, special.why
            where = Said(f" en {code} le {day} ({why.fr})", f" in {code} on {day} ({why.en})")
            astray = error.said if isinstance(error, Astray) else Said("les dates sortent du calendrier", str(error))
            self._unreached(where, astray)
            return
        self.edges.runs += 1
        found = (*around(stage, self.spec), *ended(stage, Coverage(self.player.definition)))
        where = Said(f" en {code}, {special.why.fr}", f" in {code}, {special.why.en}")
        self.edges.faults += [_about(self.spec, fault, where) for fault in found]

    def _unreached(self, where: Said, why: Said) -> None:
        self.edges.unreached.append(Unreached(self.spec.name, where, why))

    def _aimed(
        self, code: str, start: date, day: date | None = None, aim: str = "last_day"
    ) -> tuple[Stage, Occurrence]:
        """The stage at whose end the deadline begins, or falls due, on this day; begun on `start` without one.

        Raises Astray.
        """
        ahead = self.opening.ahead
        for last in range(_CORRECTIONS):
            said = {name: (start + distance).isoformat() for name, distance in ahead.items()}
            stage, _steps = self.player.replayed(self.opening.way, Changes(start, {"territory": code}, said))
            occurrence = occurrence_of(stage, self.spec.name)
            if occurrence is None:
                raise Astray("son horloge ne tourne pas alors", "its clock does not run then")
            off = timedelta() if day is None else day - getattr(occurrence, aim)
            if not off or last == _CORRECTIONS - 1:
                return stage, occurrence
            start += off
        raise Astray("aucun chemin ne mène à ce jour", "no way leads to that day")


def try_edges(found: Map, player: Player, coverage: Coverage, over: Callable[[], bool] = lambda: False) -> Edges:
    """Every deadline on all its edges; `over` is asked whether time is up: then special days are left out."""
    edges = Edges()
    for spec in player.definition.deadlines.values():
        opening = opening_of(found, player, spec)
        if opening is None:
            edges.unreached.append(Unreached(spec.name, _ANYWHERE, _NO_CLOCK))
            continue
        _lived(opening, player, spec, coverage, edges)
        _met(opening, player, spec, coverage)
        Trial(opening, player, spec, edges, over).everywhere()
    return edges


def _lived(opening: Opening, player: Player, spec: Deadline, coverage: Coverage, edges: Edges) -> None:
    """Live the opening to its end, and look at the moments around the deadline's instant."""
    try:
        stage, _ = player.replayed(opening.way, opening.changes)
    except Astray as astray:
        edges.unreached.append(Unreached(spec.name, _ANYWHERE, astray.said))
        return
    edges.runs += 1
    edges.faults += [_about(spec, fault) for fault in (*around(stage, spec), *ended(stage, coverage))]


def _about(spec: Deadline, fault: Said, where: Said = _ANYWHERE) -> Said:
    return Said(f"{spec.name}{where.fr} : {fault.fr}", f"{spec.name}{where.en}: {fault.en}")


def around(stage: Stage, spec: Deadline) -> list[Said]:
    """What does not hold at the last microsecond before a deadline's instant, at it, and just after it."""
    occurrence = occurrence_of(stage, spec.name)
    # Where the clock stands still, its date is not the last word yet.
    if occurrence is None or stage.facts().state in spec.stops or occurrence.due_at <= stage.now:
        return []
    found, due = [], occurrence.due_at
    day = local(due, stage.facts().territory)
    early, late, later = stage.fork(), stage.fork(), stage.fork()
    early.sleep_until(due - _TICK)
    if _ends(early, spec.name, due):
        found.append(Said(f"elle finit avant son instant, {day}", f"it ended before its instant, {day}"))
    still = occurrence_of(early, spec.name)
    late.sleep_until(due)
    if still is not None and still.due_at == due and len(_ends(late, spec.name, due)) != 1:
        found.append(Said(f"elle ne finit pas à son instant, {day}", f"it did not end at its instant, {day}"))
    if late.engine.sweep().entries:
        fr, en = f"un second balayage, le {day}, a écrit quelque chose", f"a second sweep on {day} entered something"
        found.append(Said(fr, en))
    later.sleep_until(due + _TICK)
    if _moments(later, spec.name, due) != _moments(late, spec.name, due):
        fr, en = "elle finit autrement", "it ends otherwise"
        found.append(
            Said(
                f"{fr} si le démon s'éveille une microseconde après", f"{en} for a daemon that wakes a microsecond late"
            )
        )
    return found


def _moments(stage: Stage, name: str, due: datetime) -> list[datetime]:
    return [entry.occurred_at for entry in _ends(stage, name, due)]


def _ends(stage: Stage, name: str, due: datetime) -> list[HistoryEntry]:
    entries = (item.entry for item in stage.history())
    return [each for each in entries if each.deadline == name and each.kind in ON_TIME and each.due_at == due]


def _met(opening: Opening, player: Player, spec: Deadline, coverage: Coverage) -> None:
    """Record what meets the deadline, as often as it asks for."""
    if spec.until is None:
        return
    try:
        stage, _ = player.replayed(opening.way, opening.changes)
    except Astray:
        return
    meeting_steps(stage, player, spec)
    coverage.lived(stage)


def meeting_steps(stage: Stage, player: Player, spec: Deadline) -> list[Step]:
    """Do what meets a deadline that runs, as often as it asks for, or as far as that is granted."""
    steps = []
    for _ in range(spec.until.times if spec.until else 0):
        stage.wait_until(next_moment(stage))
        finder = Finder(Bench(stage), player.witness)
        granted = filter(
            None, (finder.granted(each) for each in _meeting(player.definition, spec, stage.facts().state))
        )
        found = next(granted, None)
        if found is None:
            break
        try:
            stage.ask(found.ask)
        except TransitionRefused:
            break
        steps.append(Step(stage.now, ask=found.ask))
    return steps


def _meeting(definition: Definition, spec: Deadline, state: str) -> Sequence[Transition]:
    until = spec.until
    every = [each for group in definition.transitions.values() for each in group if state in each.sources]
    if until is None or until.trigger is not None:
        return [each for each in every if until is not None and each.trigger == until.trigger]
    return [each for each in every if until.field in (*each.needs, *each.takes)]
