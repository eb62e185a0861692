"""Series at risk and documents wait until somebody of their hospital has released them."""

import sqlalchemy as sa
from alembic import op

from mdt.models.base import UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MODALITIES = (
    "DMS", "DOC", "ECG", "EPS", "ES", "GM", "HC", "IVOCT", "IVUS", "OP", "OPT", "OT", "RF", "SC",
    "SM", "SMR", "US", "VIDD", "XA", "XC",
)
SCREENS = "1.2.840.10008.5.1.4.1.1.7"
TEXTS = tuple(f"1.2.840.10008.5.1.4.1.1.{end}." for end in ("88", "104", "9.4"))


def upgrade():
    for table in ("attachment", "series"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("released_at", UTCDateTime(), nullable=True))
            batch.add_column(sa.Column("released_by_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(
                f"fk_{table}_released_by_id_user_account", "user_account", ["released_by_id"], ["id"]
            )
    with op.batch_alter_table("series") as batch:
        batch.add_column(sa.Column("risk", sa.String(16), nullable=False, server_default=""))
    _find_risks()


def _find_risks():
    """What came before is judged by what is kept of it: modality and class."""
    series = sa.table("series", sa.column("id"), sa.column("modality"), sa.column("risk"))
    instance = sa.table("instance", sa.column("series_id"), sa.column("sop_class_uid"))
    uid = instance.c.sop_class_uid
    for risk, condition in (
        ("modality", series.c.modality.in_(MODALITIES)),
        ("screen", _holds(series, instance, sa.or_(uid == SCREENS, uid.like(f"{SCREENS}.%")))),
        ("text", _holds(series, instance, sa.or_(*(uid.like(f"{one}%") for one in TEXTS)))),
    ):
        op.execute(series.update().where(condition).values(risk=risk))


def _holds(series, instance, condition):
    return sa.exists().where(instance.c.series_id == series.c.id, condition)


def downgrade():
    with op.batch_alter_table("series") as batch:
        batch.drop_column("risk")
    for table in ("attachment", "series"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(f"fk_{table}_released_by_id_user_account", type_="foreignkey")
            batch.drop_column("released_by_id")
            batch.drop_column("released_at")
