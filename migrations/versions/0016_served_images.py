"""Images have a served form: de-identified, with its metadata and the places of its frames."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNSERVED = sa.text("served_syntax_uid IS NULL")


def upgrade():
    op.add_column("study", sa.Column("served_uid", sa.String(length=64)))
    op.add_column("series", sa.Column("served_uid", sa.String(length=64)))
    op.add_column("instance", sa.Column("served_uid", sa.String(length=64)))
    op.add_column("instance", sa.Column("served_key", sa.String(length=80)))
    op.add_column("instance", sa.Column("served_syntax_uid", sa.String(length=64)))
    op.add_column("instance", sa.Column("served_size", sa.Integer()))
    op.add_column("instance", sa.Column("frame_spans", JSON))
    op.create_index("ix_instance_served", "instance", ["case_id", "served_uid"])
    op.create_index(
        "ix_instance_unserved",
        "instance",
        ["id"],
        sqlite_where=UNSERVED,
        postgresql_where=UNSERVED,
    )
    op.create_table(
        "instance_metadata",
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("instance_id"),
    )
    op.create_table(
        "image_secret",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )


def downgrade():
    op.drop_table("image_secret")
    op.drop_table("instance_metadata")
    op.drop_index("ix_instance_unserved", "instance")
    op.drop_index("ix_instance_served", "instance")
    with op.batch_alter_table("instance") as table:
        for name in ("frame_spans", "served_size", "served_syntax_uid", "served_key", "served_uid"):
            table.drop_column(name)
    for name in ("series", "study"):
        with op.batch_alter_table(name) as table:
            table.drop_column("served_uid")
