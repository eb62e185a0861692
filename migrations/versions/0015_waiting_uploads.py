"""Uploads wait for the virus scanner."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("upload") as table:
        table.add_column(sa.Column("waiting_since", UTCDateTime(), nullable=True))


def downgrade():
    with op.batch_alter_table("upload") as table:
        table.drop_column("waiting_since")
