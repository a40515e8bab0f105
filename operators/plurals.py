"""The form of words that goes with a number, in French and English."""


def form(count: int, words: str, lang: str) -> str:
    """One of `one|many|one|many`, in French and English; in French, 0 of something is one of it."""
    one, many, one_en, many_en = words.split("|")
    if lang == "en":
        return one_en if count == 1 else many_en
    return one if count < 2 else many


def counted(count: int, words: str, lang: str) -> str:
    """The number with that form."""
    return f"{count} {form(count, words, lang)}"
