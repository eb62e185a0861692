"""What a doctor decided about files that seem to name somebody else."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "identity_check",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by_user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
    )
    op.create_index("ix_identity_check_case", "identity_check", ["case_id", "key"])


def downgrade():
    op.drop_table("identity_check")
