"""Step 6: a permission for each operation."""

from typing import Any

from fastapi import APIRouter, Depends

from axioms_fastapi import require_permissions, require_roles

router = APIRouter(prefix="/api/posts", tags=["posts"])


@router.post("", dependencies=[Depends(require_permissions(["posts:create"]))])
async def create_post() -> dict[str, Any]:
    """CREATE - requires create permission."""
    return {"message": "Post created"}


@router.get("/{post_id}", dependencies=[Depends(require_permissions(["posts:read", "admin"]))])
async def read_post(post_id: int) -> dict[str, Any]:
    """READ - requires read permission (or admin)."""
    return {"post_id": post_id, "title": "Sample Post"}


@router.patch("/{post_id}", dependencies=[Depends(require_permissions(["posts:update"]))])
async def update_post(post_id: int) -> dict[str, Any]:
    """UPDATE - requires update permission."""
    return {"message": "Post updated"}


@router.delete(
    "/{post_id}",
    dependencies=[Depends(require_permissions(["posts:delete"])), Depends(require_roles(["admin"]))],
)
async def delete_post(post_id: int) -> dict[str, Any]:
    """DELETE - requires delete permission AND admin role."""
    return {"message": "Post deleted"}
