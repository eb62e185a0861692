"""A series knows whether somebody has to say first that it is the patient's, and who sent it.

What is there already stays empty: a job opens the sealed names and says.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

UNJUDGED = sa.text("unconfirmed IS NULL")


def upgrade():
    op.add_column("series", sa.Column("unconfirmed", sa.Boolean()))
    with op.batch_alter_table("series") as batch:
        batch.add_column(sa.Column("by_user_id", sa.Integer()))
        batch.create_foreign_key(
            op.f("fk_series_by_user_id_user_account"), "user_account", ["by_user_id"], ["id"]
        )
    op.create_index(
        "ix_series_unjudged",
        "series",
        ["case_id"],
        sqlite_where=UNJUDGED,
        postgresql_where=UNJUDGED,
    )


def downgrade():
    op.drop_index("ix_series_unjudged", "series")
    with op.batch_alter_table("series") as batch:
        batch.drop_constraint(op.f("fk_series_by_user_id_user_account"), type_="foreignkey")
        batch.drop_column("by_user_id")
        batch.drop_column("unconfirmed")
