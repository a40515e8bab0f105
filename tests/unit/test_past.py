"""The past of a placement while a decision is in the making: kept up with new entries, and taken back with them."""

from tests.world import instant
from workflow.commitments import disclosure_of
from workflow.definition import Value
from workflow.history import ChainedEntry, DefinitionRef, HistoryEntry, chained
from workflow.situation import Past

SHOWN = {(1, "name"): disclosure_of(b"s" * 32, "name", "Ada")}


def entry(seq: int) -> ChainedEntry:
    at = instant("2021-01-04T09:00")
    return chained(
        HistoryEntry(
            log="l", placement="p", seq=seq, prev="0" * 64, kind="note", definition=DefinitionRef("d", 1, "x"),
            actor="a", occurred_at=at, recorded_at=at,
        )
    )  # fmt: skip


def past() -> Past:
    return Past(lambda: [entry(1)], lambda: SHOWN)


def value(of: Past, seq: int) -> Value:
    return of.value(seq, "name")


def test_erasure_that_is_taken_back_erases_nothing() -> None:
    one = past()
    one.forget([(1, "name")])
    assert value(one, 1) is None
    one.recall([(1, "name")])
    assert value(one, 1) == "Ada"


def test_entry_that_is_dropped_leaves_no_value_behind_for_the_next_one() -> None:
    one = past()
    one.add(entry(2))
    one.show({(2, "name"): disclosure_of(b"t" * 32, "name", "Grace")})
    assert value(one, 2) == "Grace"
    one.drop_last(1)
    one.add(entry(2))
    assert (len(one.entries), value(one, 1), value(one, 2)) == (2, "Ada", None)
