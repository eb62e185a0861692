"""Radiologists and pathologists read cases again before a conference and say what they see."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NOT_GIVEN = sa.text("given_at IS NULL")


def upgrade():
    op.create_table(
        "reading_opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("discipline", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('imaging','pathology')", name=op.f("ck_reading_opinion_kind")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_reading_opinion_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"],
            ["user_account.id"],
            name=op.f("fk_reading_opinion_by_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_opinion")),
    )
    op.create_index(op.f("ix_reading_opinion_case_id"), "reading_opinion", ["case_id"])
    op.create_index(
        "uq_reading_opinion_draft",
        "reading_opinion",
        ["case_id", "by_user_id"],
        unique=True,
        sqlite_where=NOT_GIVEN,
        postgresql_where=NOT_GIVEN,
    )


def downgrade():
    op.drop_table("reading_opinion")
