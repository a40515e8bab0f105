"""What one writes in an afternoon: `transitions` on a row of a SQLModel session, and a commit for each transition.

Once with the state and the next date alone; once with what operators are to look at besides: a table of transitions and
one of deadlines. No chain, no notices, no guards, no calendar.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, event
from sqlmodel import Field, Session, SQLModel, create_engine, select
from transitions import Machine

from bench.large import copy
from bench.rounds import Taken, timed

_DUE_ON = date(2021, 3, 16)
_SOME_MONTHS = timedelta(days=184)


class Post(SQLModel, table=True):
    """A placement: where it stands, and until when."""

    __tablename__ = "afternoon_post"
    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)
    state: str
    due_on: date = Field(index=True)


class Moved(SQLModel, table=True):
    """A transition of a placement."""

    __tablename__ = "afternoon_moved"
    id: int | None = Field(default=None, primary_key=True)
    post: int = Field(foreign_key="afternoon_post.id", index=True)
    trigger: str
    before: str
    after: str
    actor: str
    at: datetime


class Deadline(SQLModel, table=True):
    """A deadline of a placement, and what became of it."""

    __tablename__ = "afternoon_deadline"
    id: int | None = Field(default=None, primary_key=True)
    post: int = Field(foreign_key="afternoon_post.id", index=True)
    name: str
    due_on: date = Field(index=True)
    status: str = "open"


Lapse = Callable[[Session, Machine, Post], None]


def prepare(folder: Path, count: int) -> None:
    """So many posts that are due."""
    engine = _engine(folder / "afternoon.db")
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables[each.__tablename__] for each in _TABLES])
    with Session(engine) as session:
        posts = [Post(reference=f"P{number}", state="shown", due_on=_DUE_ON) for number in range(count)]
        session.add_all(posts)
        session.flush()
        session.add_all([Deadline(post=post.id or 0, name="selection", due_on=_DUE_ON) for post in posts])
        session.commit()
    engine.dispose()


def state_alone(session: Session, machine: Machine, post: Post) -> None:
    """Move the post."""
    machine.events["lapse"].trigger(post)
    post.due_on += _SOME_MONTHS
    session.add(post)


def with_tables(session: Session, machine: Machine, post: Post) -> None:
    """Move it, note that, and put another deadline in the place of the one that was due."""
    before = post.state
    state_alone(session, machine, post)
    moved = Moved(
        post=post.id or 0, trigger="lapse", before=before, after=post.state, actor="system", at=datetime.now(UTC)
    )
    due = session.exec(select(Deadline).where(Deadline.post == post.id, Deadline.status == "open")).one()
    due.status = "fired"
    session.add_all([due, moved, Deadline(post=post.id or 0, name="vacancy", due_on=post.due_on)])


def run(lapse: Lapse, folder: Path) -> Taken:
    """Let each of them lapse."""
    engine = _engine(copy(folder / "afternoon.db", "lapsing.db"))
    moves = [{"trigger": "lapse", "source": "shown", "dest": "vacant"}]
    machine = Machine(
        model=None, states=["shown", "vacant"], initial="shown", transitions=moves, auto_transitions=False
    )
    with Session(engine) as session, timed(0) as taken:
        for post in session.exec(select(Post).where(Post.due_on <= _DUE_ON)).all():
            lapse(session, machine, post)
            session.commit()
            taken.count += 1
    return taken


_TABLES = (Post, Moved, Deadline)


def _engine(path: Path) -> Engine:
    """As safe as ours: write-ahead log, and every commit flushed."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def careful(connection: object, _: object) -> None:
        connection.execute("PRAGMA journal_mode=wal")  # type: ignore[attr-defined] # the driver's own
        connection.execute("PRAGMA synchronous=FULL")  # type: ignore[attr-defined] # the driver's own

    return engine
