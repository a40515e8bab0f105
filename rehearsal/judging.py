"""What the engine says of a request, and why: the transition that it chose, each guard's answer, every blocker.

Asks the engine's own deciding, writes nothing. Faster than a preview, and tells of guards too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rehearsal.stage import REFERENCE, Ask, Stage
from workflow import guards
from workflow.deciding import Request, chosen, read_request, refusals_of
from workflow.definition import Transition
from workflow.errors import Blocker, TransitionRefused
from workflow.journal import Journal
from workflow.language.wording import Said
from workflow.refusals import Refused
from workflow.requests import Given
from workflow.situation import Situation


@dataclass(frozen=True)
class Verdict:
    """What was decided: the transition that is meant (None: none is), every blocker, what each guard said."""

    transition: Transition | None
    blockers: tuple[Blocker, ...]
    held: Mapping[str, bool] = field(default_factory=dict)

    @property
    def granted(self) -> bool:
        """Whether the request would be carried out."""
        return self.transition is not None and not self.blockers

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the blockers, with the field where one is named."""
        return tuple(dict.fromkeys(named(blocker) for blocker in self.blockers))


def named(blocker: Blocker) -> str:
    """A blocker's code, with the field that it speaks of."""
    about = blocker.details.get("field")
    return f"{blocker.code} {about}" if about else blocker.code


def coded(blockers: Iterable[Blocker]) -> Said:
    """Blockers by their codes, each with its sentence."""
    every = list(blockers)
    fr = " ; ".join(f"{named(each)} ({each.sentence('fr')})" for each in every)
    return Said(fr, "; ".join(f"{named(each)} ({each.sentence('en')})" for each in every))


def reasons(refused: TransitionRefused) -> Said:
    """Why a request was refused: every blocker's sentence."""
    fr = " ; ".join(each.sentence("fr") for each in refused.blockers)
    return Said(fr, "; ".join(each.sentence("en") for each in refused.blockers))


class Bench:
    """A stage at one moment, at which many requests are judged."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        with stage.store.reading() as reading:
            session = stage.engine.session(reading)
            self.journal: Journal = session.settled(session.find(REFERENCE))

    def judge(self, ask: Ask) -> Verdict:
        """What the engine says of a request now."""
        try:
            request = read_request(self.journal, ask.command())
            transition = chosen(self.journal, request)
        except Refused as refused:
            return Verdict(None, tuple(refused.blockers))
        if isinstance(transition, Blocker):
            return Verdict(None, (transition,))
        found = refusals_of(self.journal, request, transition)
        return Verdict(transition, tuple(found), self._asked(request, transition, ask.role))

    def _asked(self, request: Request, transition: Transition, role: str) -> Mapping[str, bool]:
        """What each guard says of the values that could be read; those that lack a value say nothing."""
        if not transition.guards:
            return {}
        given: Given = request.given
        lacking = [name for name in transition.needs if given.values.get(name) is None]
        situation = Situation(
            rules=self.journal.rules,
            facts=request.facts,
            past=request.past,
            transition=transition,
            occurred_at=request.at,
            role=role,
            reason_given=bool(request.command.reason),
            given=given.values,
        )
        return guards.ask(situation, missing=lacking).outcomes
