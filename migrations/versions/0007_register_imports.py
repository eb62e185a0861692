"""Imports go on in the background, and where they were when they were cut off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_WORK = sa.text("state IN ('checking','importing')")
NAMES = (
    "state", "handled", "refused", "warned", "error", "error_details", "queued_at", "beat_at",
    "holder", "tries", "ended_at", "file_keys", "file_size", "file_index", "file_format",
    "order_keys", "sealed_columns",
)  # fmt: skip


def json():
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def moment():
    return sa.DateTime(timezone=True)


def number(name):
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def columns():
    return (
        sa.Column("state", sa.String(12), nullable=False, server_default="done"),
        number("handled"),
        number("refused"),
        number("warned"),
        sa.Column("error", sa.String(40), nullable=False, server_default=""),
        sa.Column("error_details", json()),
        sa.Column("queued_at", moment()),
        sa.Column("beat_at", moment()),
        sa.Column("holder", sa.String(32)),
        number("tries"),
        sa.Column("ended_at", moment()),
        sa.Column("file_keys", json()),
        sa.Column("file_size", sa.BigInteger()),
        sa.Column("file_index", sa.String(64)),
        sa.Column("file_format", json()),
        sa.Column("order_keys", json()),
        sa.Column("sealed_columns", sa.LargeBinary()),
    )


def upgrade():
    for column in columns():
        op.add_column("register_import", column)
    # What ended before had no count of its own.
    op.execute(
        "UPDATE register_import SET handled = total, ended_at = at, "
        "refused = total - accepted - unchanged"
    )
    op.create_index(
        "ix_register_import_at_work",
        "register_import",
        ["state"],
        sqlite_where=AT_WORK,
        postgresql_where=AT_WORK,
    )
    _create_parts()
    _create_columns()


def _create_parts():
    op.create_table(
        "register_import_part",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("tumour_ids", sa.LargeBinary(), nullable=True),
        *keys("register_import_part", import_id="register_import"),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_register_import_part")),
    )


def _create_columns():
    op.create_table(
        "register_columns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.Integer(), nullable=False),
        sa.Column("headings_index", sa.String(64), nullable=False),
        sa.Column("sealed_columns", sa.LargeBinary(), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=True),
        sa.Column("at", moment(), nullable=False),
        *keys("register_columns", hospital_id="hospital", by_user_id="user_account"),
        sa.UniqueConstraint("hospital_id", "headings_index", name="uq_register_columns_headings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_columns")),
    )


def keys(table, **columns):
    return [
        sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}_{target}"))
        for name, target in columns.items()
    ]


def downgrade():
    for table in ("register_columns", "register_import_part"):
        op.drop_table(table)
    op.drop_index("ix_register_import_at_work", "register_import")
    for name in NAMES:
        op.drop_column("register_import", name)
