"""Whole-slide images and the packs of tiles that are shown of them."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade():
    op.create_table(
        "slide",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("series_id", sa.Integer(), sa.ForeignKey("series.id", ondelete="CASCADE")),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("extension", sa.String(10), nullable=False),
        sa.Column("storage_key", sa.String(80)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("stain", sa.String(40), nullable=False),
        sa.Column("block", sa.String(40), nullable=False),
        sa.Column("vendor", sa.String(40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("mpp", sa.Double()),
        sa.Column("objective", sa.Double()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("failure", sa.String(40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("made_bytes", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by_user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("struck_at", UTCDateTime()),
        sa.Column("struck_by_id", sa.Integer(), sa.ForeignKey("user_account.id")),
        sa.Column("struck_reason", sa.String(200), nullable=False),
        sa.UniqueConstraint("series_id", name="uq_slide_series_id"),
        sa.UniqueConstraint("case_id", "sha256", name="uq_slide_content"),
    )
    op.create_index("ix_slide_case_id", "slide", ["case_id"])
    op.create_index(
        "ix_slide_waiting", "slide", ["id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_table(
        "slide_pack",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column(
            "slide_id",
            sa.Integer(),
            sa.ForeignKey("slide.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("first_tile", sa.Integer(), nullable=False),
        sa.Column("tiles", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(80), nullable=False),
        sa.UniqueConstraint("slide_id", "first_tile", name="uq_slide_pack_first"),
    )


def downgrade():
    op.drop_table("slide_pack")
    op.drop_index("ix_slide_waiting", "slide")
    op.drop_index("ix_slide_case_id", "slide")
    op.drop_table("slide")
