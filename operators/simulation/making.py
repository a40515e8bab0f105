"""The values that simulated people give: by a file's rules, else by the type of the field, as somebody types them."""

from collections.abc import Mapping
from datetime import date

from operators.simulation.behaviours import Rule
from operators.simulation.draws import Draws
from workflow.calendar import parse_length
from workflow.civil.periods import add_length
from workflow.definition import Definition, Field, Value
from workflow.journal import Journal
from workflow.values import show_value

_GENERIC_MONEY = 100_000
"""Cents, where a definition says nothing about an amount."""


class Maker:
    """Makes the values of one act: on a day, of one placement, by its draws; `question` tells the act from others."""

    def __init__(
        self, definition: Definition, draws: Draws, on: date, territory: str, journal: Journal | None, question: str
    ) -> None:
        self._definition, self._draws, self._on = definition, draws, on
        self._territory, self._journal, self._question = territory, journal, question

    def text(self, name: str, rule: Rule | None) -> str | None:
        """What somebody types into a field; None where there is nothing to say."""
        field = self._definition.fields[name]
        value = self._by_type(field) if rule is None else self._by_rule(field, rule)
        if value is None or isinstance(value, str):
            return value
        return str(show_value(field, value)).lower()

    def _by_rule(self, field: Field, rule: Rule) -> Value:
        kind, text = rule.kind, rule.text
        if kind == "value":
            return text
        if kind == "day":
            return self._shifted(text)
        if kind == "choose":
            return self._draws.among(rule.weights, self._question, field.name)
        if kind == "between":
            least, most = rule.numbers
            return round(least + self._draws.share(self._question, field.name) * (most - least))
        if kind == "same_as":
            return self._held(text)
        if kind == "share_of":
            return self._share(rule)
        if kind == "table":
            found = table_value(self._definition, text, self._territory, self._on)
            return None if found is None else round(found * rule.numbers[0])
        if kind == "count":
            return (self._journal.facts.counts.get(text, 0) if self._journal else 0) + 1
        return f"{text} {self._unique()}"

    def _by_type(self, field: Field) -> Value:
        share = self._draws.share(self._question, field.name)
        if field.type == "choice":
            held = [item.value for item in field.values if item.holds_on(self._on)]
            return held[int(share * len(held))] if held else None
        simple: Mapping[str, Value] = {
            "date": self._on.isoformat(),
            "boolean": share < 1 / 2,
            "territory": "75",
            "insee": "75056",
            "siret": "13002603200016",
            "email": "simulation@example.org",
        }
        if field.type in simple:
            return simple[field.type]
        if field.type == "integer":
            return max(field.minimum or 0, min(field.maximum or 1, 1))
        return self._amount(field) if field.type == "money" else f"{field.name} {self._unique()}"

    def _amount(self, field: Field) -> int:
        """No less than any table of amounts asks for."""
        tables = [name for name, table in self._definition.tables.items() if table.type == "money"]
        found = [table_value(self._definition, name, self._territory, self._on) for name in tables]
        least = max((value for value in found if value is not None), default=_GENERIC_MONEY)
        return max(field.minimum or 0, min(least, field.maximum or least))

    def _unique(self) -> str:
        return f"{int(self._draws.share(self._question, 'unique') * 1e12):012}"

    def _shifted(self, text: str) -> str:
        length = parse_length(text.lstrip("+-"))
        return add_length(self._on, length, sign=-1 if text.startswith("-") else 1).isoformat()

    def _held(self, name: str) -> Value:
        if self._journal is None:
            return None
        facts = self._journal.facts
        if name in facts.personal:
            return self._journal.past.value(facts.setters[name], name)
        value = facts.fields.get(name)
        return None if value is None else show_value(self._definition.fields[name], value)

    def _share(self, rule: Rule) -> Value:
        whole = self._journal.facts.fields.get(rule.text) if self._journal else None
        if not isinstance(whole, int) or self._journal is None:
            return None
        gone = recorded(self._journal, rule.less) if rule.less else 0
        return max(0, round(whole * rule.numbers[0]) - gone)


def recorded(journal: Journal, name: str) -> int:
    """The sum of a field over all acts that recorded it; amendments and reversals are the history's own matter."""
    values = (item.entry.fields.get(name) for item in journal.past.entries)
    return sum(value for value in values if isinstance(value, int))


def table_value(definition: Definition, name: str, territory: str, on: date) -> int | None:
    """The value of a dated table for a territory and day; None where it has none."""
    rows = [row for row in definition.tables[name].rows if territory in row.territories and row.from_on <= on]
    return max(rows, key=lambda row: row.from_on).value if rows else None
