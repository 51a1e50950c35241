"""Step 7: articles, which belong to whoever wrote them.

Handlers that use the database are plain functions: SQLModel's session waits for the database, and FastAPI runs plain
functions in threads, so that the event loop does not wait with it. The guards stay in the event loop.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path
from sqlmodel import Session, select

from axioms_fastapi import check_object_ownership, require_permissions, require_roles, require_scopes
from database import get_session
from models import Article, now
from routes.authentication import Payload

router = APIRouter(tags=["articles"])

Database = Annotated[Session, Depends(get_session)]

# What the id column can hold; any other number is a 422, and the database never sees it.
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


def get_article(article_id: Id, session: Database) -> Article:
    """Get article by ID or raise 404. Whose it is is not asked here: check_object_ownership does that."""
    article = session.get(Article, article_id)
    if not article:
        raise HTTPException(status_code=404, detail="Article not found")
    return article


OwnArticle = Annotated[Article, Depends(check_object_ownership(get_article))]


def shown(article: Article) -> dict[str, Any]:
    """An article as answers show it."""
    return {"id": article.id, "title": article.title, "content": article.content, "user": article.user}


@router.get("/articles")
def list_articles(payload: Payload, session: Database) -> dict[str, Any]:
    """List the caller's own articles: what is not theirs is not even read."""
    articles = session.exec(select(Article).where(Article.user == payload.sub)).all()
    return {"articles": [shown(article) for article in articles], "count": len(articles)}


@router.post("/articles", status_code=201)
def create_article(title: str, content: str, payload: Payload, session: Database) -> dict[str, Any]:
    """Create a new article: its owner is the caller, and nothing in the request can say otherwise."""
    article = Article(title=title, content=content, user=payload.sub)
    session.add(article)
    session.commit()
    return {"message": "Article created successfully", "article": shown(article)}


@router.get("/articles/{article_id}")
def read_article(article: OwnArticle) -> dict[str, Any]:
    """Read article - only the owner can access their articles."""
    return shown(article)


@router.patch("/articles/{article_id}")
def update_article(
    article: OwnArticle, session: Database, title: str | None = None, content: str | None = None
) -> dict[str, Any]:
    """Update article - only the owner can update their articles."""
    if title is not None:
        article.title = title
    if content is not None:
        article.content = content
    article.updated_at = now()
    session.add(article)
    session.commit()
    return {"message": "Article updated successfully", "article": shown(article)}


@router.delete("/articles/{article_id}", status_code=204)
def delete_article(article: OwnArticle, session: Database) -> None:
    """Delete article - only the owner can delete their articles. Its comments go with it."""
    session.delete(article)
    session.commit()


@router.patch("/api/articles/{article_id}/publish")
def publish_article(
    article: OwnArticle,  # 1. authentication and ownership
    payload: Payload,
    session: Database,
    _=Depends(require_scopes(["articles:publish"])),  # 2. the application's own scope
    __=Depends(require_roles(["editor", "admin"])),  # 3. the caller's role
    ___=Depends(require_permissions(["articles:publish"])),  # 4. the explicit permission
) -> dict[str, Any]:
    """Publish an article - requires ownership AND multiple authorization levels."""
    if article.status == "published":
        raise HTTPException(status_code=400, detail="Already published")
    article.status = "published"
    article.published_by = payload.sub
    article.published_at = now()
    session.add(article)
    session.commit()
    return {
        "message": "Article published successfully",
        "article_id": article.id,
        "published_by": payload.sub,
        "owner": article.user,
    }
