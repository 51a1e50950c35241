"""Step 3: routes that want a valid token, whoever it is from."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from axioms_fastapi import Claims, require_auth

router = APIRouter(tags=["authentication"])

Payload = Annotated[Claims, Depends(require_auth)]


@router.get("/protected")
async def protected_endpoint(payload: Payload) -> dict[str, Any]:
    """Protected endpoint requiring valid JWT authentication."""
    return {
        "message": "You are authenticated!",
        "user_id": payload.sub,
        "issuer": getattr(payload, "iss", None),
        "audience": getattr(payload, "aud", None),
    }


@router.get("/me")
async def me(payload: Payload) -> dict[str, Any]:
    """What the token says of its bearer."""
    return {
        "sub": payload.sub,
        "email": getattr(payload, "email", None),
        "name": getattr(payload, "name", None),
        "scope": getattr(payload, "scope", None),
        "roles": getattr(payload, "roles", []),
        "permissions": getattr(payload, "permissions", []),
    }
