"""What Alembic runs: the migrations, on the connection that running.py hands over and in its transaction."""

from alembic import context

from storage.tables.schema import METADATA

# SQLite alters tables by copying them (batch mode); the history is never copied: it only gains columns.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
