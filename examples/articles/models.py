"""The tables. Owner columns are indexed, and hold what the owner's tokens say: the sub claim, or the email."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

MOMENT: Any = DateTime(timezone=True)


def now() -> datetime:
    """The present moment, with its time zone."""
    return datetime.now(UTC)


class Article(SQLModel, table=True):
    """Owned by `user`, the sub claim of whoever wrote it."""

    id: Annotated[int | None, Field(primary_key=True)] = None
    title: str = Field(index=True)
    content: str
    user: str = Field(index=True)
    status: str = "draft"
    published_by: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(default_factory=now, sa_type=MOMENT)
    updated_at: datetime = Field(default_factory=now, sa_type=MOMENT)


class Comment(SQLModel, table=True):
    """Owned by `created_by`: an owner column may have any name. It goes with its article."""

    id: Annotated[int | None, Field(primary_key=True)] = None
    article_id: int = Field(foreign_key="article.id", ondelete="CASCADE", index=True)
    text: str
    created_by: str = Field(index=True)
    created_at: datetime = Field(default_factory=now, sa_type=MOMENT)


class Project(SQLModel, table=True):
    """Owned by `owner_email`: an owner column may hold another claim than sub."""

    id: Annotated[int | None, Field(primary_key=True)] = None
    name: str
    owner_email: str = Field(index=True)
