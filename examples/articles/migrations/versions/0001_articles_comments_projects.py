"""Articles, comments and projects, and one project to look at."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(), nullable=False, index=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False, index=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("published_at", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "article_id", sa.Integer(), sa.ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False, index=True),
        sa.Column("created_at", moment, nullable=False),
    )
    project = op.create_table(
        "project",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_email", sa.String(), nullable=False, index=True),
    )
    # No route of the tutorial makes a project; this one is there to be read.
    op.bulk_insert(project, [{"name": "Apollo", "owner_email": "john@example.com"}])


def downgrade() -> None:
    """Take back."""
    op.drop_table("project")
    op.drop_table("comment")
    op.drop_table("article")
