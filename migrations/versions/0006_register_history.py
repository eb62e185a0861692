"""The register keeps what a row said before, and what people decided about rows and cases."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STANDING = sa.text("revoked_at IS NULL")


def upgrade():
    op.create_table(
        "tumour_version",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tumour_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        *references(
            "tumour_version",
            tumour_id="tumour",
            by_user_id="user_account",
            import_id="register_import",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tumour_version")),
    )
    op.create_index("ix_tumour_version_tumour_id", "tumour_version", ["tumour_id"])
    keep_for_ever()
    op.create_table(
        "match_decision",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tumour_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        *references(
            "match_decision",
            tumour_id="tumour",
            case_id="case_file",
            by_user_id="user_account",
            revoked_by_id="user_account",
        ),
        sa.CheckConstraint(
            "verdict IN ('linked', 'unlinked')", name=op.f("ck_match_decision_verdict")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_decision")),
    )
    op.create_index("ix_match_decision_tumour_id", "match_decision", ["tumour_id"])
    op.create_index("ix_match_decision_case_id", "match_decision", ["case_id"])
    op.create_index(
        "uq_match_decision_standing",
        "match_decision",
        ["tumour_id", "case_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def references(table, **columns):
    return (
        sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_{table}_{name}_{to}"))
        for name, to in columns.items()
    )


def keep_for_ever():
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tumour_version_no_{verb.lower()} BEFORE {verb} ON tumour_version "
                "BEGIN SELECT RAISE(ABORT, 'tumour_version is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER tumour_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON tumour_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade():
    op.drop_table("match_decision")
    op.drop_table("tumour_version")
