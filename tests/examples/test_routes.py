"""Every route of the tutorial, with its answers, under real uvicorn with keys fetched over real HTTP."""

from typing import Any

import pytest

STRANGER = {
    "error": "insufficient_permission",
    "error_description": "You don't have permission to access this resource",
}
PUBLISHER = {"scope": "articles:publish", "roles": ["editor"], "permissions": ["articles:publish"]}
STRICT = {"scope": "openid", "roles": ["editor"], "permissions": ["resource:write"]}


@pytest.mark.parametrize(
    ("method", "path", "good", "bad", "status", "body"),
    [
        ("GET", "/protected", {}, None, 200, {"message": "You are authenticated!", "user_id": "user123"}),
        ("GET", "/api/read", {"scope": "read:data"}, {"scope": "write:data"}, 200, {"data": ["item1", "item2", "item3"]}),
        ("GET", "/api/read", {"scope": "admin"}, {}, 200, {"user_scope": "admin"}),
        ("GET", "/api/write", {"scope": "write:data openid"}, {"scope": "write:data"}, 200, {"data_id": "data-456"}),
        ("GET", "/admin/users", {"roles": ["superuser"]}, {"roles": ["editor"]}, 200, {"user_roles": ["superuser"]}),
        ("DELETE", "/admin/users/7", {"roles": ["admin", "superuser"]}, {"roles": ["admin"]}, 200, {"deleted_by": "user123"}),
        ("POST", "/api/resource", {"permissions": ["resource:create"]}, {}, 201, {"created_by": "user123"}),
        ("POST", "/api/posts", {"permissions": ["posts:create"]}, {}, 200, {"message": "Post created"}),
        ("GET", "/api/posts/5", {"permissions": ["admin"]}, {}, 200, {"post_id": 5, "title": "Sample Post"}),
        ("PATCH", "/api/posts/5", {"permissions": ["posts:update"]}, {}, 200, {"message": "Post updated"}),
        (
            "DELETE", "/api/posts/5", {"permissions": ["posts:delete"], "roles": ["admin"]},
            {"permissions": ["posts:delete"]}, 200, {"message": "Post deleted"},
        ),
        ("GET", "/api/strict", STRICT, STRICT | {"roles": ["viewer"]}, 200, {"message": "Access granted to strict endpoint"}),
    ],
)  # fmt: skip
def test_authorization(
    api: Any,
    method: str,
    path: str,
    good: dict[str, Any],
    bad: dict[str, Any] | None,
    status: int,
    body: dict[str, Any],
) -> None:
    """The right claims are let in, the wrong ones get a 403, and no token a 401."""
    response = api.call(method, path, sub="user123", **good)
    assert response.status_code == status
    assert body.items() <= response.json().items()
    assert api.call(method, path).status_code == 401
    if bad is not None:
        refused = api.call(method, path, sub="user123", **bad)
        assert refused.status_code == 403
        assert refused.headers["WWW-Authenticate"].startswith(f'Bearer realm="{api.forge}", error="insufficient_scope"')


def test_public(api: Any) -> None:
    """The public routes need nothing."""
    assert api.call("GET", "/").json()["documentation"] == "/docs"
    assert api.call("GET", "/health").json() == {"status": "healthy"}
    assert api.call("GET", "/docs").status_code == 200


def test_me(api: Any) -> None:
    """The six claims of /me, present or not."""
    claims = {"sub": "u", "email": "e", "name": "n", "scope": "s", "roles": ["r"], "permissions": ["p"]}
    assert api.call("GET", "/me", **claims).json() == claims
    nothing = {"sub": "u", "email": None, "name": None, "scope": None, "roles": [], "permissions": []}
    assert api.call("GET", "/me", sub="u").json() == nothing


def test_an_articles_life(api: Any) -> None:
    """Written, read, listed, changed, published and deleted by its owner; by nobody else."""
    alice, bob = {"sub": "alice"}, {"sub": "bob"}
    created = api.call("POST", "/articles?title=My Article&content=Text", **alice)
    assert created.status_code == 201
    article = created.json()["article"]
    assert article == {"id": article["id"], "title": "My Article", "content": "Text", "user": "alice"}
    path = f"/articles/{article['id']}"
    assert api.call("GET", path, **alice).json() == article
    assert api.call("GET", "/articles", **alice).json() == {"articles": [article], "count": 1}
    assert api.call("GET", "/articles", **bob).json() == {"articles": [], "count": 0}
    for method in ("GET", "PATCH", "DELETE"):
        assert (refused := api.call(method, f"{path}?title=Mine", **bob)).status_code == 403
        assert refused.json() == STRANGER
        assert api.call(method, path).status_code == 401
    assert api.call("PATCH", f"{path}?title=Newer", **alice).json()["article"]["title"] == "Newer"
    publish = f"/api{path}/publish"
    assert api.call("PATCH", publish, **bob | PUBLISHER).json() == STRANGER
    for lacking in PUBLISHER:
        assert api.call("PATCH", publish, **alice | PUBLISHER | {lacking: ""}).status_code == 403
    assert api.call("PATCH", publish, **alice | PUBLISHER).json() == {
        "message": "Article published successfully",
        "article_id": article["id"],
        "published_by": "alice",
        "owner": "alice",
    }
    assert api.call("PATCH", publish, **alice | PUBLISHER).json() == {"detail": "Already published"}
    comment = api.call("POST", f"{path}/comments?text=Nice", **bob).json()["comment"]
    assert (deleted := api.call("DELETE", path, **alice)).status_code == 204
    assert deleted.content == b""
    assert api.call("GET", path, **alice).json() == {"detail": "Article not found"}
    assert api.call("DELETE", f"/comments/{comment['id']}", **bob).status_code == 404


def test_nobody_writes_for_others(api: Any) -> None:
    """The owner is the caller, whatever else the request says."""
    created = api.call("POST", "/articles?title=T&content=C&user=alice&id=999", sub="mallory")
    assert created.json()["article"]["user"] == "mallory"
    assert created.json()["article"]["id"] != 999


def test_comments(api: Any) -> None:
    """Any caller may comment; only the creator changes and deletes the comment."""
    article = api.call("POST", "/articles?title=T&content=C", sub="alice").json()["article"]["id"]
    assert api.call("POST", f"/articles/{article}/comments?text=Nice").status_code == 401
    created = api.call("POST", f"/articles/{article}/comments?text=Nice", sub="bob")
    assert (created.status_code, created.json()["comment"]["created_by"]) == (201, "bob")
    path = f"/comments/{created.json()['comment']['id']}"
    assert api.call("PATCH", f"{path}?text=Mine", sub="alice").json() == STRANGER
    assert api.call("PATCH", f"{path}?text=Better", sub="bob").json()["comment"]["text"] == "Better"
    assert api.call("DELETE", path, sub="alice").status_code == 403
    assert api.call("DELETE", path, sub="bob").status_code == 204
    assert api.call("POST", "/articles/999999/comments?text=x", sub="bob").status_code == 404


def test_projects(api: Any) -> None:
    """A project is read by its owner's email, unless the issuer says that it is not verified."""
    assert api.call("GET", "/projects/1", sub="x", email="john@example.com").json() == {
        "id": 1,
        "name": "Apollo",
        "owner_email": "john@example.com",
    }
    assert api.call("GET", "/projects/1", sub="x", email="john@example.com", email_verified=False).status_code == 403
    assert api.call("GET", "/projects/1", sub="john@example.com").json() == STRANGER
    assert api.call("GET", "/projects/9", sub="x", email="john@example.com").json() == {"detail": "Project not found"}


@pytest.mark.parametrize("path", ["/articles/1", "/articles/999999", "/articles/x", "/comments/999999", "/projects/1"])
def test_nobody_learns_what_exists(api: Any, path: str) -> None:
    """Without a good token, what exists and what does not are the same 401."""
    for claims in ({}, {"sub": "alice", "exp": 1}, {"sub": "alice", "aud": "other"}):
        response = api.call("DELETE" if "comments" in path else "GET", path, **claims)
        assert response.status_code == 401
        assert "WWW-Authenticate" in response.headers


@pytest.mark.parametrize("number", ["0", "2147483648", "-99999999999999999999", "x"])
def test_impossible_ids(api: Any, number: str) -> None:
    """A number that no id can be is a 422: the database, which could not hold it, never sees it."""
    for method, path in (
        ("GET", f"/articles/{number}"),
        ("PATCH", f"/api/articles/{number}/publish"),
        ("POST", f"/articles/{number}/comments?text=x"),
        ("DELETE", f"/comments/{number}"),
        ("GET", f"/projects/{number}"),
    ):
        assert api.call(method, path, sub="alice", **PUBLISHER).status_code == 422


def test_openapi(api: Any) -> None:
    """The document shows the lock on every guarded route, and no parameter that the tutorial does not have."""
    document = api.call("GET", "/openapi.json").json()
    parameters = {
        f"{method.upper()} {path}": sorted(parameter["name"] for parameter in operation.get("parameters", []))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert len(parameters) == 24
    assert parameters["PATCH /articles/{article_id}"] == ["article_id", "content", "title"]
    assert parameters["POST /articles/{article_id}/comments"] == ["article_id", "text"]
    assert parameters["PATCH /comments/{comment_id}"] == ["comment_id", "text"]
    assert parameters["GET /api/strict"] == []
    open_routes = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "security" not in operation
    }
    assert open_routes == {"/", "/health"}
