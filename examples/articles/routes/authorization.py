"""Steps 4, 5, 6 and 8: scopes, roles, permissions, and all of them together."""

from typing import Any

from fastapi import APIRouter, Depends

from axioms_fastapi import require_permissions, require_roles, require_scopes
from routes.authentication import Payload

router = APIRouter(tags=["authorization"])


@router.get("/api/read", dependencies=[Depends(require_scopes(["read:data", "admin"]))])
async def read_data(payload: Payload) -> dict[str, Any]:
    """Endpoint requiring 'read:data' OR 'admin' scope."""
    return {
        "message": "Data retrieved successfully",
        "data": ["item1", "item2", "item3"],
        "user_scope": getattr(payload, "scope", None),
    }


@router.get("/api/write")
async def write_data(
    payload: Payload,
    _=Depends(require_scopes(["write:data"])),  # Must have write:data
    __=Depends(require_scopes(["openid"])),  # AND must have openid
) -> dict[str, Any]:
    """Endpoint requiring BOTH 'write:data' AND 'openid' scopes."""
    return {
        "message": "Data written successfully",
        "data_id": "data-456",
        "user_scope": getattr(payload, "scope", None),
    }


@router.get("/admin/users", dependencies=[Depends(require_roles(["admin", "superuser"]))])
async def list_users(payload: Payload) -> dict[str, Any]:
    """Endpoint requiring 'admin' OR 'superuser' role."""
    return {
        "message": "User list retrieved",
        "users": [
            {"id": 1, "name": "User 1", "email": "user1@example.com"},
            {"id": 2, "name": "User 2", "email": "user2@example.com"},
        ],
        "user_roles": getattr(payload, "roles", []),
    }


@router.delete("/admin/users/{user_id}")
async def delete_user(
    user_id: int,
    payload: Payload,
    _=Depends(require_roles(["admin"])),  # Must be admin
    __=Depends(require_roles(["superuser"])),  # AND must be superuser
) -> dict[str, Any]:
    """Endpoint requiring BOTH 'admin' AND 'superuser' roles."""
    return {
        "message": f"User {user_id} deleted successfully",
        "deleted_by": payload.sub,
        "user_roles": getattr(payload, "roles", []),
    }


@router.post("/api/resource", status_code=201, dependencies=[Depends(require_permissions(["resource:create"]))])
async def create_resource(payload: Payload) -> dict[str, Any]:
    """Endpoint requiring 'resource:create' permission."""
    return {
        "message": "Resource created successfully",
        "resource_id": "new-resource-123",
        "created_by": payload.sub,
        "user_permissions": getattr(payload, "permissions", []),
    }


@router.get("/api/strict")
async def strict_endpoint(
    payload: Payload,  # 1. Must be authenticated
    _=Depends(require_scopes(["openid", "profile"])),  # 2. AND (openid OR profile)
    __=Depends(require_roles(["editor"])),  # 3. AND editor role
    ___=Depends(require_permissions(["resource:write"])),  # 4. AND write permission
) -> dict[str, Any]:
    """Endpoint with multiple authorization requirements."""
    return {
        "message": "Access granted to strict endpoint",
        "requirements": {
            "scope": "openid OR profile",
            "role": "editor",
            "permission": "resource:write",
        },
        "user": {
            "sub": payload.sub,
            "scope": getattr(payload, "scope", None),
            "roles": getattr(payload, "roles", []),
            "permissions": getattr(payload, "permissions", []),
        },
    }
