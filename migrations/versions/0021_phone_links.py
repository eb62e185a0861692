"""Phones that take photographs into a case."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "phone_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("by_user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("session_id", sa.Integer(), sa.ForeignKey("sign_in_session.id"), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("opener_hash", sa.String(64), nullable=True),
        sa.Column("secret_hash", sa.String(64), nullable=True),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.UniqueConstraint("code_hash", name="uq_phone_link_code_hash"),
        sa.UniqueConstraint("secret_hash", name="uq_phone_link_secret_hash"),
    )
    op.create_index("ix_phone_link_person", "phone_link", ["by_user_id", "case_id"])
    for table in ("attachment", "upload"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("phone_link_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(
                f"fk_{table}_phone_link_id_phone_link", "phone_link", ["phone_link_id"], ["id"]
            )


def downgrade():
    for table in ("attachment", "upload"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(f"fk_{table}_phone_link_id_phone_link", type_="foreignkey")
            batch.drop_column("phone_link_id")
    op.drop_table("phone_link")
