"""Incidents that a person set aside, and deliveries given up that a person dismissed: who, when, why."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import is_postgres

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_OUTBOX_IS = "status IN ('pending', 'stale', 'queued', 'unaddressed', 'sent', 'overtaken', 'dead', 'dismissed')"
_DELIVERY_IS = "status IN ('waiting', 'sent', 'dead', 'dismissed', 'overtaken')"
_OUTBOX = "placement, seq, kind, deadline, trigger, at, status"
_DELIVERY = "key, channel, recipient, placement, seq, status, attempts, error, planned_at, next_at, ended_at"


def upgrade() -> None:
    """Let deliveries and notices be dismissed, and add the tables of both."""
    if is_postgres():
        for table, allowed in (("outbox", _OUTBOX_IS), ("delivery", _DELIVERY_IS)):
            op.drop_constraint(op.f(f"ck_{table}_status"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_status"), table, allowed)
    else:
        _write_anew()
    _make_asides()


def _write_anew() -> None:
    """SQLite changes no constraint in place."""
    op.rename_table("delivery", "delivery_before")
    _make_delivery()
    op.execute(f"INSERT INTO delivery ({_DELIVERY}) SELECT {_DELIVERY} FROM delivery_before")  # noqa: S608 - names of its own tables
    op.drop_table("delivery_before")
    op.rename_table("outbox", "outbox_before")
    _make_outbox()
    op.execute(f"INSERT INTO outbox ({_OUTBOX}) SELECT {_OUTBOX} FROM outbox_before")  # noqa: S608 - names of its own tables
    op.drop_table("outbox_before")
    waiting, dead, pending = (sa.text(f"status = '{each}'") for each in ("waiting", "dead", "pending"))
    op.create_index("ix_delivery_waiting", "delivery", ["next_at"], sqlite_where=waiting)
    op.create_index("ix_delivery_dead", "delivery", ["key"], sqlite_where=dead)
    op.create_index("ix_outbox_pending", "outbox", ["at", "placement", "seq"], sqlite_where=pending)


def _make_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("placement", sa.String(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(_DELIVERY_IS, name=op.f("ck_delivery_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_delivery_placement")),
        sa.PrimaryKeyConstraint("key", "channel", "recipient", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=True),
        sa.Column("trigger", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.CheckConstraint(_OUTBOX_IS, name=op.f("ck_outbox_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_outbox_placement")),
        sa.PrimaryKeyConstraint("placement", "seq", name=op.f("pk_outbox")),
        sqlite_with_rowid=False,
    )


def _make_asides() -> None:
    op.create_table(
        "incident_aside",
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        *_said(),
        sa.ForeignKeyConstraint(
            ["placement"], ["incident.placement"], name=op.f("fk_incident_aside_placement"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("placement", name=op.f("pk_incident_aside")),
        sqlite_with_rowid=False,
    )
    key = ("key", "channel", "recipient")
    op.create_table(
        "dismissal",
        *(sa.Column(name, sa.String(), nullable=False) for name in key),
        *_said(),
        sa.ForeignKeyConstraint(
            key, [f"delivery.{name}" for name in key], name=op.f("fk_dismissal_key_channel_recipient"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_dismissal")),
        sqlite_with_rowid=False,
    )  # fmt: skip


def _said() -> tuple[sa.Column[str], sa.Column[int], sa.Column[str]]:
    return (
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("disclosure", sa.String(), nullable=False),
    )
