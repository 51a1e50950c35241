"""The database: where it is, its sessions, and its migrations."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated

from alembic import command
from alembic.config import Config
from dotenv import load_dotenv
from fastapi import Depends, HTTPException
from sqlalchemy import Connection, Engine, NullPool, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, create_engine

load_dotenv()

HERE = Path(__file__).parent
DATABASE_URL = os.getenv("DATABASE_URL") or f"sqlite:///{HERE / 'articles.db'}"

# Of each worker; fewer than the threads that FastAPI runs plain functions in (40).
CONNECTIONS = 15

# Any number: whoever migrates takes the PostgreSQL lock of this number first.
MIGRATION_LOCK = 7_203_110


def _prepare(engine: Engine) -> Engine:
    """SQLite checks foreign keys and lets workers wait for each other; other databases do both by themselves."""
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _on_connect(connection, _record) -> None:  # type: ignore[no-untyped-def]
            for pragma in ("busy_timeout = 30000", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")

    return engine


engine = _prepare(create_engine(DATABASE_URL, pool_size=CONNECTIONS, max_overflow=0))
seats = asyncio.Semaphore(CONNECTIONS)


async def take_a_seat() -> AsyncIterator[None]:
    """A request waits for its connection here, in the event loop.

    Waiting in the connection pool would hold a thread. In a burst such requests take every thread, and those that have
    a connection find no thread to finish in: all stand still until the pool gives up.
    """
    async with seats:
        yield


def get_session(_: Annotated[None, Depends(take_a_seat)]) -> Iterator[Session]:
    """A session for one request, as a dependency. What another request deletes meanwhile makes its changes a conflict.

    Committed objects keep their values, so that an answer needs no second look at the database.
    """
    with Session(engine, expire_on_commit=False) as session:
        try:
            yield session
        except (IntegrityError, StaleDataError) as error:
            raise HTTPException(status_code=409, detail="Changed by another request") from error


def migrate() -> None:
    """The database has the newest schema. Workers that start together wait for the first of them, which migrates."""
    migrations = _prepare(create_engine(DATABASE_URL, poolclass=NullPool))
    if migrations.dialect.name == "sqlite":
        _begin_with_the_write_lock(migrations)
    with migrations.begin() as connection:
        if migrations.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
        config = Config()
        config.set_main_option("script_location", str(HERE / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _begin_with_the_write_lock(engine: Engine) -> None:
    """Make SQLite's transactions start at once and hold the write lock: its driver starts them late, and not for DDL."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
