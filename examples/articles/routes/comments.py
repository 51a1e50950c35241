"""Step 7, custom owner fields: a comment belongs to its `created_by`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from axioms_fastapi import check_object_ownership
from models import Article, Comment
from routes.articles import Database, Id, get_article
from routes.authentication import Payload

router = APIRouter(tags=["comments"])


def get_comment(comment_id: Id, session: Database) -> Comment:
    """Get comment by ID or raise 404."""
    comment = session.get(Comment, comment_id)
    if not comment:
        raise HTTPException(status_code=404, detail="Comment not found")
    return comment


# Compares Comment.created_by with the token's sub.
OwnComment = Annotated[Comment, Depends(check_object_ownership(get_comment, owner_field="created_by"))]


def shown(comment: Comment) -> dict[str, Any]:
    """A comment as answers show it."""
    return {"id": comment.id, "text": comment.text, "created_by": comment.created_by}


@router.post("/articles/{article_id}/comments", status_code=201)
def create_comment(
    text: str, payload: Payload, article: Annotated[Article, Depends(get_article)], session: Database
) -> dict[str, Any]:
    """Comment on an article - any authenticated caller may; the comment is theirs.

    The payload stands before the article: dependencies run in order, and nothing is loaded for a caller who is nobody.
    """
    comment = Comment(article_id=article.id, text=text, created_by=payload.sub)
    session.add(comment)
    session.commit()
    return {"message": "Comment created successfully", "comment": shown(comment)}


@router.patch("/comments/{comment_id}")
def update_comment(text: str, comment: OwnComment, session: Database) -> dict[str, Any]:
    """Update comment - only the creator can update it."""
    comment.text = text
    session.add(comment)
    session.commit()
    return {"message": "Comment updated successfully", "comment": shown(comment)}


@router.delete("/comments/{comment_id}", status_code=204)
def delete_comment(comment: OwnComment, session: Database) -> None:
    """Delete comment - only the creator can delete it."""
    session.delete(comment)
    session.commit()
