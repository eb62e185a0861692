"""Pictures can be blacked out; what a served form says follows what was released."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BLACKED_OUT = sa.text("black_boxes IS NOT NULL")


def upgrade():
    op.add_column("attachment", sa.Column("black_boxes", JSON))
    op.add_column(
        "series", sa.Column("revision", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("instance", sa.Column("black_boxes", JSON))
    op.add_column(
        "instance",
        sa.Column("served_stale", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_instance_stale",
        "instance",
        ["id"],
        sqlite_where=sa.text("served_stale = 1"),
        postgresql_where=sa.text("served_stale"),
    )
    op.create_index(
        "ix_instance_blacked_out",
        "instance",
        ["case_id"],
        sqlite_where=BLACKED_OUT,
        postgresql_where=BLACKED_OUT,
    )
    _say_what_was_released()


def _say_what_was_released():
    """Objects of released series were made before anybody had looked at them."""
    series = sa.table(
        "series", sa.column("id"), sa.column("risk"), sa.column("released_at", sa.DateTime())
    )
    instance = sa.table(
        "instance",
        sa.column("series_id"),
        sa.column("served_key"),
        sa.column("served_stale", sa.Boolean()),
    )
    released = sa.select(series.c.id).where(series.c.risk != "", series.c.released_at.is_not(None))
    op.execute(
        instance.update()
        .where(instance.c.series_id.in_(released), instance.c.served_key.is_not(None))
        .values(served_stale=sa.true())
    )


def downgrade():
    op.drop_index("ix_instance_blacked_out", "instance")
    op.drop_index("ix_instance_stale", "instance")
    with op.batch_alter_table("instance") as batch:
        batch.drop_column("served_stale")
        batch.drop_column("black_boxes")
    with op.batch_alter_table("series") as batch:
        batch.drop_column("revision")
    with op.batch_alter_table("attachment") as batch:
        batch.drop_column("black_boxes")
