"""What a request's entry says: read back as it was typed, and nothing of it lost on the way."""

from tests.unit.definitions import SMALL, define
from tests.world import instant
from workflow.commitments import commitment_to, disclosure_of
from workflow.history import ChainedEntry, DefinitionRef, HistoryEntry, chained
from workflow.requested import fields_in, options_in
from workflow.situation import Past

GROSS = disclosure_of(b"s" * 32, "gross", "1900")
REASON = disclosure_of(b"t" * 32, "reason", "Told by phone")


def request() -> ChainedEntry:
    at = instant("2021-01-04T09:00")
    return chained(
        HistoryEntry(
            log="l",
            placement="p",
            seq=1,
            prev="0" * 64,
            kind="approval",
            definition=DefinitionRef("d", 1, "x"),
            actor="a",
            occurred_at=at,
            recorded_at=at,
            fields={"approval.act": "amend", "request.roles": "supervisor", "asked.months": "12"},
            commitments={"gross": commitment_to(GROSS), "reason": commitment_to(REASON)},
        )
    )


def test_options_fields_and_texts_are_told_apart() -> None:
    item = request()
    past = Past(lambda: [item], lambda: {(1, "gross"): GROSS, (1, "reason"): REASON})
    assert options_in(item.entry) == {"roles": "supervisor"}
    assert fields_in(define(SMALL), item.entry, past)["months"] == "12"
    assert "reason" not in fields_in(define(SMALL), item.entry, past)


def test_personal_value_of_a_field_that_the_definition_has_lost_is_not_passed_over() -> None:
    item = request()
    past = Past(lambda: [item], lambda: {(1, "gross"): GROSS, (1, "reason"): REASON})
    assert fields_in(define(SMALL), item.entry, past)["gross"] == "1900"


def test_erased_value_is_told_as_none() -> None:
    item = request()
    assert fields_in(define(SMALL), item.entry, Past(lambda: [item], dict))["gross"] is None
