"""Step 2: routes that everybody may call."""

from typing import Any

from fastapi import APIRouter

router = APIRouter(tags=["public"])


@router.get("/")
async def root() -> dict[str, Any]:
    """Public endpoint accessible without authentication."""
    return {
        "message": "Welcome to Axioms FastAPI Example",
        "documentation": "/docs",
        "endpoints": {
            "public": ["/", "/health"],
            "authenticated": ["/protected", "/me"],
            "authorization": ["/api/read", "/admin/users"],
        },
    }


@router.get("/health")
async def health_check() -> dict[str, str]:
    """Health check endpoint for monitoring."""
    return {"status": "healthy"}
