"""Namesakes of one hospital are found without going through those of all others."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAME = "ix_patient_name"


def upgrade():
    op.drop_index(NAME, "patient")
    op.create_index(NAME, "patient", ["name_index", "hospital_id", "id_number_index"])


def downgrade():
    op.drop_index(NAME, "patient")
    op.create_index(NAME, "patient", ["name_index"])
