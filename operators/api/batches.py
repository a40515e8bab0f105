"""Many placements at once: frozen and tried, confirmed by their count, followed until the end, stopped.

The console does it through the same steps. A batch belongs to the token that asked for it, and does what that token
may at the moment of each item.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Query

from operators.api.acting import Key, texts_of
from operators.api.caller import Caller
from operators.api.lists import After, Limit
from operators.api.models.batches import Batch, BatchActBody, BatchBody, BatchItem, ConfirmBody, GoOnBody
from operators.api.models.common import Listed
from operators.api.problems import Trouble
from operators.api.routing import PREFIX, Resource, answer, current
from operators.batches import steps
from operators.batches.acts import NAMED, Asked, action_of, refuse_unknown
from operators.batches.steps import PreviewOvertaken
from operators.batches.work import Work
from operators.cli.output import instant
from operators.console.errors import Forbidden
from operators.console.forms import FIELD
from operators.console.lists import paged
from operators.filters import placement_filter
from operators.moments import optional_moment
from settings import WrongUsage
from storage import batches
from storage.batches import BatchAsk, KeyReused
from storage.queries import PlacementItem
from workflow.errors import NotFound

resource = Resource("batches")
Here = Annotated[Caller, Depends(current)]
Status = Annotated[str | None, Query(max_length=20, description="Of this status only.")]
ONE: Final = "/batches/{batch}"
_DOMAIN: Final = b"parcours batch asked v1\n"
_FOLLOW: Final = {202: "It is carried out: `Location` tells how far it is."}


@resource.get("/batches", "placement.act", Listed[Batch])
def list_batches(caller: Here, limit: Limit = 50, after: After = None) -> Any:
    """The batches that this token confirmed, the last first."""
    found = paged(lambda: caller.app.store.batches.of_account(caller.who.id, limit, after, caller.token.prefix))
    return answer({"items": [_object(caller, each) for each in found.items], "next": found.next}, caller)


@resource.post("/batches", "placement.act", Batch, errors=(404, 409), also={201: "It was frozen; asked again, 200."})
def freeze_batch(caller: Here, key: Key, body: BatchBody) -> Any:
    """Freeze placements with their revisions, and try an act on each without writing anything."""
    _check(caller, body.act)
    said = msgspec.json.encode(body.model_dump(mode="json"))
    asked = hmac.new(caller.app.installation.secret, _DOMAIN + said, hashlib.sha256).hexdigest()
    ask = BatchAsk(caller.token.prefix, key, asked)
    try:
        known = caller.app.store.batches.asked(ask)
        number = known or _frozen(caller, body, ask)
    except KeyReused:
        raise Trouble(409, "key_reused", "Cette Idempotency-Key a servi à un autre lot.",
                      "This Idempotency-Key was used for another batch.") from None  # fmt: skip
    found = _own(caller, number)
    if body.act is not None and found.preview is None:
        steps.tried(caller.app, caller.labels, caller.who, _asked(caller, number, body.act))
    shown = _object(caller, _own(caller, number))
    return answer(shown, caller, 200 if known else 201, Location=_address(number))


@resource.get(ONE, "placement.act", Batch, errors=(404,))
def batch(caller: Here, batch: str) -> Any:
    """How far a batch is."""
    return answer(_object(caller, _own(caller, batch)), caller)


@resource.get(f"{ONE}/items", "placement.act", Listed[BatchItem], errors=(404,))
def batch_items(caller: Here, batch: str, status: Status = None, limit: Limit = 50, after: After = None) -> Any:
    """What would become, or became, of each placement."""
    found = _own(caller, batch)
    page = paged(lambda: caller.app.store.batches.page(found.id, status, limit, after))
    return answer({"items": [_item(each, caller.lang) for each in page.items], "next": page.next}, caller)


@resource.post(f"{ONE}/preview", "placement.act", Batch, errors=(404, 409))
def try_batch(caller: Here, batch: str, body: BatchActBody) -> Any:
    """Try another act on each, in place of the one before; only before it is confirmed."""
    _check(caller, body)
    found = _own(caller, batch)
    if found.status != "draft":
        raise _confirmed()
    steps.tried(caller.app, caller.labels, caller.who, _asked(caller, found.id, body))
    return answer(_object(caller, _own(caller, found.id)), caller)


@resource.post(f"{ONE}/confirmation", "placement.act", Batch, errors=(404, 409), also=_FOLLOW)
def confirm_batch(caller: Here, batch: str, body: ConfirmBody) -> Any:
    """Carry out what was tried: the same act, under the name of the dry run, with the count of what was ready."""
    _check(caller, body.act)
    found = _own(caller, batch)
    asked = _asked(caller, found.id, body.act)
    if found.status != "draft" and found.preview == body.preview:
        return _followed(caller, found.id)
    ready = caller.app.store.batches.counts(found.id).get("ready", 0)
    if found.status == "draft" and body.count != ready:
        raise Trouble(422, "count_differs", f"{ready} dossiers sont prêts, non {body.count}.",
                      f"{ready} placements are ready, not {body.count}.")  # fmt: skip
    try:
        steps.confirm(caller.app, _work(caller), asked, body.preview)
    except PreviewOvertaken:
        raise _overtaken() from None
    return _followed(caller, found.id)


@resource.post(f"{ONE}/stop", "placement.act", Batch, errors=(404,))
def stop_batch(caller: Here, batch: str) -> Any:
    """Do no further placement; the one in hand is finished."""
    found = _own(caller, batch)
    caller.app.store.batches.turn(found.id, "running", "stopped")
    return answer(_object(caller, _own(caller, found.id)), caller)


@resource.post(f"{ONE}/continuation", "placement.act", Batch, errors=(404, 409), also=_FOLLOW)
def go_on_with_batch(caller: Here, batch: str, body: GoOnBody) -> Any:
    """Go on with what was stopped or interrupted; the act is said again where it holds personal values."""
    found = _own(caller, batch)
    if found.act is None:
        raise Trouble(409, "not_confirmed", "Ce lot n'est pas confirmé.", "This batch is not confirmed.")
    _check(caller, body.act)
    asked = Asked(found.id, found.act.kind, found.act.name, found.act.texts, found.act.dates)
    if body.act is not None:
        asked = _asked(caller, found.id, body.act)
    if asked.act(steps.rules_of_today(caller.app)) != found.act:
        raise Trouble(409, "preview_overtaken", "Redites l'acte entier, le même : le personnel n'est pas gardé.",
                      "Say the whole act again, the same: what is personal is not kept.")  # fmt: skip
    steps.go_on(caller.app, _work(caller), asked)
    return _followed(caller, found.id)


def _frozen(caller: Caller, body: BatchBody, ask: BatchAsk) -> str:
    chosen = _chosen(caller, body)
    mine = [(item.id, revision) for item, revision in chosen if caller.allowed_on(item, "placement.act")]
    now = caller.console.real.now()
    return caller.app.store.batches.freeze(caller.who.id, mine, len(chosen) - len(mine), now, ask)


def _chosen(caller: Caller, body: BatchBody) -> list[tuple[PlacementItem, int]]:
    """The placements and the revisions at which they are frozen. Raises NotFound, WrongUsage, UnknownName."""
    said = [each for each in (body.where, body.references, body.placements) if each is not None]
    if len(said) != 1:
        raise WrongUsage("where, references ou placements : l'un des trois.",
                         "where, references or placements: one of the three.")  # fmt: skip
    if body.where is not None:
        which = placement_filter(caller.app, body.where.model_dump(exclude_none=True), caller.reach())
        return [(item, item.revision) for item in steps.all_found(caller.app, which)]
    seen = {each.reference: each.revision for each in body.placements or ()}
    found = [caller.find(each) for each in dict.fromkeys(body.references or seen)]
    return [(item, seen.get(item.reference, item.revision)) for item in steps.checked(found)]


def _check(caller: Caller, act: BatchActBody | None) -> None:
    """Whether who asks may do such a thing at all. Raises Forbidden, UnknownName, WrongUsage."""
    if act is None:
        return
    if not caller.may(action_of(act.kind)):
        raise Forbidden(action_of(act.kind))
    if (act.name is None) == (act.kind in NAMED):
        raise WrongUsage(f"name : {'nécessaire' if act.name is None else 'de trop'} pour {act.kind}.",
                         f"name: {'needed' if act.name is None else 'not taken'} by {act.kind}.")  # fmt: skip
    refuse_unknown(steps.rules_of_today(caller.app), act.kind, act.name)
    optional_moment(act.at, "at")


def _asked(caller: Caller, number: str, act: BatchActBody) -> Asked:
    return Asked(number, act.kind, act.name, _texts(caller, act), "iso")


def _texts(caller: Caller, act: BatchActBody) -> dict[str, str]:
    reasons = steps.rules_of_today(caller.app).reasons
    told: Mapping[str, str | None] = {
        "text": act.text, "reason" if act.reason in reasons else "words": act.reason, "ground": act.ground,
        "by": act.by, "to": None if act.to is None else act.to.isoformat(), "at": act.at,
        "extend_to": None if act.extend_to is None else act.extend_to.isoformat(),
        "waive": "1" if act.waive else None, "earlier": "1" if act.accept_earlier else None,
    }  # fmt: skip
    fields = {FIELD + name: text for name, text in texts_of(act.fields).items()}
    return {**fields, **{name: text for name, text in told.items() if text is not None}}


def _object(caller: Caller, found: batches.Batch) -> dict[str, Any]:
    counts = caller.app.store.batches.counts(found.id)
    act = found.act
    running = _work(caller).is_carried_out(found)
    return {
        "batch": found.id,
        "status": "interrupted" if found.status == "running" and not running else found.status,
        "created_at": instant(found.created_at),
        "correlation": found.correlation,
        "left_out": found.left_out,
        "act": None if act is None else {"kind": act.kind, "name": act.name, "withheld": list(act.withheld)},
        "preview": found.preview,
        "count": sum(counts.values()),
        "ready": counts.get("ready", 0),
        "counts": counts,
    }


def _item(each: batches.BatchItem, lang: str) -> dict[str, Any]:
    verdict = each.verdict
    return {
        "position": each.position, "reference": each.reference, "revision": each.revision, "state": each.state,
        "status": verdict.status, "entry": verdict.entry, "message": verdict.sentence(lang) or None,
    }  # fmt: skip


def _followed(caller: Caller, number: str) -> Any:
    return answer(_object(caller, _own(caller, number)), caller, 202, Location=_address(number))


def _own(caller: Caller, number: str) -> batches.Batch:
    """A batch of this very token. Raises NotFound for any other: it is not told from one that is not there."""
    found = None if "\0" in number else caller.app.store.batches.find(number)
    if found is None or found.account != caller.who.id or found.token != caller.token.prefix:
        raise NotFound(caller.say("Ce jeton n'a pas de lot de ce nom.", "This token has no batch of this name."))
    return found


def _address(number: str) -> str:
    return f"{PREFIX}/batches/{number}"


def _overtaken() -> Trouble:
    return Trouble(409, "preview_overtaken", "Ce n'est pas ce qui a été essayé en dernier : essayez de nouveau.",
                   "This is not what was tried last: try again.")  # fmt: skip


def _confirmed() -> Trouble:
    return Trouble(409, "confirmed", "Ce lot est confirmé : il ne s'essaie plus.",
                   "This batch was confirmed: it is not tried any more.")  # fmt: skip


def _work(caller: Caller) -> Work:
    work: Work = caller.request.app.state.work
    return work
