"""A client of the API for Python programs: typed answers, lists without pages, acts that may be asked again.

It needs `httpx2` and `pydantic` alone, and knows nothing of databases. Every act goes under a key, its own or the
caller's: where an answer is lost on the way, it is asked for again, and the act is done once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx2
from pydantic import BaseModel, TypeAdapter

from operators.api.models.approvals import RequestItem
from operators.api.models.audit import Verified
from operators.api.models.batches import Batch, BatchActBody, BatchItem
from operators.api.models.changes import Outcome
from operators.api.models.common import Listed
from operators.api.models.deadlines import Computed, Deadline, DeadlineItem, Explanation
from operators.api.models.deliveries import Delivery
from operators.api.models.history import Entry, LogEntry
from operators.api.models.incidents import IncidentItem
from operators.api.models.persons import Person
from operators.api.models.placements import Placement, PlacementItem, Possible
from operators.api.models.problems import Problem
from operators.api.models.standing import Me, Stats
from operators.api.models.supposing import Supposed

M = TypeVar("M", bound=BaseModel)
Values = Mapping[str, str | bool | int | None]
_TRIES: Final = 3
_PREFIX: Final = "/api/v1"


class ProblemError(Exception):
    """An answer that says what went wrong; `problem` has its code, its sentence, every blocker."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.detail)

    @property
    def code(self) -> str:
        """The problem's code: `refused`, `stale`, `not_found` …"""
        return self.problem.code


class Parcours:
    """The API at an address, under a token; a context manager that closes its connections.

    `expect` of an act is the revision that was read; None takes any. Acts answer an Outcome, with `dry_run` what would
    be done. Raises ProblemError for what the API refuses, and httpx2.HTTPError where it cannot be reached.
    """

    def __init__(self, address: str, token: str, *, lang: str = "fr", http: httpx2.Client | None = None) -> None:
        self._http = http or httpx2.Client(timeout=30)
        self._base = address.rstrip("/") + _PREFIX
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": lang}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    # Questions

    def me(self) -> Me:
        """Who asks, and what they may do."""
        return self._get(Me, "/me")

    def stats(self) -> Stats:
        """How much there is, and how the installation does."""
        return self._get(Stats, "/stats")

    def placement(self, reference: str) -> Placement:
        """One placement, personal values masked."""
        return self._get(Placement, _one(reference))

    def reveal(self, reference: str) -> Placement:
        """The same with personal values; it is logged that they were shown."""
        return Placement.model_validate(self._ask("POST", f"{_one(reference)}/reveal").json())

    def placements(self, **filters: str | bool) -> Iterator[PlacementItem]:
        """Every placement that the filters select, by reference."""
        return self._items(PlacementItem, "/placements", filters)

    def deadlines(self, **filters: str | bool) -> Iterator[DeadlineItem]:
        """Every deadline that the filters select, soonest first."""
        return self._items(DeadlineItem, "/deadlines", filters)

    def approvals(self) -> Iterator[RequestItem]:
        """Every correction that waits for a second person, the oldest first."""
        return self._items(RequestItem, "/approvals", {})

    def incidents(self) -> Iterator[IncidentItem]:
        """Every placement that could not be decided, the oldest first."""
        return self._items(IncidentItem, "/incidents", {})

    def deliveries(self, status: str | None = None, key: str | None = None) -> Iterator[Delivery]:
        """What became of notices with each recipient, by the notice's key."""
        said = {"status": status, "key": key}
        return self._items(Delivery, "/deliveries", {name: value for name, value in said.items() if value is not None})

    def history(self, reference: str) -> list[Entry]:
        """The whole history of a placement, oldest first."""
        return TypeAdapter(list[Entry]).validate_python(self._ask("GET", f"{_one(reference)}/history").json())

    def deadlines_of(self, reference: str) -> list[Deadline]:
        """The deadlines of a placement."""
        return self._get(Listed[Deadline], f"{_one(reference)}/deadlines").items

    def explain(self, reference: str, deadline: str) -> Explanation:
        """How the date of a deadline was computed."""
        return self._get(Explanation, f"{_one(reference)}/deadlines/{quote(deadline, safe='')}")

    def can(self, reference: str, trigger: str | None = None) -> list[Possible]:
        """What may fire now, and every blocker of what may not."""
        query = {} if trigger is None else {"trigger": trigger}
        return TypeAdapter(list[Possible]).validate_python(self._ask("GET", f"{_one(reference)}/can", query).json())

    def compute(
        self, start: str, territory: str, within: str, *, counting: str = "calendar", roll: str = "none"
    ) -> Computed:
        """Compute a legal deadline."""
        query = {"from": start, "territory": territory, "within": within, "counting": counting, "roll": roll}
        return self._get(Computed, "/date", query)

    def entries(self, **filters: str) -> Iterator[LogEntry]:
        """Every entry, in the order of the sealed log, then those not sealed yet, as a stream."""
        asked = self._http.stream("GET", f"{self._base}/exports/entries", params=filters, headers=self._headers)
        with asked as answer:
            if answer.is_error:
                answer.read()
                _refuse(answer)
            for line in answer.iter_lines():
                yield LogEntry.model_validate_json(line)

    def verify(self) -> Verified:
        """Check the whole log."""
        return Verified.model_validate(self._ask("POST", "/audit/verification").json())

    # Acts

    def place(self, reference: str, fields: Values, *, at: str | None = None, key: str | None = None) -> Outcome:
        """Create a placement."""
        return self._act("/placements", {"reference": reference, "fields": dict(fields), "at": at}, None, key)

    def fire(
        self, reference: str, trigger: str, fields: Values | None = None, *, at: str | None = None,
        reason: str | None = None, late: bool = False, dry_run: bool = False, expect: int | None = None,
        key: str | None = None,
    ) -> Outcome:  # fmt: skip
        """Ask for a transition; `late`: before what was entered since."""
        body = {"trigger": trigger, "fields": dict(fields or {}), "at": at, "reason": reason, "dry_run": dry_run}
        return self._act(f"{_one(reference)}/{'late-facts' if late else 'transitions'}", body, expect, key)

    def note(self, reference: str, text: str, *, expect: int | None = None, key: str | None = None) -> Outcome:
        """Attach a remark."""
        return self._act(f"{_one(reference)}/notes", {"text": text}, expect, key)

    def amend(
        self, reference: str, fields: Values, reason: str, *, accept_earlier: bool = False, dry_run: bool = False,
        expect: int | None = None, key: str | None = None,
    ) -> Outcome:  # fmt: skip
        """Correct values."""
        body = {"fields": dict(fields), "reason": reason, "accept_earlier": accept_earlier, "dry_run": dry_run}
        return self._act(f"{_one(reference)}/amendment", body, expect, key)

    def reverse(
        self, reference: str, reason: str, *, extend_to: date | None = None, waive: bool = False,
        entry: int | None = None, dry_run: bool = False, expect: int | None = None, key: str | None = None,
    ) -> Outcome:  # fmt: skip
        """Undo the last change of state, or take back one entry."""
        day = None if extend_to is None else extend_to.isoformat()
        body = {"reason": reason, "extend_to": day, "waive": waive, "entry": entry, "dry_run": dry_run}
        return self._act(f"{_one(reference)}/reversal", body, expect, key)

    def void(self, reference: str, reason: str, *, expect: int | None = None, key: str | None = None) -> Outcome:
        """Put aside a placement that was created by mistake."""
        return self._act(f"{_one(reference)}/void", {"reason": reason}, expect, key)

    def pause(self, reference: str, deadline: str, reason: str, *, expect: int | None = None) -> Outcome:
        """Stop the clock of a deadline."""
        return self._line(reference, deadline, "pause", {"reason": reason}, expect)

    def resume(self, reference: str, deadline: str, reason: str, *, expect: int | None = None) -> Outcome:
        """Let the clock of a deadline run again."""
        return self._line(reference, deadline, "resume", {"reason": reason}, expect)

    def extend(self, reference: str, deadline: str, by: str, reason: str, *, expect: int | None = None) -> Outcome:
        """Make a deadline longer."""
        return self._line(reference, deadline, "extension", {"reason": reason, "by": by}, expect)

    def move(self, reference: str, deadline: str, to: date, reason: str, *, expect: int | None = None) -> Outcome:
        """Give a deadline another last day."""
        return self._line(reference, deadline, "move", {"reason": reason, "to": to.isoformat()}, expect)

    def approve(self, reference: str, request: int, *, expect: int | None = None) -> Outcome:
        """Approve a correction that somebody else asked for."""
        return self._decide(reference, request, {"verdict": "approve"}, expect)

    def refuse(self, reference: str, request: int, reason: str, *, expect: int | None = None) -> Outcome:
        """Refuse a correction that waits."""
        return self._decide(reference, request, {"verdict": "refuse", "reason": reason}, expect)

    # Persons and suppositions

    def personal_data(self, reference: str) -> Person:
        """All that is kept of persons there; it is logged that it was given out."""
        return Person.model_validate(self._ask("POST", f"{_one(reference)}/personal-data").json())

    def erase(
        self, reference: str, ground: str, decision: str, *, fields: Sequence[str] = (), count: int | None = None,
        dry_run: bool = False, expect: int | None = None,
    ) -> Outcome:  # fmt: skip
        """Erase these fields, or all; `count` is how many values a dry run named."""
        body = {"ground": ground, "decision": decision, "fields": list(fields), "everything": not fields,
                "count": count, "dry_run": dry_run}  # fmt: skip
        return self._act(f"{_one(reference)}/erasure", body, expect, None)

    def hold(self, reference: str, reason: str, *, on: bool = True, expect: int | None = None) -> Outcome:
        """Begin a legal hold, or end it."""
        return self._act(f"{_one(reference)}/hold", {"on": on, "reason": reason}, expect, None)

    def suppose(self, reference: str, what: str, at: str | None = None, fields: Values | None = None) -> Supposed:
        """Every date that would follow if something happened."""
        body = {"suppose": [{"what": what, "at": at}], "fields": dict(fields or {})}
        return Supposed.model_validate(self._ask("POST", f"{_one(reference)}/suppositions", None, body).json())

    # Many at once

    def batch(
        self, act: BatchActBody, *, where: Mapping[str, Any] | None = None, references: Sequence[str] | None = None,
        placements: Mapping[str, int] | None = None, key: str | None = None,
    ) -> Batch:  # fmt: skip
        """Freeze placements, all that a filter finds, these, or these at the revisions that were read, and try an act.

        `batch_items` tells what would become of each; nothing is done before `confirm_batch`.
        """
        seen = None if placements is None else [{"reference": r, "revision": n} for r, n in placements.items()]
        chosen = {"where": where, "references": references, "placements": seen, "act": _act_body(act)}
        return self._batch("", {name: each for name, each in chosen.items() if each is not None}, key)

    def batch_of(self, batch: str) -> Batch:
        """How far a batch is."""
        return self._get(Batch, f"/batches/{batch}")

    def batches(self) -> Iterator[Batch]:
        """The batches that this token confirmed, the last first."""
        return self._items(Batch, "/batches", {})

    def batch_items(self, batch: str, status: str | None = None) -> Iterator[BatchItem]:
        """What would become, or became, of each placement."""
        return self._items(BatchItem, f"/batches/{batch}/items", {} if status is None else {"status": status})

    def try_batch(self, batch: str, act: BatchActBody) -> Batch:
        """Try another act on the same placements."""
        return self._batch(f"/{batch}/preview", _act_body(act))

    def confirm_batch(self, tried: Batch, act: BatchActBody, count: int) -> Batch:
        """Carry out what was tried, on the `count` placements that it was found possible for."""
        body = {"act": _act_body(act), "preview": tried.preview, "count": count}
        return self._batch(f"/{tried.batch}/confirmation", body)

    def stop_batch(self, batch: str) -> Batch:
        """Do no further placement."""
        return self._batch(f"/{batch}/stop", {})

    def go_on_with_batch(self, batch: str, act: BatchActBody | None = None) -> Batch:
        """Go on with a batch that was stopped or interrupted; the act is said again where it holds personal values."""
        return self._batch(f"/{batch}/continuation", {} if act is None else {"act": _act_body(act)})

    def _batch(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Batch:
        headers = {"Idempotency-Key": key or uuid4().hex}
        return Batch.model_validate(self._ask("POST", f"/batches{path}", None, body, headers).json())

    def set_incident_aside(self, reference: str, reason: str) -> None:
        """Let the incident of a placement alarm nobody while it stays as it is."""
        self._ask("POST", f"{_one(reference)}/set-aside", None, {"reason": reason})

    def take_incident_up(self, reference: str) -> None:
        """Let an incident that was set aside be one to look at again."""
        self._ask("POST", f"{_one(reference)}/take-up")

    def retry_deliveries(self, key: str) -> int:
        """Have a notice sent again to those for whom it was given up or dismissed; how many they are."""
        return int(self._ask("POST", "/deliveries/retry", None, {"key": key}).json()["count"])

    def dismiss_deliveries(self, key: str, reason: str) -> int:
        """Dismiss a notice for those for whom it was given up; how many they are."""
        return int(self._ask("POST", "/deliveries/dismissal", None, {"key": key, "reason": reason}).json()["count"])

    # How it is asked

    def _line(self, reference: str, deadline: str, kind: str, body: Mapping[str, Any], expect: int | None) -> Outcome:
        return self._act(f"{_one(reference)}/deadlines/{quote(deadline, safe='')}/{kind}", body, expect, None)

    def _decide(self, reference: str, request: int, body: Mapping[str, Any], expect: int | None) -> Outcome:
        return self._act(f"{_one(reference)}/requests/{request}/decision", body, expect, None)

    def _act(self, path: str, body: Mapping[str, Any], expect: int | None, key: str | None) -> Outcome:
        headers = {"Idempotency-Key": key or uuid4().hex, "If-Match": "*" if expect is None else f'"{expect}"'}
        return Outcome.model_validate(self._ask("POST", path, None, body, headers).json())

    def _get(self, kind: type[M], path: str, query: Mapping[str, Any] | None = None) -> M:
        return kind.model_validate(self._ask("GET", path, query).json())

    def _items(self, kind: type[M], path: str, filters: Mapping[str, Any]) -> Iterator[M]:
        after: dict[str, str] = {}
        while True:
            found = self._ask("GET", path, {**filters, **after}).json()
            yield from (kind.model_validate(each) for each in found["items"])
            if found["next"] is None:
                return
            after = {"after": found["next"]}

    def _ask(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:  # fmt: skip
        """The answer; asked for again where the connection broke. Raises ProblemError."""
        said = {**self._headers, **(headers or {})}
        left = _TRIES
        while True:
            left -= 1
            try:
                answer = self._http.request(method, self._base + path, params=query, json=body, headers=said)
            except httpx2.TransportError:
                if not left:
                    raise
            else:
                _refuse(answer)
                return answer


def _act_body(act: BatchActBody) -> dict[str, Any]:
    return act.model_dump(mode="json", exclude_defaults=True)


def _one(reference: str) -> str:
    """The path of a placement."""
    return f"/placements/{quote(reference, safe='')}"


def _refuse(answer: httpx2.Response) -> None:
    if not answer.is_error:
        return
    if "problem+json" not in answer.headers.get("content-type", ""):
        answer.raise_for_status()
    raise ProblemError(Problem.model_validate_json(answer.content))
