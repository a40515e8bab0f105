"""From the bytes of a behaviour file to behaviours, or all that is wrong with it, each fault with its place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from operators.simulation import distributions as d
from operators.simulation.behaviours import Act, Actor, Behaviours, Delay, Payments, Record, Rule
from operators.simulation.forms import (
    REFUSED,
    ActForm,
    BehavioursForm,
    DelayForm,
    PaymentsForm,
    RecordForm,
    RuleForm,
)
from workflow.definition import SCHEDULER, Definition, Label, Transition
from workflow.errors import DefinitionError, Finding
from workflow.language.forms import Bilingual
from workflow.language.positions import START, Source
from workflow.language.validation import expected
from workflow.language.wording import Said, noun, refused, shown, unknown, unreadable
from workflow.language.yaml_nodes import MAX_BYTES, read_yaml

SHIPPED = Path(__file__).with_name("shipped")
_ODDS_OVER = 1.000001
_EXPECTED = {
    "float_type": Said("un nombre, avec un point pour les décimales", "a number, with a point for decimals"),
    "string_type": Said("du texte : mettez des guillemets", "text: quote it"),
    "greater_than": Said("plus de {gt}", "more than {gt}"),
    "literal_error": Said("l'une de ces valeurs : {listed}", "{expected}"),
    "string_pattern_mismatch": Said("un texte de la forme {pattern}", "text like {pattern}"),
}
"""What is expected otherwise than in a definition, whose words hold for all else."""


def shipped_for(definition: Definition) -> Path | None:
    """The behaviours that come with the product for a definition of this name, if any."""
    path = SHIPPED / f"{definition.name}.yaml"
    return path if path.is_file() else None


def load_behaviours(path: Path, definition: Definition) -> Behaviours:
    """The behaviours in a file. Raises DefinitionError with every finding, also where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DefinitionError([Source(str(path)).finding(START, "file_unreadable", *unreadable(error))]) from None
    return read_behaviours(data, str(path), definition)


def read_behaviours(data: bytes, file: str, definition: Definition) -> Behaviours:
    """The behaviours in these bytes, checked against a definition. Raises DefinitionError with every finding."""
    source, findings = read_yaml(data, file)
    if findings:
        raise DefinitionError(findings)
    try:
        form = BehavioursForm.model_validate(source.data)
    except ValidationError as error:
        raise DefinitionError(list(_shape(source, error))) from None
    findings = list(_Names(source, definition).findings(form))
    if findings:
        raise DefinitionError(findings)
    return _built(form)


def check_against(behaviours: Behaviours, definition: Definition, file: str) -> None:
    """Whether behaviours that were read for another definition hold for this one. Raises DefinitionError."""
    from operators.simulation.writing import written

    same = replace(behaviours, definition=definition.name)
    read_behaviours(written(same, {}, "").encode(), f"behaviours ({file})", definition)


def _shape(source: Source, error: ValidationError) -> Iterator[Finding]:
    for item in error.errors(include_url=False):
        path = tuple(step for step in item["loc"] if step != "[key]")
        kind, last = item["type"], str(path[-1]) if path else ""
        if kind == "extra_forbidden":
            keys = _keys_at(path[:-1])
            yield source.finding(source.key(*path), "unknown_key", *unknown("key", last, keys))
        elif kind == "missing":
            fr, en = f"la clé « {last} » manque", f"key {last!r} is missing"
            yield source.finding(source.key(*path[:-1]), "missing_key", fr, en)
        elif kind == REFUSED:
            yield source.finding(source.value(*path), "wrong_value", item["ctx"]["fr"], item["ctx"]["en"])
        else:
            yield source.finding(source.value(*path), "wrong_value", *_wrong(item))


def _wrong(item: Any) -> Said:
    given, wanted = shown(item["input"]), _EXPECTED.get(item["type"])
    context = {**item.get("ctx", {}), "listed": ", ".join(item.get("ctx", {}).get("expected", "").split("'")[1::2])}
    told = expected(item) if wanted is None else Said(*(each.format(**context) for each in wanted))
    return Said(f"trouvé {given.fr}, attendu {told.fr}", f"found {given.en}, expected {told.en}")


def _keys_at(path: Sequence[str | int]) -> list[str]:
    """The keys that a mapping at this path may have."""
    model: Any = BehavioursForm
    for step in path:
        model = _below(model, step)
    fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
    return [spec.alias or name for name, spec in fields.items()]


def _below(model: Any, step: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel):
        spec = next((f for name, f in model.model_fields.items() if step in (name, f.alias)), None)
        return _bare(None if spec is None else spec.annotation)
    return _bare(getattr(model, "__args__", (None,))[-1])


def _bare(hint: Any) -> Any:
    """A type without what is said about it, and without None."""
    if hasattr(hint, "__metadata__"):
        return _bare(hint.__origin__)
    if getattr(hint, "__origin__", None) is None and hasattr(hint, "__args__"):
        return _bare(next(arg for arg in hint.__args__ if arg is not type(None)))
    return hint


class _Names:
    """What the names of a file refer to."""

    def __init__(self, source: Source, definition: Definition) -> None:
        self._source, self._definition = source, definition

    def findings(self, form: BehavioursForm) -> Iterator[Finding]:
        definition = self._definition
        yield from self._known(noun("behaviours of"), form.behaviours, [definition.name], "behaviours")
        yield from self._rules(form.arrivals.fields, None, "arrivals", "fields")
        for name in form.actors:
            yield from self._known(noun("role"), name, definition.roles, "actors", name)
        for occasion, acts in form.decisions.items():
            yield from self._decision(occasion, acts)
        for name, record in form.records.items():
            yield from self._record(name, record)
        yield from self._payments(form.payments)

    def _known(self, what: Said, name: str, known: Iterable[str], *path: str | int) -> Iterator[Finding]:
        names = list(known)
        if name not in names:
            yield self._source.finding(self._source.value(*path), "unknown_name", *refused(what, name, names))

    def _decision(self, occasion: str, acts: Sequence[ActForm]) -> Iterator[Finding]:
        definition, place = self._definition, self._source.key("decisions", occasion)
        if occasion in definition.states and occasion in definition.transitions:
            fr = f"{occasion} est à la fois un état et un déclencheur de la définition : renommez l'un des deux"
            en = f"{occasion} is both a state and a trigger of the definition: rename one"
            yield self._source.finding(place, "ambiguous", fr, en)
        yield from self._known(
            noun("state or trigger"), occasion, [*definition.states, *definition.transitions], "decisions", occasion
        )
        if sum(act.odds for act in acts) > _ODDS_OVER:
            fr, en = f"les odds de {occasion} dépassent 1 en tout", f"the odds of {occasion} add up to more than 1"
            yield self._source.finding(place, "odds_above_one", fr, en)
        for number, act in enumerate(acts):
            yield from self._act(act, "decisions", occasion, number)

    def _record(self, name: str, record: RecordForm) -> Iterator[Finding]:
        if record.since is not None:
            yield from self._known(noun("state"), record.since, self._definition.states, "records", name, "since")
        if record.day_in is not None:
            dates = [each for each, spec in self._definition.fields.items() if spec.type == "date"]
            yield from self._known(noun("date field"), record.day_in, dates, "records", name, "day_in")
        yield from self._act(record, "records", name)

    def _act(self, act: ActForm, *path: str | int) -> Iterator[Finding]:
        definition = self._definition
        yield from self._known(noun("trigger"), act.do, definition.transitions, *path, "do")
        transitions = definition.transitions.get(act.do, ())
        roles = sorted({role for each in transitions for role in each.by} - {SCHEDULER})
        if transitions:
            yield from self._known(Said(f"pour {act.do}, le rôle", f"role of {act.do}"), act.by, roles, *path, "by")
            yield from self._rules(act.fields, transitions, *path, "fields")

    def _rules(
        self, rules: Mapping[str, RuleForm], transitions: Sequence[Transition] | None, *path: str | int
    ) -> Iterator[Finding]:
        definition = self._definition
        allowed = list(definition.fields)
        if transitions is not None:
            allowed = [*dict.fromkeys(name for each in transitions for name in (*each.needs, *each.takes))]
        for name, rule in rules.items():
            yield from self._known(noun("field"), name, allowed, *path, name)
            if rule.same_as is not None:
                yield from self._known(noun("field"), rule.same_as, definition.fields, *path, name, "same_as")
            if rule.table is not None:
                yield from self._known(noun("table"), rule.table.name, definition.tables, *path, name, "table", "name")
            if rule.count is not None:
                yield from self._known(noun("trigger"), rule.count, definition.transitions, *path, name, "count")
            if rule.share_of is not None:
                yield from self._known(noun("field"), rule.share_of.field, definition.fields, *path, name, "share_of")

    def _payments(self, form: PaymentsForm | None) -> Iterator[Finding]:
        if form is None:
            return
        definition = self._definition
        money = [name for name, spec in definition.fields.items() if spec.type == "money"]
        yield from self._known(noun("money field"), form.grant, money, "payments", "grant")
        if form.paid is not None:
            yield from self._known(noun("money field"), form.paid, money, "payments", "paid")
        stones = [name for name, spec in definition.deadlines.items() if spec.milestone]
        for name in form.shares:
            yield from self._known(noun("milestone"), name, stones, "payments", "shares", name)


def _built(form: BehavioursForm) -> Behaviours:
    payments = form.payments
    return Behaviours(
        definition=form.behaviours,
        title=_label(form.title, form.behaviours),
        arrivals=_delay(form.arrivals.after),
        beginnings=_rules(form.arrivals.fields),
        actors={name: Actor(_label(each.label, name), each.forgets) for name, each in form.actors.items()},
        decisions={occasion: tuple(_act(act.do, act) for act in acts) for occasion, acts in form.decisions.items()},
        records={name: Record(_act(name, each), each.since, each.day_in) for name, each in form.records.items()},
        payments=None if payments is None else Payments(payments.grant, payments.paid, payments.shares),
    )


def _label(form: Bilingual | None, name: str) -> Label:
    return Label(name, name) if form is None else Label(form.fr, form.en or form.fr)


def _act(name: str, form: ActForm) -> Act:
    return Act(name, form.do, form.by, form.odds, _delay(form.after), form.reason, _rules(form.fields))


def _delay(form: DelayForm) -> Delay:
    return Delay(_distribution(form), form.unit == "working days")


def _distribution(form: DelayForm) -> d.Distribution:
    if form.lognormal is not None:
        return d.Lognormal(form.lognormal.median, form.lognormal.sigma)
    if form.exponential is not None:
        return d.Exponential(form.exponential.mean)
    if form.uniform is not None:
        return d.Uniform(form.uniform.least, form.uniform.most)
    if form.empirical is not None:
        return d.Empirical(tuple(form.empirical))
    return d.Empirical((form.fixed or 0.0,))


def _rules(forms: Mapping[str, RuleForm]) -> dict[str, Rule]:
    return {name: _rule(form) for name, form in forms.items()}


def _rule(form: RuleForm) -> Rule:
    if form.choose is not None:
        return Rule("choose", weights=form.choose)
    if form.between is not None:
        return Rule("between", numbers=(form.between.least, form.between.most))
    if form.share_of is not None:
        return Rule("share_of", form.share_of.field, numbers=(form.share_of.share, 0), less=form.share_of.less)
    if form.table is not None:
        return Rule("table", form.table.name, numbers=(form.table.times, 0))
    for kind in ("value", "day", "same_as", "count", "unique"):
        text = getattr(form, kind)
        if text is not None:
            return Rule(kind, text)
    raise AssertionError("a rule has exactly one kind")
