"""Runs migrations: on the connection that the application hands over, or on one of its own from the command line."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import models  # noqa: F401 - the tables register themselves
from database import engine


def run(connection: Connection) -> None:
    """Migrate on this connection; batch mode because SQLite cannot alter tables in place."""
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with engine.connect() as own:
        run(own)
