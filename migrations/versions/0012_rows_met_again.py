"""Rows of a file find what they last changed; a row that counts finds those dropped for it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DROPPED = sa.text("duplicate_of_id IS NOT NULL")


def upgrade():
    op.create_index("ix_tumour_row_hash", "tumour", ["hospital_id", "row_hash"])
    op.create_index(
        "ix_tumour_dropped",
        "tumour",
        ["duplicate_of_id"],
        sqlite_where=DROPPED,
        postgresql_where=DROPPED,
    )


def downgrade():
    op.drop_index("ix_tumour_dropped", "tumour")
    op.drop_index("ix_tumour_row_hash", "tumour")
