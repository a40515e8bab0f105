"""Numbers and the words that go with them."""

import pytest

from operators.plurals import counted

WORDS = "envoi abandonné|envois abandonnés|delivery given up|deliveries given up"


@pytest.mark.parametrize(
    ("count", "fr", "en"),
    [
        (0, "0 envoi abandonné", "0 deliveries given up"),
        (1, "1 envoi abandonné", "1 delivery given up"),
        (2, "2 envois abandonnés", "2 deliveries given up"),
    ],
)
def test_words_agree_with_their_number(count: int, fr: str, en: str) -> None:
    assert (counted(count, WORDS, "fr"), counted(count, WORDS, "en")) == (fr, en)
