"""Uploads that go on after a cut line."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "upload",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("by_user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_results", sa.LargeBinary(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_upload_person", "upload", ["by_user_id", "case_id"])
    op.create_index("ix_upload_expires_at", "upload", ["expires_at"])


def downgrade():
    op.drop_table("upload")
