"""Has every guard refuse, and every share be refused: where no situation of the map does, a little beside it.

Beside: one recorded fact later, or with a placement that was made with other values.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from rehearsal.coverage import Coverage, Goal, called
from rehearsal.exploring import Map, Move, Situation, standing, taken
from rehearsal.finding import Finder, Found
from rehearsal.judging import Bench, named, reasons
from rehearsal.replaying import Astray, Changes, Player
from rehearsal.stage import REFERENCE, Ask, Stage, at_hour
from workflow.definition import Definition, Quota, Transition
from workflow.errors import TransitionRefused
from workflow.language.wording import Said
from workflow.placing import waiting_fields

RIVAL = "Q"


def refuse_guards(found: Map, player: Player, coverage: Coverage) -> None:
    """Look for a request that each guard refuses which has not refused yet."""
    for situation in found.situations:
        _refuse_in(situation.stage, list(_granted(situation)), player, coverage)
    for situation in found.situations:
        for move in situation.moves.values():
            if _wanted(coverage) and move.edge in situation.done and situation.leads.get(move.edge) is situation:
                beside = taken(situation, move)
                if beside is not None:
                    _refuse_in(beside.stage, list(_granted(situation)), player, coverage)
    for changes in _otherwise(found, player, coverage):
        if _wanted(coverage):
            _refuse_elsewhere(found, changes, player, coverage)


def _granted(situation: Situation) -> Iterator[Move]:
    return (move for move in situation.moves.values() if move.found is not None)


def _refuse_in(stage: Stage, moves: list[Move], player: Player, coverage: Coverage) -> None:
    for move in moves:
        transition = player.transition(move.edge)
        codes = [guard.code for guard in transition.guards if _goal(transition, guard.code) in _wanted(coverage)]
        if not codes or move.found is None:
            continue
        later = stage.fork()
        later.wait_until(move.step.at)
        if later.facts().state not in transition.sources:
            continue
        finder = Finder(Bench(later), coverage.judged)
        for code in codes:
            finder.refused(Found(move.found.ask, move.found.verdict), code)


def _otherwise(found: Map, player: Player, coverage: Coverage) -> Iterator[Changes]:
    """Other values of placing, and other days said on the way, of which the guards that never refused speak."""
    yield from (Changes(fields=fields) for fields in other_placings(player.definition))
    rules, today = player.rules, found.situations[0].stage.today()
    for transition in (each for group in player.definition.transitions.values() for each in group):
        for guard in transition.guards:
            if guard.require is None or _goal(transition, guard.code) not in _wanted(coverage):
                continue
            spoken = rules.program(guard.require).names & player.definition.fields.keys()
            for name in sorted(spoken - {*transition.needs, *transition.takes}):
                if player.definition.fields[name].type == "date":
                    yield from (Changes(said={name: (today + timedelta(days=n)).isoformat()}) for n in (60, -60))


def _refuse_elsewhere(found: Map, changes: Changes, player: Player, coverage: Coverage) -> None:
    for goal in list(_wanted(coverage)):
        for situation in found.situations:
            meant = [each for each in standing(situation.stage) if goal.name.startswith(f"{called(each)}: ")]
            if not meant:
                continue
            try:
                stage, _ = player.replayed(situation.way, changes)
            except Astray:
                continue
            finder = Finder(Bench(stage), coverage.judged)
            for transition in meant:
                finder.judge(finder.plain(transition))
            break


def _goal(transition: Transition, code: str) -> Goal:
    return Goal("guards", f"{called(transition)}: {code}", "refused")


def _wanted(coverage: Coverage) -> set[Goal]:
    return {goal for goal in coverage.missing if goal.section == "guards"}


def other_placings(definition: Definition) -> Iterator[Mapping[str, str]]:
    """Values of placing, one other than usual at a time: each choice, each boolean, the ends of numbers."""
    waiting = waiting_fields(definition)
    for name, spec in definition.fields.items():
        if name in waiting or name == "territory":
            continue
        if spec.type == "choice":
            yield from ({name: item.value} for item in spec.values)
        if spec.type == "boolean":
            yield from ({name: value} for value in ("true", "false"))
        if spec.type == "integer":
            yield from ({name: str(value)} for value in (spec.minimum, spec.maximum) if value is not None)


def try_shares(found: Map, player: Player, coverage: Coverage) -> list[Said]:
    """Take the last place of each quota and hold each exclusive value, then have another placement refused."""
    wrong: list[Said] = []
    for quota in player.definition.quotas.values():
        if quota.limit is not None:
            wrong += _quota(found, quota, coverage)
    for name in player.definition.exclusive:
        wrong += _exclusive(found, player, name, coverage)
    return wrong


def _quota(found: Map, quota: Quota, coverage: Coverage) -> list[Said]:
    way = _way_to(found, lambda move: move.edge[0] == quota.taken_by)
    if way is None:
        return []
    situation, move = way
    answers = {}
    for used in (int(quota.limit or 0) - 1, int(quota.limit or 0)):
        stage = situation.stage.fork()
        stage.store.take(quota.name, used)
        answers[used] = _answer(stage, move)
        coverage.shared(quota.name, "refused" if answers[used] else "granted")
    last, one_more = answers.values()
    return [*_last_refused(quota, last), *([] if one_more else [_too_many(quota)])]


def _last_refused(quota: Quota, codes: list[str]) -> Iterator[Said]:
    if codes:
        name, listed = quota.name, ", ".join(codes)
        fr, en = f"la dernière place de {name} est refusée : {listed}", f"the last place of {name} is refused: {listed}"
        yield Said(fr, en)


def _too_many(quota: Quota) -> Said:
    name, limit = quota.name, quota.limit
    return Said(f"{name} donne plus que ses {limit} places", f"{name} gives more than its {limit} places")


def _answer(stage: Stage, move: Move) -> list[str]:
    try:
        stage.wait_until(move.step.at)
        stage.ask(move.step.ask or Ask(""))
    except TransitionRefused as refused:
        return [named(blocker) for blocker in refused.blockers]
    return []


def _way_to(found: Map, wanted: Callable[[Move], bool]) -> tuple[Situation, Move] | None:
    for situation in found.situations:
        for move in situation.moves.values():
            if move.edge in situation.done and move.found is not None and wanted(move):
                return situation, move
    return None


def _exclusive(found: Map, player: Player, name: str, coverage: Coverage) -> list[Said]:
    way = _way_to(found, lambda move: move.step.ask is not None and name in move.step.ask.fields)
    if way is None:
        return []
    situation, move = way
    try:
        stage = _two(player, situation, move)
    except TransitionRefused as refused:
        return [_not_both(name, reasons(refused))]
    coverage.shared(name, "granted")
    try:
        stage.ask(move.step.ask or Ask(""), RIVAL)
    except TransitionRefused:
        coverage.shared(name, "refused")
        return []
    return [Said(f"deux placements tiennent une même valeur de {name}", f"two placements hold one value of {name}")]


def _not_both(name: str, why: Said) -> Said:
    return Said(
        f"{name} : deux placements n'ont pu être menés jusque-là : {why.fr}",
        f"{name}: two placements could not be brought so far: {why.en}",
    )


def _two(player: Player, situation: Situation, move: Move) -> Stage:
    """A stage on which a second placement has gone the same way as the first, which alone makes the last move."""
    first = situation.way[0]
    stage = Stage.opened(player.published, at_hour(first.step.at.date(), str((first.step.fields or {})["territory"])))
    for reference in (REFERENCE, RIVAL):
        stage.place(first.step.fields or {}, reference)
    for step in (each.step for each in situation.way[1:]):
        stage.wait_until(step.at)
        for reference in (REFERENCE, RIVAL) if step.ask else ():
            stage.ask(step.ask or Ask(""), reference)
    stage.wait_until(move.step.at)
    stage.ask(move.step.ask or Ask(""))
    return stage
