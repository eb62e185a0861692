"""Marks on pictures, key images, lesions followed over time."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import Json, UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "mark",
        *_made(),
        *_on_picture("mark"),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("points", Json, nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("value", Json, nullable=False),
    )
    op.create_table(
        "key_image",
        *_made(),
        *_on_picture("key_image"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", Json, nullable=False),
        sa.Column("caption", sa.String(200), nullable=False),
    )
    op.create_table(
        "lesion",
        *_made(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column(
            "current_mark_id",
            sa.Integer(),
            sa.ForeignKey("mark.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "prior_mark_id", sa.Integer(), sa.ForeignKey("mark.id", ondelete="SET NULL")
        ),
        sa.UniqueConstraint("case_id", "by_user_id", "key", name="uq_lesion_key"),
    )
    for table in ("mark", "key_image"):
        for column in ("case", "instance", "series"):
            op.create_index(f"ix_{table}_{column}", table, [f"{column}_id"])
    op.create_index("ix_lesion_case", "lesion", ["case_id"])


def downgrade():
    for table in ("lesion", "key_image", "mark"):
        op.drop_table(table)


def _made():
    return (
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("by_user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("struck_at", UTCDateTime(), nullable=True),
        sa.Column("struck_by_id", sa.Integer(), sa.ForeignKey("user_account.id")),
        sa.Column("struck_reason", sa.String(200), nullable=False),
    )


def _on_picture(table):
    return (
        sa.Column("series_id", sa.Integer(), sa.ForeignKey("series.id", ondelete="CASCADE")),
        sa.Column("instance_id", sa.Integer(), sa.ForeignKey("instance.id", ondelete="CASCADE")),
        sa.Column("slide_id", sa.Integer()),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.UniqueConstraint("case_id", "by_user_id", "key", name=f"uq_{table}_key"),
        sa.CheckConstraint(
            "(instance_id IS NULL) = (series_id IS NULL)"
            " AND (series_id IS NULL) <> (slide_id IS NULL)",
            name="picture",
        ),
    )
