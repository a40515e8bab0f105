"""What `doctor` finds of definitions and calendars that were changed after they were published."""

import json
from dataclasses import replace

import pytest

from operators.published_checks import published_faults
from tests.world import SHIPPED, published
from workflow.changes import Published

HERE = published(SHIPPED)


def test_what_was_published_has_no_faults() -> None:
    assert published_faults([HERE, HERE]) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (replace(HERE, source=HERE.source.replace(b"15 days", b"16 days", 1)), "not the one that was published"),
        (replace(HERE, compiled=HERE.compiled.replace(b"selection", b"selektion")), "not what its source gives"),
        (replace(HERE, compiled=b"{"), "cannot be read"),
        (replace(HERE, version=7), "compiled definition placement 7 is placement 1"),
        (replace(HERE, calendar_source=HERE.calendar_source.replace(b"2021-05-01", b"2021-05-02")), "not the one that"),
        (replace(HERE, calendar_source=b"{"), "cannot be read"),
        (replace(HERE, calendar="FR-1999.9"), "says that it is"),
    ],
)
def test_what_was_changed_since_is_told(changed: Published, said: str) -> None:
    (sentence,) = published_faults([changed])
    assert said in sentence.en
    assert sentence.fr.startswith(("la définition ", "le calendrier "))


def test_definition_that_is_gone_is_told_by_the_log_s_own_chain() -> None:
    def act(kind: str, digest: str) -> bytes:
        return json.dumps({"kind": kind, "fields": {"name": "placement", "version": 2, "digest": digest}}).encode()

    acts = [act("published", HERE.digest), act("heads", "x"), b"{", act("published", "x")]
    (sentence,) = published_faults([HERE], acts)
    assert sentence == (
        "la définition placement 2 a été publiée et n'est plus là",
        "the definition placement 2 was published, and is not there",
    )
