"""From which earlier case a study or a document was taken over."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("attachment", "study")


def upgrade():
    # Inline, so that SQLite need not make the table anew: others refer to its rows.
    for name in TABLES:
        source = sa.ForeignKey("case_file.id", name=f"fk_{name}_taken_from_id_case_file")
        column = sa.Column("taken_from_id", sa.Integer(), source, nullable=True)
        op.add_column(name, column, inline_references=True)


def downgrade():
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column("taken_from_id")
