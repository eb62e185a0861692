"""Rows of a closed period are written before it, and keep what the register says of the stage."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = "coverage_freeze_row"
KEY = "fk_coverage_freeze_row_freeze_id_coverage_freeze"
LEFT_BEHIND = f"DELETE FROM {TABLE} WHERE freeze_id NOT IN (SELECT id FROM coverage_freeze)"  # noqa: S608 -- no input


def upgrade():
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column("stage_facts", sa.String(64), nullable=False, server_default=""))
        batch.drop_constraint(KEY, type_="foreignkey")
    _keep_for_ever()


def downgrade():
    on_sqlite = _on_sqlite()
    if on_sqlite:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {TABLE}_no_{verb}")
    else:
        op.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_append_only")
    op.execute(LEFT_BEHIND)
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_column("stage_facts")
        batch.create_foreign_key(KEY, "coverage_freeze", ["freeze_id"], ["id"])
    if not on_sqlite:
        op.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER {TABLE}_append_only")
    _keep_for_ever()


def _keep_for_ever():
    """SQLite makes the table anew, without its triggers."""
    if not _on_sqlite():
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )


def _on_sqlite():
    return op.get_bind().dialect.name == "sqlite"
