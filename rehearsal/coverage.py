"""What was seen of a definition: its states, transitions, guards both ways, deadlines with their ends and reminders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rehearsal.judging import Verdict
from rehearsal.stage import Stage
from workflow.definition import SCHEDULER, Definition, Transition
from workflow.language.wording import Said

SECTIONS = ("states", "transitions", "guards", "deadlines", "shares")


@dataclass(frozen=True, order=True)
class Goal:
    """One thing to be seen: of which section, what it is called, and which of its outcomes."""

    section: str
    name: str
    outcome: str


@dataclass
class Coverage:
    """The goals of a definition, those that were seen, and why others were not."""

    definition: Definition
    seen: set[Goal] = field(default_factory=set)
    why: dict[Goal, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.goals = tuple(dict.fromkeys(goals(self.definition)))

    @property
    def missing(self) -> list[Goal]:
        """The goals that were not seen."""
        return [goal for goal in self.goals if goal not in self.seen]

    @property
    def percent(self) -> float:
        """How much was seen; all of nothing is all."""
        total = len(self.goals)
        return 100.0 if not total else 100.0 * (total - len(self.missing)) / total

    def counts(self) -> Mapping[str, tuple[int, int]]:
        """Section -> how many of its goals were seen, and how many there are."""
        told = {}
        for section in SECTIONS:
            of_section = [goal for goal in self.goals if goal.section == section]
            told[section] = (sum(goal in self.seen for goal in of_section), len(of_section))
        return told

    def judged(self, verdict: Verdict) -> None:
        """Take note of what the guards of a transition said."""
        if verdict.transition is not None:
            for code, held in verdict.held.items():
                self._see("guards", f"{called(verdict.transition)}: {code}", "held" if held else "refused")

    def took(self, transition: Transition) -> None:
        """Take note of a transition that was carried out."""
        self._see("transitions", called(transition), "taken")

    def lived(self, stage: Stage) -> None:
        """Take note of all that a placement's history and occurrences tell."""
        for item in stage.history():
            entry = item.entry
            self._see("states", str(entry.to_state), "entered")
            if entry.kind in ("missed", "milestone"):
                self._see("deadlines", str(entry.deadline), entry.kind)
            if entry.kind == "timeout":
                self._see("deadlines", str(entry.deadline), "fired")
                self._fired(str(entry.trigger), str(entry.from_state), entry.to_state)
            if entry.kind == "automatic":
                self._see("transitions", str(entry.trigger), "taken")
            for code, held in entry.guards.items():
                for transition in self._meant(entry.trigger, str(entry.from_state)):
                    self._see("guards", f"{called(transition)}: {code}", "held" if held else "refused")
        self._occurrences(stage)

    def shared(self, name: str, outcome: str) -> None:
        """Take note of a quota or an exclusive field."""
        self._see("shares", name, outcome)

    def _occurrences(self, stage: Stage) -> None:
        for name, occurrence in stage.facts().occurrences.items():
            spec = self.definition.deadlines.get(name)
            if spec is None:
                continue
            if occurrence.closed == "met":
                self._see("deadlines", name, "met")
            for prompt in occurrence.sent:
                self._see("deadlines", name, f"reminded {spec.reminders[prompt.number].text}")

    def _fired(self, trigger: str, state: str, to: str | None) -> None:
        for transition in self._meant(trigger, state):
            if SCHEDULER in transition.by and transition.to in (to, None):
                self.took(transition)
                return

    def _meant(self, trigger: str | None, state: str) -> Iterable[Transition]:
        if trigger is None or trigger not in self.definition.transitions:
            return ()
        standing = self.definition.transitions_from(state, trigger)
        return standing if len(standing) == 1 else ()

    def _see(self, section: str, name: str, outcome: str) -> None:
        self.seen.add(Goal(section, name, outcome))


def called(transition: Transition) -> str:
    """A transition by its trigger, and its number where the trigger has several."""
    return f"{transition.trigger}.{transition.number + 1}" if transition.number else transition.trigger


def goals(definition: Definition) -> Iterable[Goal]:
    """Everything that a definition says and that can be seen to happen."""
    yield from (Goal("states", name, "entered") for name in definition.states)
    for transition in (each for group in definition.transitions.values() for each in group):
        yield Goal("transitions", called(transition), "taken")
        for guard in transition.guards:
            yield from (Goal("guards", f"{called(transition)}: {guard.code}", end) for end in ("held", "refused"))
    yield from (Goal("transitions", each.trigger, "taken") for each in definition.automatic)
    for spec in definition.deadlines.values():
        end = "fired" if spec.then else "milestone" if spec.milestone else "missed"
        yield Goal("deadlines", spec.name, end)
        if spec.until is not None:
            yield Goal("deadlines", spec.name, "met")
        yield from (Goal("deadlines", spec.name, f"reminded {reminder.text}") for reminder in spec.reminders)
    yield from shares(definition)


def shares(definition: Definition) -> Iterable[Goal]:
    """What placements share: quotas with a limit, and fields that only one may hold."""
    limited = [quota.name for quota in definition.quotas.values() if quota.limit is not None]
    for name in (*limited, *definition.exclusive):
        yield from (Goal("shares", name, outcome) for outcome in ("granted", "refused"))
