"""The walk that `make demo` prints: who calls what, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Three people, and two tokens that are no good.
PERSONAS: Mapping[str, Mapping[str, Any]] = {
    "ALICE": {
        "sub": "alice",
        "name": "Alice",
        "email": "alice@example.com",
        "scope": "openid profile read:data write:data articles:publish",
        "roles": ["editor"],
        "permissions": ["articles:publish", "resource:create", "resource:write", "posts:create"],
    },
    "BOB": {"sub": "bob", "name": "Bob", "email": "bob@example.com", "scope": "openid read:data", "roles": ["viewer"]},
    "MALLORY": {"sub": "mallory", "email": "mallory@example.com"},
    "EXPIRED": {"sub": "alice", "scope": "openid read:data", "roles": ["editor"]},
    "FORGED": {"sub": "alice", "scope": "openid read:data admin", "roles": ["admin"]},
}

ABOUT = {
    "ALICE": "an editor, with every scope and permission of an editor",
    "BOB": "a viewer, who may read",
    "MALLORY": "a valid token that grants nothing",
    "EXPIRED": "Alice's token of yesterday",
    "FORGED": "says it is Alice the admin, signed by somebody else's key under the issuer's kid",
}


@dataclass(frozen=True)
class Step:
    """One call. `{article}` and `{comment}` in the path are what earlier steps made; `body` must be part of the answer."""

    title: str
    caller: str | None
    method: str
    path: str
    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    challenge: str | None = None
    remember: str | None = None


WALK = (
    Step("Everybody may look in.", None, "GET", "/health", 200, {"status": "healthy"}),
    Step(
        "Without a token nothing is told.", None, "GET", "/protected", 401,
        {"error": "unauthorized_access", "error_description": "Missing Authorization header"}, "Bearer realm=",
    ),
    Step("Alice has one.", "ALICE", "GET", "/protected", 200, {"message": "You are authenticated!", "user_id": "alice"}),
    Step(
        "Yesterday's is told that it has expired.", "EXPIRED", "GET", "/protected", 401,
        {"error": "invalid_token", "error_description": "Token has expired"}, 'error="invalid_token"',
    ),
    Step(
        "A forged one is told nothing.", "FORGED", "GET", "/protected", 401,
        {"error": "invalid_token", "error_description": "The access token is invalid"}, 'error="invalid_token"',
    ),
    Step("Bob may read.", "BOB", "GET", "/api/read", 200, {"data": ["item1", "item2", "item3"]}),
    Step(
        "Mallory lacks the scope, and is told which.", "MALLORY", "GET", "/api/read", 403,
        {"error": "insufficient_scope"}, 'scope="read:data admin"',
    ),
    Step("Bob may not write: two scopes are required.", "BOB", "GET", "/api/write", 403, {"error": "insufficient_scope"}),
    Step("Alice may.", "ALICE", "GET", "/api/write", 200, {"data_id": "data-456"}),
    Step("An editor is no admin.", "ALICE", "GET", "/admin/users", 403, {"error": "insufficient_permission"}),
    Step(
        "Scope, role and permission at once.", "ALICE", "GET", "/api/strict", 200,
        {"message": "Access granted to strict endpoint"},
    ),
    Step(
        "Alice writes an article, which is hers.", "ALICE", "POST", "/articles?title=Hello&content=World", 201,
        {"message": "Article created successfully"}, remember="article",
    ),
    Step("She reads it.", "ALICE", "GET", "/articles/{article}", 200, {"title": "Hello", "user": "alice"}),
    Step(
        "Bob does not: it is not his.", "BOB", "GET", "/articles/{article}", 403,
        {"error": "insufficient_permission", "error_description": "You don't have permission to access this resource"},
    ),
    Step("His own list is empty.", "BOB", "GET", "/articles", 200, {"articles": [], "count": 0}),
    Step("Anybody with a token may comment.", "BOB", "POST", "/articles/{article}/comments?text=Nice", 201, remember="comment"),
    Step("Only Bob may take it back, not even Alice.", "ALICE", "DELETE", "/comments/{comment}", 403),
    Step(
        "Owner, scope, role and permission: published.", "ALICE", "PATCH", "/api/articles/{article}/publish", 200,
        {"published_by": "alice", "owner": "alice"},
    ),
    Step("Mallory would delete it.", "MALLORY", "DELETE", "/articles/{article}", 403, {"error": "insufficient_permission"}),
)  # fmt: skip
