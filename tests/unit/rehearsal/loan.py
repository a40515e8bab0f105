"""A small definition with a little of everything, for the rehearsal's own tests; and what is seen of it."""

from functools import cache

from rehearsal.coverage import Coverage
from rehearsal.exploring import Map
from rehearsal.record import Record
from rehearsal.recording import recorded
from rehearsal.rehearsing import mapped, prepared
from rehearsal.replaying import Player
from workflow.changes import Published

LOAN = """\
definition: loan
version: 1
initial: asked
roles: [desk, borrower]
fields:
  territory:   {type: territory, required: true}
  lent_on:     {type: date}
  loan_months: {type: integer, minimum: 1, maximum: 12, default: 3}
  deposit:     {type: money}
  serial:      {type: text, exclusive: true}
states:
  asked:    {}
  lent:     {}
  returned: {final: true}
  lapsed:   {final: true}
tables:
  fee:
    known_until: 2030-12-31
    columns:
      - territories: ["01..95", "971..978", "986..988"]
        rows:
          - {from: 2021-01-01, value: "10.50"}
          - {from: 2022-01-01, value: "12.00"}
quotas:
  items: {limit: 2, taken_by: lend, given_back_by: [returned], message: Nothing left}
transitions:
  lend:
    from: asked
    to: lent
    by: [desk]
    dated_by: lent_on
    needs: [lent_on, serial, deposit]
    guards:
      - {code: below_fee, require: "deposit >= lookup('fee', lent_on)", message: Below the fee}
  give_back:
    - {from: lent, to: returned, by: [borrower, desk], first_that_holds: true, when: occurred_on <= last_day('loan')}
    - {from: lent, to: returned, by: [desk], first_that_holds: true, reason: required}
  prolong: {from: lent, by: [desk], needs: [loan_months], once: true}
  lapse: {from: asked, to: lapsed, by: [scheduler]}
deadlines:
  answer: {after: asked, within: 15 days, while: asked, remind: [5 days before], then: lapse}
  loan:
    after: {field: lent_on}
    within: {field: loan_months, unit: months}
    while: lent
    remind: [1 month before]
  visit: {after: lent, within: 10 working days, roll: next_working_day, while: lent, until: {trigger: prolong}}
"""
FILE = "loan.yaml"


@cache
def seen(text: str = LOAN) -> tuple[Published, Map, Player, Coverage]:
    """A definition's map, worked out once; tests must leave it as it is."""
    published, definition = prepared(text.encode(), FILE)
    coverage = Coverage(definition)
    return published, *mapped(published, definition, coverage), coverage


@cache
def record_of(text: str = LOAN) -> Record:
    """A definition's record, worked out once."""
    _, found, player, _ = seen(text)
    return recorded(found, player)


def changed(old: str, new: str) -> str:
    """The loan with a part of it replaced."""
    assert old in LOAN
    return LOAN.replace(old, new, 1)
