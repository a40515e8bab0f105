"""Behaviours as a file again, to be read and edited; and those of a definition that has none, from its shape alone."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from operators.simulation.behaviours import Act, Actor, Behaviours, Delay, Record, Rule
from operators.simulation.distributions import Distribution, Empirical, Exponential, Lognormal, Uniform
from workflow.calendar import Length
from workflow.definition import SCHEDULER, SUPERVISOR, Deadline, Definition, Label, Transition

_A_WHILE = 10.0
_DAYS = {"seconds": 1 / 86_400, "minutes": 1 / 1440, "hours": 1 / 24, "days": 1, "weeks": 7, "months": 30, "years": 365}


def written(behaviours: Behaviours, remarks: Mapping[str, str], head: str) -> str:
    """The text of a file; `remarks` are comments, by `decisions/OCCASION` or `records/NAME`."""
    return "\n".join([*(f"# {line}".rstrip() for line in head.splitlines()), "", *_lines(behaviours, remarks)]) + "\n"


def _lines(behaviours: Behaviours, remarks: Mapping[str, str]) -> Iterator[str]:
    yield f"behaviours: {behaviours.definition}"
    yield f"title: {_label(behaviours.title)}"
    yield "\narrivals:"
    yield f"  after: {delay_text(behaviours.arrivals)}"
    yield from _rules(behaviours.beginnings, "  ")
    if behaviours.actors:
        yield "\nactors:"
    for name, actor in behaviours.actors.items():
        yield f"  {name}: {{label: {_label(actor.label)}, forgets: {_number(actor.forgets)}}}"
    if behaviours.decisions:
        yield "\ndecisions:"
    for occasion, acts in behaviours.decisions.items():
        yield f"  {occasion}:{_remark(remarks.get(f'decisions/{occasion}'))}"
        for act in acts:
            yield from _act(act, "    - ", "      ")
    if behaviours.records:
        yield "\nrecords:"
    for name, record in behaviours.records.items():
        yield f"  {name}:{_remark(remarks.get(f'records/{name}'))}"
        yield f"    since: {record.since}" if record.since else f"    day_in: {record.day_in}"
        yield from _act(record.act, "    ", "    ")
    if behaviours.payments is not None:
        pay = behaviours.payments
        shares = ", ".join(f"{name}: {_number(share)}" for name, share in pay.shares.items())
        paid = f", paid: {pay.paid}" if pay.paid else ""
        yield f"\npayments: {{grant: {pay.grant}{paid}, shares: {{{shares}}}}}"


def _act(act: Act, first: str, then: str) -> Iterator[str]:
    yield f"{first}do: {act.trigger}"
    yield f"{then}by: {act.role}"
    yield f"{then}odds: {_number(act.odds)}"
    yield f"{then}after: {delay_text(act.delay)}"
    if act.reason:
        yield f"{then}reason: {_quoted(act.reason)}"
    yield from _rules(act.rules, then)


def _rules(rules: Mapping[str, Rule], indent: str) -> Iterator[str]:
    if rules:
        yield f"{indent}fields:"
    for name, rule in rules.items():
        yield f"{indent}  {name}: {{{_rule(rule)}}}"


def _rule(rule: Rule) -> str:
    kind, text = rule.kind, rule.text
    if kind == "choose":
        return "choose: {" + ", ".join(f"{_quoted(v)}: {_number(w)}" for v, w in rule.weights.items()) + "}"
    if kind == "between":
        return f"between: {{least: {_number(rule.numbers[0])}, most: {_number(rule.numbers[1])}}}"
    if kind == "share_of":
        less = f", less: {rule.less}" if rule.less else ""
        return f"share_of: {{field: {text}, share: {_number(rule.numbers[0])}{less}}}"
    if kind == "table":
        return f"table: {{name: {text}, times: {_number(rule.numbers[0])}}}"
    return f"{kind}: {text if kind in ('same_as', 'count') else _quoted(text)}"


def delay_text(delay: Delay) -> str:
    """A delay as a file has it."""
    unit = ", in: working days" if delay.working else ""
    return f"{{{_distribution(delay.days)}{unit}}}"


def _distribution(days: Distribution) -> str:
    if isinstance(days, Lognormal):
        return f"lognormal: {{median: {_number(days.median)}, sigma: {_number(days.sigma)}}}"
    if isinstance(days, Exponential):
        return f"exponential: {{mean: {_number(days.mean)}}}"
    if isinstance(days, Uniform):
        return f"uniform: {{least: {_number(days.least)}, most: {_number(days.most)}}}"
    if isinstance(days, Empirical):
        return "empirical: [" + ", ".join(_number(day) for day in days.days) + "]"
    raise TypeError(type(days).__name__)


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _label(label: Label) -> str:
    return f"{{fr: {_quoted(label.fr)}, en: {_quoted(label.en)}}}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _remark(text: str | None) -> str:
    return f"  # {text}" if text else ""


def drafted(definition: Definition) -> Behaviours:
    """Behaviours from a definition's shape alone: every move of people as likely as the others of its state, half of
    them within half of the state's shortest deadline; what keeps the state is recorded beside.
    """
    decisions = {state: tuple(_moves(definition, state)) for state in definition.states}
    records = {act.name: Record(act, since=state) for state in definition.states for act in _kept(definition, state)}
    return Behaviours(
        definition=definition.name,
        title=Label("Habitudes tirées de la seule définition", "Habits drawn from the definition alone"),
        arrivals=Delay(Uniform(0, 365)),
        beginnings={},
        actors={role: Actor(Label(role, role)) for role in definition.roles if role != SUPERVISOR},
        decisions={state: acts for state, acts in decisions.items() if acts},
        records=records,
    )


def _moves(definition: Definition, state: str) -> Iterator[Act]:
    standing = [edge for edge in _edges(definition, state) if edge.to not in (None, state)]
    for edge in standing:
        delay = Delay(Lognormal(_usual(definition, state), 0.7))
        yield Act(edge.trigger, edge.trigger, _role(edge), 0.95 / len(standing), delay)


def _kept(definition: Definition, state: str) -> Iterator[Act]:
    """What is recorded in a state, named so that the same trigger may be recorded in several."""
    for edge in _edges(definition, state):
        if edge.to is None:
            days = _usual(definition, state)
            yield Act(f"{edge.trigger}_{state}", edge.trigger, _role(edge), 0.5, Delay(Exponential(days)))


def _edges(definition: Definition, state: str) -> Iterator[Transition]:
    """What people may ask for in a state, a trigger once."""
    for trigger in definition.transitions:
        edge = next(iter(definition.transitions_from(state, trigger)), None)
        if edge is not None and edge.by - {SCHEDULER, SUPERVISOR}:
            yield edge


def _role(edge: Transition) -> str:
    return min(edge.by - {SCHEDULER, SUPERVISOR})


def _usual(definition: Definition, state: str) -> float:
    """Half of the shortest deadline that fires in a state, in days."""
    running = [spec for spec in definition.deadlines.values() if state in spec.span and spec.then]
    lengths = [_days(spec) for spec in running]
    return max(0.0005, min((days for days in lengths if days), default=2 * _A_WHILE) / 2)


def _days(spec: Deadline) -> float | None:
    if not isinstance(spec.length, Length):
        return None
    exact = spec.length.exact
    return exact / timedelta(days=1) if exact is not None else spec.length.count * _DAYS[spec.length.unit]
