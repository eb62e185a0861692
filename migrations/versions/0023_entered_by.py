"""By whom, or by which file, a row of the register was entered first."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    # Inline, so that SQLite need not make the table anew: others refer to its rows.
    person = sa.ForeignKey("user_account.id", name="fk_tumour_entered_by_id_user_account")
    column = sa.Column("entered_by_id", sa.Integer(), person, nullable=True)
    op.add_column("tumour", column, inline_references=True)
    op.add_column("tumour", sa.Column("entered_import_id", sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table("tumour") as table:
        table.drop_column("entered_import_id")
        table.drop_column("entered_by_id")
