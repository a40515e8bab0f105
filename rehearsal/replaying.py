"""Taking a known way again: from another day, in another territory, with other values, or after another past.

Dates that were asked move with the day; where a request is refused then, another one is looked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from rehearsal.exploring import Edge, Situation, Step, next_moment
from rehearsal.finding import Finder, Witness, unseen
from rehearsal.judging import Bench, reasons
from rehearsal.stage import Ask, Stage, at_hour
from workflow.changes import Published
from workflow.definition import Definition, Transition
from workflow.errors import TransitionRefused
from workflow.language.wording import Said
from workflow.rules import Rules

_WAKES = 400
_TRIED = 120


@dataclass(frozen=True)
class Changes:
    """What is otherwise this time: the first day, values of placing, values that requests carry where they may."""

    start: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)


class Astray(Exception):
    """The way cannot be taken so; the sentence says, in French and English, where it ended."""

    def __init__(self, fr: str, en: str) -> None:
        self.said = Said(fr, en)
        super().__init__(en)


@dataclass
class Player:
    """Plays moves of the map on stages; tells verdicts to its witness."""

    published: Published
    rules: Rules
    witness: Witness = unseen

    @property
    def definition(self) -> Definition:
        """The definition that is played."""
        return self.rules.definition

    def replayed(self, way: Sequence[Situation], changes: Changes) -> tuple[Stage, list[Step]]:
        """The stage at the end of a way, and its steps. Raises Astray."""
        fields = {**(way[0].step.fields or {}), **changes.fields}
        first = way[0].stage.now.date() if changes.start is None else changes.start
        code = fields["territory"]
        stage = Stage.opened(self.published, at_hour(first, code))
        try:
            stage.place(fields)
        except TransitionRefused as refused:
            raise _refused(refused) from None
        steps = [Step(stage.now, fields=fields)]
        for situation in way[1:]:
            steps.append(self.follow(stage, situation.edge, situation.step, changes.said))
        return stage, steps

    def follow(self, stage: Stage, edge: Edge | None, step: Step, said: Mapping[str, str] | None = None) -> Step:
        """Take one more step, as that of the map was taken. Raises Astray."""
        if step.ask is None or edge is None:
            return _timed(stage, edge)
        moment = next_moment(stage)
        stage.wait_until(moment)
        ask = self._moved(step.ask, (moment.date() - step.at.date()).days, edge, said or {})
        return self._asked(stage, edge, ask)

    def _asked(self, stage: Stage, edge: Edge, ask: Ask) -> Step:
        """Ask as on the map; where that is refused now, or leads elsewhere, look for another request."""
        try:
            if stage.preview(ask).facts.state == edge[2]:
                stage.ask(ask)
                return Step(stage.now, ask=ask)
        except TransitionRefused:
            pass
        found = Finder(Bench(stage), self.witness).granted(self.transition(edge), _TRIED)
        if found is None:
            state = stage.facts().state
            raise Astray(f"{edge[0]} est refusé dans {state}", f"{edge[0]} is refused in {state}")
        try:
            stage.ask(found.ask)
        except TransitionRefused as refused:
            raise _refused(refused) from None
        return Step(stage.now, ask=found.ask)

    def transition(self, edge: Edge) -> Transition:
        """The transition that an edge of the map takes."""
        return self.definition.transitions[edge[0]][edge[1]]

    def _moved(self, ask: Ask, days: int, edge: Edge, said: Mapping[str, str]) -> Ask:
        """The request with its dates moved, and what is to be said where the transition takes it."""
        taken = {*self.transition(edge).needs, *self.transition(edge).takes}
        fields = {name: self._shifted(name, text, days) for name, text in ask.fields.items()}
        return replace(ask, fields={**fields, **{name: text for name, text in said.items() if name in taken}})

    def _shifted(self, name: str, text: str, days: int) -> str:
        if self.definition.fields[name].type != "date" or not days:
            return text
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()


def _timed(stage: Stage, edge: Edge | None) -> Step:
    state = stage.facts().state
    for _ in range(_WAKES):
        wake = stage.engine.next_wake()
        if wake is None:
            break
        stage.wait_until(wake)
        if stage.facts().state != state:
            last = next(item.entry for item in reversed(stage.history()) if item.entry.deadline)
            if edge is not None and last.deadline != edge[0]:
                first = last.deadline
                raise Astray(f"{first} tombe avant {edge[0]}", f"{first} falls due before {edge[0]}")
            return Step(wake)
    raise Astray(f"le temps ne change rien dans {state}", f"time moves nothing in {state}")


def _refused(refused: TransitionRefused) -> Astray:
    why = reasons(refused)
    return Astray(f"{refused.trigger} : {why.fr}", f"{refused.trigger}: {why.en}")
