"""People decide which rows of the register are one tumour; what they decided can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Rows that may be duplicates; whether their dates are near is looked at when they are shown.
NOTED = """
    UPDATE tumour SET maybe_duplicate = true WHERE EXISTS (
    SELECT 1 FROM patient AS me
    JOIN patient AS them ON them.id_number_index = me.id_number_index
    JOIN tumour AS other ON other.patient_id = them.id
    WHERE me.id = tumour.patient_id AND other.id <> tumour.id
    AND other.site3 = tumour.site3 AND other.laterality = tumour.laterality)
"""
STANDING = sa.text("revoked_at IS NULL")
NOTED_ALONE = sa.text("maybe_duplicate")


def upgrade():
    column = sa.Column("maybe_duplicate", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("tumour", column)
    op.execute(NOTED)
    op.create_index(
        "ix_tumour_maybe_duplicate",
        "tumour",
        ["hospital_id"],
        sqlite_where=NOTED_ALONE,
        postgresql_where=NOTED_ALONE,
    )
    op.create_table(
        "duplicate_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lower_id", sa.Integer(), nullable=False),
        sa.Column("higher_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(9), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=True),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_duplicate_decision_{name}_{table}")
            )
            for name, table in (
                ("lower_id", "tumour"),
                ("higher_id", "tumour"),
                ("kept_id", "tumour"),
                ("by_user_id", "user_account"),
                ("revoked_by_id", "user_account"),
            )
        ),
        sa.CheckConstraint("lower_id < higher_id", name=op.f("ck_duplicate_decision_in_order")),
        sa.CheckConstraint(
            "(decision = 'same' AND kept_id IN (lower_id, higher_id))"
            " OR (decision = 'different' AND kept_id IS NULL)",
            name=op.f("ck_duplicate_decision_verdict"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_decision")),
    )
    op.create_index("ix_duplicate_decision_higher_id", "duplicate_decision", ["higher_id"])
    op.create_index(
        "uq_duplicate_decision_standing",
        "duplicate_decision",
        ["lower_id", "higher_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade():
    # Without the decisions nobody could tell why a row does not count: all count again.
    op.execute("UPDATE tumour SET duplicate_of_id = NULL")
    op.drop_table("duplicate_decision")
    op.drop_index("ix_tumour_maybe_duplicate", "tumour")
    op.drop_column("tumour", "maybe_duplicate")
