"""An opinion keeps which key images and lesions are printed with it, locked like its text."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import JsonOrNull

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FINAL = "OLD.state IN ('signed','withdrawn')"
NAME = "plan_revision_pictures"


def upgrade():
    op.add_column("plan_revision", sa.Column("pictures", JsonOrNull, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE OF pictures ON plan_revision WHEN {FINAL} "
            "BEGIN SELECT RAISE(ABORT, 'a signed or withdrawn plan_revision is final'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON plan_revision FOR EACH ROW "
            f"WHEN ({FINAL} AND NEW.pictures IS DISTINCT FROM OLD.pictures) "
            "EXECUTE FUNCTION refuse_final_change()"
        )


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {NAME}")
    else:
        op.execute(f"DROP TRIGGER {NAME} ON plan_revision")
    op.drop_column("plan_revision", "pictures")
