"""Who asks, and how the installation does."""

import logging
from typing import Annotated, Any, get_args

from fastapi import Depends

from operators.api.caller import Caller
from operators.api.models.common import Listed
from operators.api.models.standing import Me, ReleaseBody, Released, Stats, TokenItem
from operators.api.routing import Resource, answer, current
from operators.api.tokens import revoke
from operators.cli.brake import brake_object
from operators.cli.list_shapes import stats_object
from operators.cli.output import instant
from operators.console.policy import Action
from storage.tokens import Token
from workflow.commands import Release
from workflow.definition import SUPERVISOR

resource = Resource("standing")
Here = Annotated[Caller, Depends(current)]


@resource.get("/me", "console.enter", Me)
def me(caller: Here) -> Any:
    """Who asks: the account, the token, what both may do."""
    return answer({
        "account": caller.who.name,
        "token": caller.token.prefix,
        "grants": [str(grant) for grant in caller.who.grants],
        "expires_at": instant(caller.token.expires_at),
        "actions": [action for action in get_args(Action) if caller.may(action)],
    }, caller)  # fmt: skip


@resource.get("/stats", "system.read", Stats)
def stats(caller: Here) -> Any:
    """How much there is, and how the installation does: what `parcours stats --json` answers."""
    return answer(stats_object(caller.app, caller.lang), caller)


@resource.post("/brake/release", "brake.release", Released, errors=())
def release_brake(caller: Here, body: ReleaseBody) -> Any:
    """Take the clock's present moment for true."""
    done = caller.app.engine.release(Release(reason=body.reason, actor=caller.who.name, roles=(SUPERVISOR,)))
    if done is not None:
        logging.getLogger("parcours.brake").warning("brake.released", extra=done.held.details)
    held = None if done is None else {**done.held.details, "message": done.held.sentence(caller.lang)}
    disclosure = None if done is None else done.disclosure
    brake = brake_object(caller.app.engine.brake(), caller.lang)
    return answer({"released": held, "disclosure": disclosure, "brake": brake}, caller)


@resource.get("/tokens", "account.manage", Listed[TokenItem])
def tokens(caller: Here) -> Any:
    """All tokens, the newest first, without their secrets."""
    names = {each.id: each.name for each in caller.app.store.accounts.listed()}
    items = [_token(each, names.get(each.account)) for each in caller.app.store.tokens.listed()]
    return answer({"items": items, "next": None}, caller)


@resource.post("/tokens/{prefix}/revocation", "account.manage", TokenItem, errors=(404,))
def revoke_token(caller: Here, prefix: str) -> Any:
    """End a token, at once and for ever."""
    with caller.absent("Aucun jeton ne commence ainsi.", "No token begins so."):
        ended = revoke(caller.app, caller.who.name, prefix, caller.console.real.now())
    account = caller.app.store.accounts.identified(ended.account)
    return answer(_token(ended, None if account is None else account.name), caller)


def _token(token: Token, account: str | None) -> dict[str, Any]:
    return {
        "token": token.prefix, "account": account, "for": token.label, "grants": [str(each) for each in token.grants],
        "created_at": instant(token.created_at), "expires_at": instant(token.expires_at),
        "revoked_at": instant(token.revoked_at), "used_at": instant(token.used_at),
    }  # fmt: skip
