"""How many slices of a series are missing or there twice."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("series", sa.Column("slices_missing", sa.Integer(), nullable=True))
    op.add_column("series", sa.Column("slices_doubled", sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table("series") as table:
        table.drop_column("slices_doubled")
        table.drop_column("slices_missing")
