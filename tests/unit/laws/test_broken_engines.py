"""Every law finds out an engine that breaks it: what cannot fail would prove nothing.

Each test breaks the engine in one place, on purpose, and looks for a life on which the law's check fails.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.laws import laws
from tests.unit.laws.laws import Lived
from tests.unit.laws.lives import at_random
from workflow import (
    carrying_out,
    deciding,
    due_dates,
    engine,
    fold,
    guards,
    journal,
    keys,
    predicates,
    rules,
    session,
    settling,
)
from workflow.changes import Change
from workflow.commands import SweepResult
from workflow.engine import Engine

Patch = pytest.MonkeyPatch
LIVES = [Lived(*drawn) for drawn in at_random(120)]


def is_found_out(law: Callable[[Lived], None]) -> bool:
    """Whether the law fails on some life."""
    for lived in LIVES:
        try:
            law(lived)
        except AssertionError:
            return True
    return False


def asleep(lived: Lived) -> None:
    laws.downtime_does_not_change_history(lived, ["asleep", "asleep", "restarts"])


def settled(lived: Lived) -> None:
    laws.everything_due_is_settled_first(lived, 20)


def asked(lived: Lived) -> None:
    laws.questions_write_nothing(lived, 20)


def once(lived: Lived) -> None:
    laws.nothing_fires_early_or_twice(lived, 24)


def same(lived: Lived) -> None:
    laws.the_same_command_twice_is_one_change(lived, 20)


def second(lived: Lived) -> None:
    laws.who_was_second_is_told(lived, 20)


ALL = (
    laws.agrees_with_the_model,
    laws.state_is_the_fold_of_history,
    asleep,
    settled,
    asked,
    once,
    same,
    second,
)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.__name__)
def test_the_engine_as_it_is_keeps_the_law(law: Callable[[Lived], None]) -> None:
    for lived in LIVES[:20]:
        law(lived)


def test_firing_at_the_moment_of_the_sweep_is_found_out(monkeypatch: Patch) -> None:
    draft = settling._draft

    def late(kind: Any, event: Any, **more: Any) -> Any:
        return replace(draft(kind, event, **more), occurred_at=event.moment + timedelta(hours=1))

    monkeypatch.setattr(settling, "_draft", late)
    assert is_found_out(laws.agrees_with_the_model)


def test_history_that_depends_on_when_the_daemon_ran_is_found_out(monkeypatch: Patch) -> None:
    fire = settling._fire

    def at_now(journal: Any, spec: Any, event: Any) -> None:
        fire(journal, spec, replace(event, moment=max(event.moment, journal.desk.now)))

    monkeypatch.setattr(settling, "_fire", at_now)
    assert is_found_out(asleep)


def test_firing_early_is_found_out(monkeypatch: Patch) -> None:
    settle = settling.settle

    def early(journal: Any, until: datetime) -> None:
        settle(journal, until + timedelta(days=1))

    monkeypatch.setattr(session, "settle", early)
    assert is_found_out(laws.state_is_the_fold_of_history)
    assert is_found_out(once)


def test_a_reminder_sent_twice_is_found_out(monkeypatch: Patch) -> None:
    enter = settling._enter

    def twice(journal: Any, event: Any) -> None:
        enter(journal, event)
        if event.is_reminder:
            enter(journal, event)

    monkeypatch.setattr(settling, "_enter", twice)
    assert is_found_out(laws.agrees_with_the_model)
    assert is_found_out(laws.state_is_the_fold_of_history)


def test_fields_that_are_not_emptied_are_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(rules.Rules, "emptied_by", lambda self, trigger, entered: ())
    assert is_found_out(laws.agrees_with_the_model)


def test_a_row_that_is_not_the_fold_is_found_out(monkeypatch: Patch) -> None:
    change = journal.Journal.change

    def other(self: Any) -> Change:
        made = change(self)
        return replace(made, after=replace(made.after, revision=made.after.revision + 1))

    monkeypatch.setattr(journal.Journal, "change", other)
    assert is_found_out(laws.state_is_the_fold_of_history)


def test_a_notice_forgotten_is_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(journal, "_ANNOUNCED", frozenset({"reminder", "milestone", "timeout"}))
    assert is_found_out(laws.state_is_the_fold_of_history)


def test_deadlines_not_listed_are_found_out(monkeypatch: Patch) -> None:
    change = journal.Journal.change
    monkeypatch.setattr(journal.Journal, "change", lambda self: replace(change(self), dropped=()))
    assert is_found_out(laws.state_is_the_fold_of_history)


def test_deciding_before_settling_is_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(session, "settle", lambda journal, until: None)
    assert is_found_out(settled)


def test_forgetting_what_was_settled_on_a_refusal_is_found_out(monkeypatch: Patch) -> None:
    only = carrying_out._settled_only

    def forgetful(unit: Any, journal: Any, count: int, refusal: Any) -> Any:
        return only(unit, journal, count, refusal) if not count else carrying_out.Done(journal.facts, refusal=refusal)

    monkeypatch.setattr(carrying_out, "_settled_only", forgetful)
    assert is_found_out(settled)


def test_a_preview_that_writes_is_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(Engine, "preview", Engine.fire)
    assert is_found_out(asked)


def test_keys_that_are_not_kept_are_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(carrying_out, "remember", lambda *_: None)
    assert is_found_out(same)


def test_keys_looked_up_after_settling_are_found_out(monkeypatch: Patch) -> None:
    lookup = keys.repeated

    def afterwards(session: Any, facts: Any, *command: Any) -> Any:
        if lookup(session, facts, *command):
            session.reading.apply([session.settled(facts).change()])
        return lookup(session, facts, *command)

    monkeypatch.setattr(engine, "repeated", afterwards)
    assert is_found_out(same)


def test_a_revision_that_counts_reminders_is_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(fold, "_BOOKKEEPING", frozenset({"missed", "milestone", "note", "approval"}))
    assert is_found_out(second)


def test_a_clock_that_goes_back_in_history_is_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(journal.Journal, "now", property(lambda self: self.desk.now))
    assert is_found_out(once)


def test_late_facts_let_through_are_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(deciding, "_in_the_way", lambda *_: [])
    assert is_found_out(laws.agrees_with_the_model)
    assert is_found_out(laws.state_is_the_fold_of_history)


def test_a_clock_that_restarts_with_every_state_is_found_out(monkeypatch: Patch) -> None:
    anchored = due_dates.anchored

    def restarted(facts: Any, spec: Any) -> Any:
        anchor = anchored(facts, spec)
        return anchor and replace(anchor, seq=facts.state_seq)

    monkeypatch.setattr(due_dates, "anchored", restarted)
    assert is_found_out(laws.agrees_with_the_model)


def test_guards_that_are_not_asked_are_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(guards, "_blockers", lambda *_: [])
    assert is_found_out(laws.agrees_with_the_model)


def test_a_candidate_of_an_earlier_vacancy_is_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setitem(predicates.PREDICATES, "selected_candidate_was_shown", lambda situation: True)
    assert is_found_out(laws.agrees_with_the_model)


def test_a_quota_that_waits_for_the_daemon_is_found_out(monkeypatch: Patch) -> None:
    attempt = Engine._act

    def impatient(self: Any, *asked: Any) -> Any:
        sweep, self.sweep = self.sweep, lambda: SweepResult(0, 0, 0)
        try:
            return attempt(self, *asked)
        finally:
            self.sweep = sweep

    monkeypatch.setattr(Engine, "_act", impatient)
    assert is_found_out(asleep)


def test_a_personal_value_in_an_entry_is_found_out(monkeypatch: Patch) -> None:
    monkeypatch.setattr(journal.Journal, "_disclose", lambda self, draft: {})
    assert is_found_out(laws.state_is_the_fold_of_history)
