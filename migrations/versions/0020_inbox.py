"""Images that come from a PACS."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "pacs_peer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hospital_id", sa.Integer(), sa.ForeignKey("hospital.id"), nullable=False),
        sa.Column("ae_title", sa.String(16), nullable=False),
        sa.Column("address", sa.String(49), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("ae_title", "address", name="uq_pacs_peer"),
    )
    op.create_table(
        "inbox_study",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hospital_id", sa.Integer(), sa.ForeignKey("hospital.id"), nullable=False),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("person_index", sa.String(64), nullable=False),
        sa.Column("name_index", sa.String(64), nullable=True),
        sa.Column("number_index", sa.String(64), nullable=True),
        sa.Column("sealed_patient", sa.LargeBinary(), nullable=False),
        sa.Column("modalities", sa.String(60), nullable=False),
        sa.Column("study_date", sa.Date(), nullable=True),
        sa.Column("description", sa.String(120), nullable=False),
        sa.Column("ae_title", sa.String(16), nullable=False),
        sa.Column("object_count", sa.Integer(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("taken_case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=True),
        sa.UniqueConstraint("hospital_id", "study_uid", "person_index", name="uq_inbox_study"),
    )
    op.create_index("ix_inbox_study_received", "inbox_study", ["hospital_id", "received_at"])
    op.create_index("ix_inbox_study_expires_at", "inbox_study", ["expires_at"])
    op.create_table(
        "inbox_object",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "study_id",
            sa.Integer(),
            sa.ForeignKey("inbox_study.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("sop_uid", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(80), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint("study_id", "sop_uid", "sha256", name="uq_inbox_object"),
    )


def downgrade():
    op.drop_table("inbox_object")
    op.drop_table("inbox_study")
    op.drop_table("pacs_peer")
