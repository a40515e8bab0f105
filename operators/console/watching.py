"""Watches the database for all pages that are open at once, and hints to those that something of theirs has changed.

One loop asks for all of them, and only while there are any: first whether anybody has committed, then the mark of each
question that some page has. A hint says nothing but "ask again". Knows no request and no page.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from workflow.errors import ParcoursError

BEAT_S: Final = 1.0
"""How often the database is asked."""

ANYWAY_BEATS: Final = 5
"""So often marks are asked for though no commit was heard of: some commits wake nobody."""

STALE_BEATS: Final = 30
"""So often a page is told to ask again though nothing changed: its times are of the past."""

MOST: Final = 200
"""So many pages are told at once, by one process."""

MOST_EACH: Final = 10
"""And so many of one account."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a page is about, by a key that pages share, and its mark: it differs once there is something new."""

    key: Hashable
    mark: Callable[[], Hashable]


@dataclass(eq=False)
class Stream:
    """One page that is open: whose session it has, what it is about, what it is still to be told."""

    account: str
    session: str
    question: Question
    ended: bool = False
    expired: bool = False
    silent_beats: int = STALE_BEATS
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hint(self) -> None:
        """Have the page ask again."""
        self.silent_beats = 0
        self._news.set()

    def end(self, *, expired: bool = False) -> None:
        """Tell the page no more; `expired` where its session is over, so that it need not come back."""
        self.ended, self.expired = True, expired
        self._news.set()

    async def news(self, patience_s: float) -> bool:
        """Wait for a hint or the end; False where there was neither for so long."""
        try:
            await asyncio.wait_for(self._news.wait(), patience_s)
        except TimeoutError:
            return False
        self._news.clear()
        return True


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the database found: the marks asked for, and the sessions that are still held."""

    token: object
    marks: Mapping[Hashable, Hashable]
    sessions: frozenset[str]


class Watching:
    """Those who are told, and the loop that looks for them. All but the looking is of one event loop.

    `token` differs once somebody has committed; `live` gives those of some sessions that are still held.
    """

    def __init__(
        self,
        token: Callable[[], object],
        live: Callable[[Iterable[str]], frozenset[str]],
        beat_s: float = BEAT_S,
    ) -> None:
        self._token, self._live, self._beat_s = token, live, beat_s
        self._streams: set[Stream] = set()
        self._loop: asyncio.Task[None] | None = None
        self._over = False
        self._seen: object = None
        self._marks: dict[Hashable, Hashable] = {}
        self._beats = 0

    def __len__(self) -> int:
        return len(self._streams)

    def has_room(self, account: str) -> bool:
        """Whether one more page of an account can be told."""
        # A copy: those who ask are in threads of their own.
        streams = tuple(self._streams)
        return not self._over and len(streams) < MOST and sum(each.account == account for each in streams) < MOST_EACH

    def join(self, stream: Stream) -> None:
        """Tell a page from now on, once at the first look: what changed since it was made was not hinted at."""
        self._streams.add(stream)
        if self._over:
            stream.end()
        elif self._loop is None or self._loop.done():
            self._loop = asyncio.get_running_loop().create_task(self._watch())

    def leave(self, stream: Stream) -> None:
        """Tell a page no more."""
        self._streams.discard(stream)

    def end(self) -> None:
        """Tell nobody any more: the process ends."""
        self._over = True
        for each in self._streams:
            each.end()

    async def _watch(self) -> None:
        self._marks, self._seen, self._beats = {}, None, 0
        try:
            while self._streams and not self._over:
                await asyncio.sleep(self._beat_s)
                streams = list(self._streams)
                # While the database does not answer, nothing can be new.
                with suppress(ParcoursError):
                    self._tell(streams, await asyncio.to_thread(self._look, streams))
        finally:
            for each in self._streams:
                each.end()

    def _look(self, streams: list[Stream]) -> Seen:
        self._beats += 1
        token = self._token()
        questions = {each.question.key: each.question for each in streams}
        if token == self._seen and self._beats % ANYWAY_BEATS:
            questions = {key: each for key, each in questions.items() if key not in self._marks}
        marks = {key: each.mark() for key, each in questions.items()}
        return Seen(token, marks, self._live({each.session for each in streams}))

    def _tell(self, streams: list[Stream], seen: Seen) -> None:
        changed = set(self._changed(seen.marks))
        self._seen = seen.token
        self._marks = {each.question.key: {**self._marks, **seen.marks}.get(each.question.key) for each in streams}
        for each in streams:
            each.silent_beats += 1
            if each.session not in seen.sessions:
                each.end(expired=True)
            elif each.question.key in changed or each.silent_beats >= STALE_BEATS:
                each.hint()

    def _changed(self, marks: Mapping[Hashable, Hashable]) -> Iterator[Hashable]:
        return (key for key, mark in marks.items() if key in self._marks and self._marks[key] != mark)
