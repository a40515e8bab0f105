"""What every store keeps besides placements: definitions for ever, and the names behind pseudonyms."""

import pytest

from tests.store.builders import definition
from workflow.changes import Published
from workflow.errors import IntegrityBroken
from workflow.store import Store


def test_actor_keeps_one_pseudonym(store: Store) -> None:
    with store.writing() as work:
        camille, sacha = work.actor_id("Camille"), work.actor_id("Sacha")
        assert work.actor_id("Camille") == camille != sacha
        assert camille.startswith("operator:")
    with store.reading() as view:
        assert [view.actor(camille), view.actor(sacha), view.actor("operator:0")] == [
            "Camille",
            "Sacha",
            None,
        ]


def test_published_definitions_are_kept(store: Store) -> None:
    newer = definition(2, quotas={"posts": 5}, calendar="fr-2022", calendar_source=b"2022\n")
    other = definition(10, name="other")
    with store.writing() as work:
        work.publish(newer)
        work.publish(other)
        work.publish(newer)
    with store.reading() as view:
        assert view.published(newer.digest) == newer
        assert view.published("0" * 64) is None
        assert list(view.versions("anct")) == [definition(), newer]
        assert list(view.versions()) == [definition(), newer, other]


@pytest.mark.parametrize(
    "again",
    [definition(1, digest="e" * 64, source=b"other"), definition(2, calendar_source=b"other\n")],
    ids=["same version", "same calendar"],
)
def test_what_was_published_cannot_be_replaced(store: Store, again: Published) -> None:
    with pytest.raises(IntegrityBroken), store.writing() as work:
        work.publish(again)
    with store.reading() as view:
        assert list(view.versions()) == [definition()]
