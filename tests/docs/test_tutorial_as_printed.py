"""What does not work as the tutorial prints it, held so that docs/tutorial.md stays true: the fault, and what to write."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import Engine, StaticPool
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine

from axioms_fastapi import check_object_ownership, init_axioms, register_axioms_exception_handler, require_auth

Bearer = Callable[..., dict[str, str]]

# As printed, what Python says of it, and what to write.
SNIPPETS = {
    "the quick start's import": (
        "from axioms_fastapi import init_axioms, require_auth,\n    register_axioms_exception_handler\n",
        SyntaxError,
        "from axioms_fastapi import (\n    init_axioms, require_auth, register_axioms_exception_handler\n)\n",
    ),
    "list_resources": (
        "async def list_resources(_=Depends(require_permissions(['resource:read'])))\n):\n    ...\n",
        SyntaxError,
        "async def list_resources(_=Depends(require_permissions(['resource:read']))):\n    ...\n",
    ),
    "read_project": (
        "async def read_project(project=Depends(check_object_ownership(get_project)):\n    ...\n",
        SyntaxError,
        "async def read_project(project=Depends(check_object_ownership(get_project))):\n    ...\n",
    ),
    "Cognito's issuer": (
        'AXIOMS_ISS_URL="https://cognito-idp.us-east-1.amazonaws.com/us-east-1\n    _XXXXXXXXX"\n',
        SyntaxError,
        'AXIOMS_ISS_URL="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_XXXXXXXXX"\n',
    ),
    "datetime": (
        "class Article:\n    created_at: datetime\n",
        NameError,
        "from datetime import datetime\nclass Article:\n    created_at: datetime\n",
    ),
    "engine": (
        "from sqlmodel import create_engine\nengine\n",
        NameError,
        "from sqlmodel import create_engine\nengine = create_engine('sqlite://')\n",
    ),
}


def run(code: str) -> None:
    def any_builder(*_: object, **__: object) -> object:
        return object()

    names = ("Depends", "require_permissions", "check_object_ownership", "get_project")
    exec(compile(code, "tutorial", "exec", dont_inherit=True), dict.fromkeys(names, any_builder))


@pytest.mark.parametrize("name", SNIPPETS)
def test_snippet(name: str) -> None:
    """As printed it is no Python, or uses a name that nothing has made; what the page says to write runs."""
    printed, error, right = SNIPPETS[name]
    with pytest.raises(error):
        run(printed)
    run(right)


def utcnow() -> datetime:
    """What `datetime.utcnow()` gives, which warns since Python 3.12: a date without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Table(SQLModel, registry=registry()):
    """Tables of this file, apart from those of the example application."""


class Printed(Table, table=True):
    """The tutorial's Article."""

    id: int | None = Field(default=None, primary_key=True)
    title: str
    user: str = Field(index=True)
    created_at: datetime = Field(default_factory=utcnow)


class Dated(Table, table=True):
    """The same, with dates as the page says to write them."""

    id: int | None = Field(default=None, primary_key=True)
    title: str
    user: str = Field(index=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class Right(Table, table=True):
    """The same, with the three fields that publishing needs."""

    id: int | None = Field(default=None, primary_key=True)
    title: str
    user: str = Field(index=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    status: str = "draft"
    published_by: str | None = None
    published_at: datetime | None = None


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
    Table.metadata.create_all(engine)
    yield engine
    engine.dispose()


def articles(model: Any, engine: Engine, issuer: str) -> TestClient:
    """The tutorial's routes that create and publish an article of this model."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)
    register_axioms_exception_handler(app)

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    def get_article(article_id: int, session: Session = Depends(get_session)) -> Any:
        article = session.get(model, article_id)
        if not article:
            raise HTTPException(status_code=404, detail="Article not found")
        return article

    @app.post("/articles", status_code=201)
    async def create_article(title: str, payload=Depends(require_auth), session: Session = Depends(get_session)):
        article = model(title=title, user=payload.sub)
        session.add(article)
        session.commit()
        return {"id": article.id}

    @app.patch("/api/articles/{article_id}/publish")
    async def publish_article(
        article=Depends(check_object_ownership(get_article)),
        payload=Depends(require_auth),
        session: Session = Depends(get_session),
    ):
        if article.status == "published":
            raise HTTPException(status_code=400, detail="Already published")
        article.status = "published"
        article.published_by = payload.sub
        article.published_at = datetime.now(UTC)
        session.add(article)
        session.commit()
        return {"published_by": article.published_by}

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(("model", "created", "published"), [(Printed, 500, 404), (Dated, 201, 500), (Right, 201, 200)])
def test_article(engine: Engine, issuer: str, bearer: Bearer, model: Any, created: int, published: int) -> None:
    """The printed model can be neither stored, because of its dates, nor published, because of what it lacks."""
    client = articles(model, engine, issuer)
    assert (
        client.post("/articles", params={"title": "My Article"}, headers=bearer(sub="user123")).status_code == created
    )
    for status in (published, 400 if published == 200 else published):
        answer = client.patch("/api/articles/1/publish", headers=bearer(sub="user123"))
        assert answer.status_code == status


def test_nested_payload(issuer: str, bearer: Bearer) -> None:
    """Attributes reach the payload's own claims; what is nested in one is a dict, as it was in the token."""
    app = FastAPI()
    init_axioms(app, AXIOMS_AUDIENCE="https://api.example.com", AXIOMS_ISS_URL=issuer)

    @app.get("/box")
    async def box(payload=Depends(require_auth)):
        return payload.realm_access.roles

    @app.get("/dict")
    async def plain(payload=Depends(require_auth)):
        return payload.realm_access["roles"]

    client = TestClient(app, raise_server_exceptions=False)
    headers = bearer(realm_access={"roles": ["editor"]})
    assert client.get("/box", headers=headers).status_code == 500
    assert client.get("/dict", headers=headers).json() == ["editor"]
