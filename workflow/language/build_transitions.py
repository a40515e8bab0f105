"""From the language's transitions to those of a definition, with the expressions of their guards checked."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflow.definition import SCHEDULER, Condition, Field, Guard, Transition
from workflow.expressions import Environment, ExpressionError
from workflow.language.forms import AutomaticForm, GuardForm, KeptForm, TransitionForm
from workflow.language.names import Names
from workflow.language.positions import Path
from workflow.language.wording import unknown


@dataclass(frozen=True, slots=True)
class TransitionBuilder:
    """What transitions refer to; without an environment, expressions are taken as they are."""

    names: Names
    fields: dict[str, Field]
    environment: Environment | None

    def under_trigger(self, trigger: str, forms: TransitionForm | list[TransitionForm]) -> tuple[Transition, ...]:
        """The transitions of one trigger, in the file's order."""
        if isinstance(forms, TransitionForm):
            return (self._one(trigger, 0, forms, ("transitions", trigger)),)
        places = [("transitions", trigger, number) for number in range(len(forms))]
        return tuple(self._one(trigger, n, form, places[n]) for n, form in enumerate(forms))

    def _one(self, trigger: str, number: int, form: TransitionForm, path: Path) -> Transition:
        names = self.names
        needs, kept = self._needs(form, path)
        takes = names.each("field", form.takes, (*path, "takes"))
        for index, name in enumerate(form.takes):
            if name in needs:
                fr = f"le champ « {name} » est déjà dans needs : ôtez-le de takes"
                en = f"field {name!r} is needed already: leave it out of takes"
                names.report(names.source.value(*path, "takes", index), "repeated", fr, en)
        return Transition(
            trigger=trigger,
            number=number,
            sources=names.states(form.from_, (*path, "from")),
            to=names.optional("state", form.to, (*path, "to")),
            by=frozenset(names.each("role", form.by, (*path, "by"))),
            needs=needs,
            kept=kept,
            takes=takes,
            dated_by=self._dated_by(form, {*needs, *takes}, path),
            reason_required=form.reason == "required",
            once=form.once,
            since=names.optional("state", form.since, (*path, "since")),
            when=self._condition(form.when, (*path, "when")),
            first_that_holds=form.first_that_holds,
            guards=tuple(self._guards(form.guards, (*path, "guards"))),
            label=names.label(form.label, trigger),
            place=names.source.key(*path),
        )

    def automatic(self, number: int, name: str, form: AutomaticForm) -> Transition | None:
        """A transition that the engine takes by itself; None where it leads nowhere known."""
        path = ("automatic", name)
        to = self.names.one("state", form.to, (*path, "to"))
        if to is None:
            return None
        return Transition(
            trigger=name,
            number=number,
            sources=self.names.states(form.from_, (*path, "from")),
            to=to,
            by=frozenset({SCHEDULER}),
            when=self._condition(form.when, (*path, "when")),
            automatic=True,
            label=self.names.label(form.label, name),
            place=self.names.source.key(*path),
        )

    def _needs(self, form: TransitionForm, path: Path) -> tuple[tuple[str, ...], frozenset[str]]:
        needs: dict[str, bool] = {}
        for index, need in enumerate(form.needs):
            at: Path = (*path, "needs", index)
            name = need.field if isinstance(need, KeptForm) else need
            found = self.names.one("field", name, (*at, "field") if isinstance(need, KeptForm) else at)
            if found in needs:
                fr = f"le champ « {name} » est là deux fois : supprimez-en un exemplaire"
                en = f"field {name!r} is here twice: leave it out once"
                self.names.report(self.names.source.value(*at), "repeated", fr, en)
            elif found is not None:
                needs[found] = isinstance(need, KeptForm)
        return tuple(needs), frozenset(name for name, is_kept in needs.items() if is_kept)

    def _dated_by(self, form: TransitionForm, given: set[str], path: Path) -> str | None:
        at = (*path, "dated_by")
        found = self.names.optional("field", form.dated_by, at)
        if found is None or found not in self.fields:
            return found
        place = self.names.source.value(*at)
        if self.fields[found].type != "date":
            fr = f"le champ « {found} » est de type {self.fields[found].type} : attendu une date"
            en = f"field {found!r} is of type {self.fields[found].type}: expected a date"
            self.names.report(place, "wrong_type", fr, en)
        elif found not in given:
            fr = f"le champ « {found} » n'est pas dans needs : sans lui, le fait n'a pas de date"
            en = f"field {found!r} is not in needs: the fact has no date without it"
            self.names.report(place, "not_given", fr, en)
        return found

    def _condition(self, form: str | list[str] | None, path: Path) -> Condition | None:
        if form is None:
            return None
        parts = [(form, path)] if isinstance(form, str) else [(t, (*path, n)) for n, t in enumerate(form)]
        predicates = tuple(text for text, _ in parts if text in self.names.predicates)
        expressions = [(text, at) for text, at in parts if text not in self.names.predicates]
        for text, at in expressions:
            self._check(text, at, or_predicate=True)
        joined = " && ".join(f"({text})" for text, _ in expressions) if len(expressions) > 1 else None
        first = next((text for text, _ in expressions), None)
        return Condition(joined or first, predicates, self.names.source.value(*path))

    def _guards(self, forms: list[GuardForm], path: Path) -> Iterator[Guard]:
        for index, form in enumerate(forms):
            at = (*path, index)
            place = self.names.source.key(*at)
            if (form.require is None) == (form.predicate is None):
                fr = "une condition de guards a soit require (une expression), soit predicate"
                en = "a guard has one of require (an expression) and predicate"
                self.names.report(place, "wrong_guard", fr, en)
            if form.require is not None:
                self._check(form.require, (*at, "require"))
            if form.predicate is not None and form.predicate not in self.names.predicates:
                said = unknown("predicate", form.predicate, sorted(self.names.predicates))
                self.names.report(self.names.source.value(*at, "predicate"), "unknown_predicate", *said)
            yield Guard(form.code, self.names.label(form.message, form.code), form.require, form.predicate, place)

    def _check(self, text: str, path: Path, *, or_predicate: bool = False) -> None:
        if self.environment is None:
            return
        try:
            self.environment.compile(text)
        except ExpressionError as error:
            is_name = or_predicate and text.isidentifier() and text not in self.environment.variables
            code, said = "wrong_expression", error.said
            if is_name:
                known = [*sorted(self.names.predicates), *self.environment.variables]
                code, said = "unknown_predicate", unknown("predicate", text, known)
            self.names.report(self.names.source.within(path, error.column), code, *said)
