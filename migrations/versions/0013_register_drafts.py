"""What is typed into the form of a new row is kept until it is entered."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "register_draft",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("sealed_cells", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_register_draft_user_id", "register_draft", ["user_id"])
    op.create_index("ix_register_draft_updated_at", "register_draft", ["updated_at"])


def downgrade():
    op.drop_table("register_draft")
