"""Opinions remember the keys of their newest edits: one that is sent twice counts once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    # Not in a batch: that would make the table anew on SQLite, without its triggers.
    kind = sa.JSON().with_variant(JSONB(), "postgresql")
    column = sa.Column("edit_keys", kind, nullable=False, server_default="[]")
    op.add_column("plan_revision", column)


def downgrade():
    op.drop_column("plan_revision", "edit_keys")
