"""`python -m operators.simulation.trial`: one bounded simulation in a process of its own, for who must not wait for it.

It is asked on standard input and answers on standard output, both JSON, and opens no database. Whoever starts it may
end it at any time.
"""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from operators.simulation.behaviours import at_start_of
from operators.simulation.policies import other_policy, people_of, rules_at
from operators.simulation.running import Plan, end_of, simulate
from operators.simulation.sections import Cell, Told
from operators.simulation.telling import Policy, Teller
from workflow.errors import ParcoursError

MOST_PLACEMENTS, MOST_MONTHS = 300, 48
REPLICATIONS = 3
"""Of each of two versions, so that their difference has an interval."""


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked: one definition's file or two, how many placements, from when, for how long."""

    definitions: Annotated[list[str], Meta(min_length=1, max_length=2)]
    placements: Annotated[int, Meta(ge=1, le=MOST_PLACEMENTS)]
    months: Annotated[int, Meta(ge=1, le=MOST_MONTHS)]
    begins_on: date
    seed: Annotated[int, Meta(ge=0, le=10**9)]
    lang: str


class Table(msgspec.Struct, frozen=True):
    """One subject of the answer; `numbers` says which columns hold numbers."""

    key: str
    title: str
    columns: list[str]
    numbers: list[bool]
    rows: list[list[Cell]]
    remark: str


class Answer(msgspec.Struct, frozen=True):
    """What came of it; `error` where nothing did."""

    facts: list[tuple[str, str]]
    tables: list[Table]
    error: str = ""


def tried(asked: Trial) -> Answer:
    """Simulate, and tell what came of it as tables."""
    first, *others = map(Path, asked.definitions)
    start = at_start_of(asked.begins_on)
    plan = Plan(asked.placements, start, end_of(start, asked.months), asked.seed, REPLICATIONS if others else 1)
    rules = rules_at(first)
    habits = people_of(rules.definition)
    policies = [Policy(first.stem, rules.definition, habits, simulate(rules, habits, plan))]
    policies += [other_policy(path, habits, plan, first.stem) for path in others]
    return _answer(Teller(plan, policies, asked.lang).told())


def _answer(told: Told) -> Answer:
    tables = [
        Table(each.key, each.title, list(each.columns), each.numbers(), [list(row) for row in each.rows], each.remark)
        for each in told.sections
        if each.rows
    ]
    return Answer(list(told.facts), tables)


def main() -> None:
    """Answer one question."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Trial)
    try:
        answer = tried(asked)
    except ParcoursError as error:
        from operators.cli.errors import sentence

        answer = Answer([], [], sentence(error, asked.lang))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
