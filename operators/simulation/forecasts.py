"""A forecast, and a fit, of a database: what they read, and nothing that they write."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from operators.simulation.behaviours import Behaviours
from operators.simulation.estimating import Kind
from operators.simulation.fitting import Fitted, Observed, fitted
from operators.simulation.forecasting import expected, if_nobody_acts, stock_of
from operators.simulation.foretelling import Forecast
from operators.simulation.world import Scene
from storage.queries import PlacementFilter, Queries
from storage.sql import SqlStore
from workflow.definition import Label
from workflow.engine import Engine
from workflow.history import ChainedEntry
from workflow.rules import Rules
from workflow.standing import standing

_PAGE = 1_000


def forecast_of(
    engine: Engine,
    store: SqlStore,
    habits: Behaviours,
    used: Behaviours | None,
    weeks: int,
    replications: int,
    seed: int,
    lang: str,
) -> Forecast:
    """What is coming for all placements; `used`: with what people of these habits do, so many times."""
    names = list(_references(store.queries))
    with store.reading() as reading:
        session = engine.session(reading)
        rules, until = session.current_rules, session.now + timedelta(weeks=weeks)
        stock = stock_of(session, names)
        exact, stuck = if_nobody_acts(session, stock, rules.definition, habits.payments, until)
        likely = []
        for replication in range(replications if used is not None else 0):
            scene = Scene(rules, habits, seed, replication, session.now, until)
            likely.append(expected(session, stock, rules.definition, habits, scene)[0])
    return Forecast(
        rules.definition, session.now, until, len(stock.running), exact, stuck, likely, seed, habits.title[lang]
    )


def _references(queries: Queries) -> Iterator[str]:
    after: str | None = None
    while True:
        page = queries.placements(PlacementFilter(), _PAGE, after)
        yield from (item.reference for item in page.items)
        if page.next is None:
            return
        after = page.next


def fitted_from(queries: Queries, rules: Rules, template: Behaviours, now: datetime, kind: Kind) -> Fitted:
    """Behaviours from the whole history."""
    observed = Observed(rules, template, now)
    for _, stored in groupby(queries.entries(grouped=True), key=lambda each: each.reference):
        rows = list(stored)
        entries: list[ChainedEntry] = [row.chained() for row in rows]
        observed.see(rows[0].territory, standing(entries))
    found = fitted(observed, kind)
    title = Label(f"Estimés d'après l'histoire au {now:%Y-%m-%d}", f"Fitted from the history up to {now:%Y-%m-%d}")
    return replace(found, behaviours=replace(found.behaviours, title=title))
