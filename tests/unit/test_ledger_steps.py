"""How a ledger made a date, told step by step; the last steps are always the date that the deadline has."""

from datetime import date, datetime

from tests.world import instant
from workflow.calendar import deadline, end_of_day, load_calendar, local_day, parse_length
from workflow.facts import Occurrence
from workflow.ledger import Count, LedgerItem, civil_last_day, exact_instant
from workflow.ledger_steps import ledger_steps

ANCHOR = instant("2021-03-01T09:00")


def line(kind: str, day: str = "2021-03-05", value: str | None = None) -> LedgerItem:
    return LedgerItem(kind, instant(f"{day}T10:00"), value)


def told(
    length: str, *ledger: LedgerItem, counting: str = "calendar", roll: str = "none", closed: str | None = None
) -> list[tuple[str, str]]:
    """Code and English sentence of each step, for the date that the ledger's own arithmetic gives."""
    count = Count(counting, roll, "75", load_calendar())
    strict = deadline(ANCHOR, "75", length, counting=counting)
    if parse_length(length).exact is None:
        last = civil_last_day(strict.last_day, ledger, count)
        due = end_of_day(last, "75")
    else:
        due = exact_instant(strict.instant, ledger, "75")
        last = local_day(due, "75")
    steps = ledger_steps(strict, _occurrence(last, due, ledger, closed), parse_length(length), count, {})
    return [(step.code, step.en) for step in steps]


def _occurrence(last: date, due: datetime, ledger: tuple[LedgerItem, ...], closed: str | None) -> Occurrence:
    return Occurrence(1, local_day(ANCHOR, "75"), ANCHOR, ANCHOR, last, due, ledger=ledger, closed=closed)


def test_paused_stretch_is_given_back_in_working_days() -> None:
    steps = told("10 days", line("pause"), line("resume", "2021-03-09"), counting="working")
    assert steps[-4:-2] == [
        ("by_the_rule", "By the rule alone: Monday 15 March 2021."),
        ("paused", "Paused from Friday 5 March 2021 to Monday 8 March 2021, days given back: Wednesday 17 March 2021."),
    ]


def test_extension_counts_as_it_says_or_as_the_deadline_does() -> None:
    days = told("10 days", line("extension", value="2 days"), counting="working")
    assert days[-3] == ("extended", "Extended by 2 working days: Wednesday 17 March 2021.")
    months = told("10 days", line("extension", value="1 month"), counting="working")
    assert months[-3] == ("extended", "Extended by 1 month: Thursday 15 April 2021.")


def test_move_makes_what_came_before_count_no_more_and_the_roll_comes_last() -> None:
    ledger = (line("extension", value="90 days"), line("move", value="2021-04-03"))
    assert [code for code, _ in told("15 days", *ledger, roll="next_working_day")] == [
        "anchor", "rule", "by_the_rule", "moved", "day_skipped", "day_skipped", "day_skipped", "rolled", "last_day",
        "instant",
    ]  # fmt: skip


def test_pause_that_ended_on_its_day_gives_nothing_back() -> None:
    steps = told("15 days", line("pause"), line("resume"))
    assert steps[-3] == ("paused", "Paused on Friday 5 March 2021, without effect: Tuesday 16 March 2021.")


def test_open_pause_and_waiver_are_told() -> None:
    assert told("15 days", line("pause"))[-3] == (
        "paused", "Paused since Friday 5 March 2021 at 11:00: nothing falls due until it is resumed.",
    )  # fmt: skip
    waived = told("15 days", line("move"), closed="waived")
    assert waived[-1] == ("waived", "Waived on Friday 5 March 2021 at 11:00: it does not fire.")


def test_hours_are_given_back_exactly() -> None:
    steps = told("48 hours", line("pause", "2021-03-02"), line("resume", "2021-03-05"))
    assert steps[-3:] == [
        ("paused", "Paused from Tuesday 2 March 2021 at 11:00 to Friday 5 March 2021 at 11:00, time given back."),
        ("last_day", "Last day: Saturday 6 March 2021."),
        ("instant", "Due: Saturday 6 March 2021 at 10:00, that is 2021-03-06T09:00:00Z."),
    ]


def test_date_of_the_past_that_no_longer_follows_has_no_steps() -> None:
    ledger = (line("extension", value="2 days"),)
    strict = deadline(ANCHOR, "75", "15 days")
    other = _occurrence(strict.last_day, strict.instant, ledger, "fired")
    assert (
        ledger_steps(strict, other, parse_length("15 days"), Count("calendar", "none", "75", load_calendar()), {}) == ()
    )


def test_every_step_is_told_in_french() -> None:
    ledger = (line("move", value="2021-04-03"), line("pause"), line("resume", "2021-03-09"),
              line("extension", value="2 days"))  # fmt: skip
    count = Count("calendar", "none", "75", load_calendar())
    strict = deadline(ANCHOR, "75", "15 days")
    last = civil_last_day(strict.last_day, ledger, count)
    steps = ledger_steps(
        strict, _occurrence(last, end_of_day(last, "75"), ledger, None), parse_length("15 days"), count, {}
    )
    assert [step.fr for step in steps[2:6]] == [
        "Par la règle seule : mardi 16 mars 2021.",
        "Dernier jour fixé au samedi 3 avril 2021.",
        "Suspendue du vendredi 5 mars 2021 au lundi 8 mars 2021, jours rendus : mercredi 7 avril 2021.",
        "Prolongée de 2 jours : vendredi 9 avril 2021.",
    ]
