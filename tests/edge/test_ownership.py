"""check_object_ownership: the object reaches its owner, and its loader only a verified caller."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel

from axioms_fastapi import check_object_ownership, require_scopes

Bearer = Callable[..., dict[str, str]]


class Article(BaseModel):
    id: int
    user: str


ARTICLES = {1: Article(id=1, user="alice"), 2: Article(id=2, user="bob")}


def get_article(article_id: int) -> Article:
    article = ARTICLES.get(article_id)
    if article is None:
        raise HTTPException(404, "Article not found")
    return article


def serve(app: FastAPI, owned: Any) -> None:
    @app.get("/articles/{article_id}")
    async def read(article: Annotated[Any, Depends(owned)]) -> Any:
        return article


def test_owner_and_stranger(app: FastAPI, client: TestClient, bearer: Bearer) -> None:
    """The owner gets the object, a stranger a 403, and a missing object the loader's own 404."""
    serve(app, check_object_ownership(get_article))
    assert client.get("/articles/1", headers=bearer(sub="alice")).json() == {"id": 1, "user": "alice"}
    assert client.get("/articles/2", headers=bearer(sub="alice")).status_code == 403
    response = client.get("/articles/3", headers=bearer(sub="alice"))
    assert (response.status_code, response.json()) == (404, {"detail": "Article not found"})


@pytest.mark.parametrize("path", ["/articles/1", "/articles/2", "/articles/3", "/articles/x"])
def test_no_token_no_loader(app: FastAPI, client: TestClient, bearer: Bearer, path: str) -> None:
    """Without a good token existing, missing and impossible objects are the same 401, and nothing is loaded."""
    calls: list[int] = []

    def load(article_id: int) -> Article:
        calls.append(article_id)
        return get_article(article_id)

    serve(app, check_object_ownership(load))
    for headers in ({}, bearer(sub="alice", exp=1)):
        assert client.get(path, headers=headers).status_code == 401
    assert calls == []


async def load_async(article_id: int) -> Article | None:
    return ARTICLES.get(article_id)


def load_yield(article_id: int) -> Iterator[Article | None]:
    yield ARTICLES.get(article_id)


async def load_async_yield(article_id: int) -> AsyncIterator[Article | None]:
    yield ARTICLES.get(article_id)


@pytest.mark.parametrize(
    "loader", [load_async, load_yield, load_async_yield, lambda article_id: ARTICLES.get(int(article_id))]
)
def test_loaders(app: FastAPI, client: TestClient, bearer: Bearer, loader: Callable[..., Any]) -> None:
    """A loader may be sync, async or a generator; one that gives None is a 404."""
    serve(app, check_object_ownership(loader))
    assert client.get("/articles/1", headers=bearer(sub="alice")).status_code == 200
    assert client.get("/articles/2", headers=bearer(sub="alice")).status_code == 403
    assert client.get("/articles/3", headers=bearer(sub="alice")).status_code == 404


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "a@x"}, 200),
        ({"email": "a@x", "email_verified": True}, 200),
        ({"email": "a@x", "email_verified": False}, 403),
        ({"email": "a@x", "email_verified": "true"}, 403),
        ({"email": "a@x", "email_verified": None}, 403),
        ({"email": "A@x"}, 403),
        ({"email": None}, 403),
        ({"email": ["a@x"]}, 403),
        ({}, 403),
    ],
)
def test_email(app: FastAPI, client: TestClient, bearer: Bearer, claims: dict[str, object], status: int) -> None:
    """An email owns what it names, unless the issuer says that it is not verified."""
    owned = check_object_ownership(lambda: {"owner_email": "a@x"}, owner_field="owner_email", claim_field="email")
    app.get("/")(lambda found=Depends(owned): found)
    assert client.get("/", headers=bearer(**claims)).status_code == status


@pytest.mark.parametrize("owner", [None, "", " ", 0, 1, True, 1.0, b"1", ["1"], {"1": 1}, "1 ", "١"])
def test_owner_of_another_type(app: FastAPI, client: TestClient, bearer: Bearer, owner: object) -> None:
    """Only two equal texts make an owner."""
    for claims in ({"sub": "1"}, {"sub": " "}):
        owned = check_object_ownership(lambda: {"user": owner})
        app.get(f"/{claims['sub'].strip()}")(lambda found=Depends(owned): found)
        assert client.get(f"/{claims['sub'].strip()}", headers=bearer(**claims)).status_code == 403


def test_hostile_equality(app: FastAPI, client: TestClient, bearer: Bearer) -> None:
    """An owner that says it equals everything owns nothing."""

    class Yes(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    app.get("/")(lambda found=Depends(check_object_ownership(lambda: {"user": Yes("bob")})): "in")
    assert client.get("/", headers=bearer(sub="alice")).status_code == 403


def test_missing_field(app: FastAPI, client: TestClient, bearer: Bearer, caplog: pytest.LogCaptureFixture) -> None:
    """A misspelt owner field denies, and the log says why."""
    caplog.set_level("INFO", "axioms_fastapi")
    serve(app, check_object_ownership(get_article, owner_field="usr"))
    assert client.get("/articles/1", headers=bearer(sub="alice")).status_code == 403
    assert "Article has no field usr" in caplog.text
    assert "alice" not in caplog.text


def test_conceal(app: FastAPI, client: TestClient, bearer: Bearer, caplog: pytest.LogCaptureFixture) -> None:
    """With conceal a stranger cannot tell somebody else's object from one that does not exist; the log can."""
    caplog.set_level("INFO", "axioms_fastapi")
    serve(app, check_object_ownership(load_async, conceal=True))
    other, missing = (client.get(path, headers=bearer(sub="alice")) for path in ("/articles/2", "/articles/3"))
    assert other.status_code == missing.status_code == 404
    assert (other.content, other.headers) == (missing.content, missing.headers)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "axioms_fastapi"]
    assert line == "refused with 403: owner (Article.user is not the caller's sub, which is concealed as 404)"


def test_layers(app: FastAPI, client: TestClient, bearer: Bearer) -> None:
    """Ownership and scopes are both required when both are there."""

    @app.get("/articles/{article_id}", dependencies=[Depends(require_scopes(["articles:publish"]))])
    async def read(article: Annotated[Article, Depends(check_object_ownership(get_article))]) -> Article:
        return article

    assert client.get("/articles/1", headers=bearer(sub="alice")).status_code == 403
    assert client.get("/articles/2", headers=bearer(sub="alice", scope="articles:publish")).status_code == 403
    assert client.get("/articles/1", headers=bearer(sub="alice", scope="articles:publish")).status_code == 200
