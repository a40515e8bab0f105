"""The two ways to work on a page: with a pointer, and by the keyboard alone. Journeys are made with either."""

from typing import Protocol

from playwright.sync_api import Locator, Page

FARTHEST = 160
"""So many times Tab is pressed at most: every page has fewer things to reach."""


class Hand(Protocol):
    """How somebody presses, types and chooses."""

    def press(self, wanted: Locator) -> None:
        """A link, a button, what unfolds."""
        ...

    def fill(self, field: Locator, text: str) -> None:
        """A field; dates as ISO 8601 has them."""
        ...

    def choose(self, field: Locator, option: str) -> None:
        """One of a list, by what it says."""
        ...

    def tick(self, box: Locator) -> None: ...


class Pointer:
    """Clicks."""

    def press(self, wanted: Locator) -> None:
        wanted.click()

    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def choose(self, field: Locator, option: str) -> None:
        field.select_option(option)

    def tick(self, box: Locator) -> None:
        box.check()


class Keys:
    """Tab, Enter, Space and letters: nothing that the keyboard does not reach can be used."""

    def __init__(self, page: Page) -> None:
        self._keyboard = page.keyboard

    def press(self, wanted: Locator) -> None:
        self._reach(wanted)
        self._keyboard.press("Enter")

    def fill(self, field: Locator, text: str) -> None:
        self._reach(field)
        kind = field.get_attribute("type")
        if kind not in ("date", "datetime-local"):
            self._keyboard.press("Control+A")
            self._keyboard.type(text)
            return
        # The order of a date is that of the browser's own language, which is English here.
        year, month, day = text[:10].split("-")
        self._keyboard.type(f"{month}{day}{year}")
        if kind == "datetime-local":
            self._keyboard.press("ArrowRight")
            self._keyboard.type(f"{text[11:13]}{text[14:16]}AM")

    def choose(self, field: Locator, option: str) -> None:
        self._reach(field)
        self._keyboard.type(option.split()[0])

    def tick(self, box: Locator) -> None:
        self._reach(box)
        self._keyboard.press("Space")

    def _reach(self, wanted: Locator) -> None:
        """Press Tab until the element has the focus; fails where the keyboard does not reach it."""
        wanted.wait_for()
        for _ in range(FARTHEST):
            if wanted.evaluate("each => each === document.activeElement"):
                return
            self._keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {wanted}")
