"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import keep_append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TAKEN = """
    EXISTS (SELECT 1 FROM history WHERE placement = NEW.placement AND seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM history WHERE placement = NEW.placement AND prev = NEW.prev)
    OR EXISTS (SELECT 1 FROM history WHERE id = NEW.id)"""
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table, index and trigger."""
    _definitions()
    _placements()
    _deadlines_and_notices()
    _personal_values()
    _claims_and_keys()
    _installation()
    _triggers()


def _definitions() -> None:
    op.create_table(
        "calendar",
        _text("version"),
        _blob("source"),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendar")),
    )
    op.create_table(
        "definition",
        _text("digest"),
        _text("name"),
        _integer("version"),
        _text("calendar"),
        _at("published_at"),
        _text("quotas"),
        _blob("source"),
        _blob("compiled"),
        sa.ForeignKeyConstraint(["calendar"], ["calendar.version"], name=op.f("fk_definition_calendar")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_definition")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_definition_name_version")),
    )


def _placements() -> None:
    op.create_table(
        "placement",
        _text("id"),
        _text("reference"),
        _at("created_at"),
        _text("territory"),
        _text("host_siret", nullable=True),
        _text("host_name", nullable=True),
        _text("state"),
        _at("state_since"),
        _text("definition"),
        _integer("revision"),
        _integer("seq"),
        _text("head"),
        _at("wakes_at", nullable=True),
        _blob("facts"),
        sa.ForeignKeyConstraint(["definition"], ["definition.digest"], name=op.f("fk_placement_definition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("reference", name=op.f("uq_placement_reference")),
    )
    op.create_index("ix_placement_host_siret", "placement", ["host_siret"])
    op.create_index("ix_placement_state_territory", "placement", ["state", "territory"])
    op.create_index(
        "ix_placement_wakes_at",
        "placement",
        ["wakes_at", "reference"],
        sqlite_where=sa.text("wakes_at IS NOT NULL"),
        postgresql_where=sa.text("wakes_at IS NOT NULL"),
    )
    op.create_table(
        "history",
        sa.Column("id", _NUMBER, nullable=False),
        _text("placement"),
        _integer("seq"),
        _text("prev"),
        _text("hash"),
        _text("kind"),
        _at("occurred_at"),
        _at("recorded_at"),
        _blob("data"),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_history_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("placement", "prev", name=op.f("uq_history_placement_prev")),
        sa.UniqueConstraint("placement", "seq", name=op.f("uq_history_placement_seq")),
    )


def _deadlines_and_notices() -> None:
    op.create_table(
        "deadline",
        _text("placement"),
        _text("name"),
        _at("anchored_at"),
        sa.Column("last_day", sa.Date(), nullable=False),
        _at("due_at"),
        _text("status"),
        _text("then", nullable=True),
        sa.CheckConstraint("status IN ('running', 'paused', 'missed')", name=op.f("ck_deadline_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_deadline_placement")),
        sa.PrimaryKeyConstraint("placement", "name", name=op.f("pk_deadline")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deadline_due_at_placement_name", "deadline", ["due_at", "placement", "name"])
    op.create_table(
        "outbox",
        sa.Column("id", _NUMBER, nullable=False),
        _text("placement"),
        _integer("seq"),
        _text("kind"),
        _text("deadline", nullable=True),
        _text("trigger", nullable=True),
        _at("at"),
        _text("status"),
        sa.CheckConstraint("status IN ('pending', 'stale', 'sent', 'overtaken')", name=op.f("ck_outbox_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_outbox_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    pending = sa.text("status = 'pending'")
    op.create_index("ix_outbox_pending", "outbox", ["id"], sqlite_where=pending, postgresql_where=pending)
    op.create_table(
        "incident",
        _text("placement"),
        _text("code"),
        _text("message"),
        _at("since_at"),
        _integer("attempts"),
        _at("retry_at"),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_incident_placement")),
        sa.PrimaryKeyConstraint("placement", name=op.f("pk_incident")),
    )


def _personal_values() -> None:
    op.create_table(
        "person_key",
        _text("placement"),
        _blob("key"),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_person_key_placement")),
        sa.PrimaryKeyConstraint("placement", name=op.f("pk_person_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "personal",
        _text("placement"),
        _integer("seq"),
        _text("name"),
        _blob("ciphertext"),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_personal_placement")),
        sa.PrimaryKeyConstraint("placement", "seq", "name", name=op.f("pk_personal")),
        sqlite_with_rowid=False,
    )


def _claims_and_keys() -> None:
    op.create_table(
        "quota",
        _text("name"),
        _integer("used"),
        _integer("ceiling", nullable=True),
        sa.CheckConstraint("ceiling >= 0", name=op.f("ck_quota_ceiling")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_quota_used")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_quota")),
    )
    op.create_table(
        "exclusive",
        _text("field"),
        _text("token"),
        _text("placement"),
        sa.ForeignKeyConstraint(
            ["placement"],
            ["placement.id"],
            name=op.f("fk_exclusive_placement"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("field", "token", name=op.f("pk_exclusive")),
        sa.UniqueConstraint("field", "placement", name=op.f("uq_exclusive_field_placement")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "command_key",
        _text("placement"),
        _text("key"),
        _text("fingerprint"),
        _integer("first_seq"),
        _integer("last_seq"),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_command_key_placement")),
        sa.PrimaryKeyConstraint("placement", "key", name=op.f("pk_command_key")),
        sqlite_with_rowid=False,
    )


def _installation() -> None:
    op.create_table(
        "installation",
        sa.Column("id", _NUMBER, nullable=False),
        _text("log"),
        _blob("secret"),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        _at("created_at"),
        _text("clock_setting", nullable=True),
        _at("clock_started_at", nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "actor",
        _text("id"),
        _text("name"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor")),
        sa.UniqueConstraint("name", name=op.f("uq_actor_name")),
    )


def _triggers() -> None:
    keep_append_only("history", _TAKEN)
    keep_append_only("calendar", "")
    keep_append_only("definition", "")


def _text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), **{"nullable": False, **options})


def _integer(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), **{"nullable": False, **options})


def _blob(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _at(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), **{"nullable": False, **options})
