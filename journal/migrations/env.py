"""Alembic's entry: runs migrations on the connection that `journal.migration` hands over, in its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
