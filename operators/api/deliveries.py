"""What became of notices with each recipient; those given up are sent again, or dismissed."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from operators.api.caller import Caller
from operators.api.lists import After, Limit
from operators.api.models.common import Listed
from operators.api.models.deliveries import DeliveriesBody, DeliveriesChanged, Delivery, DismissalBody
from operators.api.routing import Resource, answer, current
from operators.cli.notices import delivery_object
from operators.console.lists import LONGEST_TEXT, paged
from operators.notices.dismissing import dismiss
from operators.notices.retrying import retry
from workflow.definition import SUPERVISOR

resource = Resource("deliveries")
Here = Annotated[Caller, Depends(current)]
Status = Annotated[
    Literal["waiting", "sent", "dead", "dismissed", "overtaken"] | None, Query(description="Of this status only.")
]
Key = Annotated[str | None, Query(min_length=1, max_length=LONGEST_TEXT, description="Of this notice only.")]


@resource.get("/deliveries", "notice.read", Listed[Delivery])
def deliveries(caller: Here, status: Status = None, key: Key = None, limit: Limit = 50, after: After = None) -> Any:
    """What became of notices with each recipient, by the notice's key."""
    found = paged(lambda: caller.app.store.deliveries.listed(status, key, limit, after))
    return answer({"items": [delivery_object(each) for each in found.items], "next": found.next}, caller)


@resource.post("/deliveries/retry", "notice.retry", DeliveriesChanged, errors=())
def retry_deliveries(caller: Here, body: DeliveriesBody) -> Any:
    """Send a notice again to those for whom it was given up or dismissed; where there are none, nothing is done."""
    return answer({"count": len(retry(caller.app, body.key, caller.who.name))}, caller)


@resource.post("/deliveries/dismissal", "notice.dismiss", DeliveriesChanged, errors=())
def dismiss_deliveries(caller: Here, body: DismissalBody) -> Any:
    """Dismiss a notice for those for whom it was given up, for a reason; where there are none, nothing happens."""
    found = dismiss(caller.app, body.key, body.reason, caller.who.name, (SUPERVISOR,))
    return answer({"count": len(found)}, caller)
