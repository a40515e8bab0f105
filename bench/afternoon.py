"""What one writes in an afternoon: `transitions` on the row of a SQLModel session, and a commit for each transition.

No history, no chain, no deadlines, no notices, no guards: the state and the next date alone.
"""

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine, event
from sqlmodel import Field, Session, SQLModel, create_engine, select
from transitions import Machine

from bench.large import copy
from bench.rounds import Taken, timed

_DUE_ON = date(2021, 3, 16)


class Post(SQLModel, table=True):
    """A placement: where it stands, and until when."""

    __tablename__ = "afternoon_post"
    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)
    state: str
    due_on: date = Field(index=True)


def prepare(folder: Path, count: int) -> None:
    """So many posts that are due."""
    engine = _engine(folder / "afternoon.db")
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables["afternoon_post"]])
    with Session(engine) as session:
        session.add_all([Post(reference=f"P{number}", state="shown", due_on=_DUE_ON) for number in range(count)])
        session.commit()
    engine.dispose()


def run(folder: Path) -> Taken:
    """Let each of them lapse."""
    engine = _engine(copy(folder / "afternoon.db", "lapsing.db"))
    moves = [{"trigger": "lapse", "source": "shown", "dest": "vacant"}]
    machine = Machine(
        model=None, states=["shown", "vacant"], initial="shown", transitions=moves, auto_transitions=False
    )
    with Session(engine) as session, timed(0) as taken:
        for post in session.exec(select(Post).where(Post.due_on <= _DUE_ON)).all():
            machine.events["lapse"].trigger(post)
            post.due_on += timedelta(days=184)
            session.add(post)
            session.commit()
            taken.count += 1
    return taken


def _engine(path: Path) -> Engine:
    """As safe as ours: write-ahead log, and every commit flushed."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def careful(connection: object, _: object) -> None:
        connection.execute("PRAGMA journal_mode=wal")  # type: ignore[attr-defined]
        connection.execute("PRAGMA synchronous=FULL")  # type: ignore[attr-defined]

    return engine
