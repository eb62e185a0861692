"""The register keeps what reports count: figures come out of an index, whatever their number."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

def columns():
    return (
    sa.Column("board_on", sa.Date()),
    sa.Column("opinion_alone", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("diagnosis_month", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("exclusion", sa.String(20), nullable=False, server_default=""),
    sa.Column("counted_stage", sa.String(7), nullable=False, server_default="unknown"),
    sa.Column("treated_after", sa.Integer()),
    sa.Column("board_after", sa.Integer()),
    sa.Column("outside_after", sa.Integer()),
    )


FIGURES = [
    "hospital_id", "diagnosis_month", "diagnosis_date", "site3", "exclusion", "counted_stage",
    "treated_after", "board_after", "outside_after", "opinion_alone", "duplicate_of_id",
]  # fmt: skip

#: A discussion with quorum whose last signed opinion defers nothing; and an opinion of no meeting.
LAST_SIGNED = """
    SELECT max(other.number) FROM plan_revision AS other
    WHERE other.plan_id = plan.id AND other.state = 'signed'
"""
BOARD_ON = """
    SELECT min(agenda_item.discussed_on) FROM tumour_case
    JOIN agenda_item ON agenda_item.case_id = tumour_case.case_id
    JOIN conference ON conference.id = agenda_item.conference_id
    JOIN plan ON plan.item_id = agenda_item.id
    JOIN plan_revision ON plan_revision.plan_id = plan.id AND plan_revision.state = 'signed'
    WHERE tumour_case.tumour_id = tumour.id AND agenda_item.quorum_met
    AND agenda_item.state NOT IN ('undiscussed', 'deferred') AND conference.state <> 'cancelled'
    AND plan_revision.number = ({last_signed}) AND coalesce({outcome}, '') <> 'deferred'
"""
OPINION_ALONE = """
    EXISTS (SELECT 1 FROM tumour_case
    JOIN plan ON plan.case_id = tumour_case.case_id AND plan.item_id IS NULL
    JOIN plan_revision ON plan_revision.plan_id = plan.id AND plan_revision.state = 'signed'
    WHERE tumour_case.tumour_id = tumour.id
    AND plan_revision.number = ({last_signed}) AND coalesce({outcome}, '') <> 'deferred')
"""
FOLLOWING = """
    UPDATE tumour SET
    diagnosis_month = {year} * 12 + {month} - 1,
    exclusion = CASE
        WHEN case_type <> 'new' THEN 'recurrence'
        WHEN site3 BETWEEN 'D00' AND 'D09' THEN 'in_situ'
        WHEN site3 NOT BETWEEN 'C00' AND 'C97' THEN 'not_malignant'
        WHEN diagnosis_basis IN ('0', '8') THEN 'death_certificate'
        WHEN site3 BETWEEN 'C91' AND 'C95' OR site3 BETWEEN 'C70' AND 'C72' THEN 'not_stageable'
        ELSE '' END,
    counted_stage = CASE
        WHEN stage_basis = 'p' AND first_treatment_type = 'surgery' THEN iii_plus
        WHEN stage_basis IN ('', 'c') AND (stage_date IS NULL OR first_treatment_date IS NULL
            OR stage_date <= first_treatment_date) THEN iii_plus
        ELSE 'unknown' END,
    treated_after = {treated}, board_after = {board}, outside_after = {outside}
"""


def upgrade():
    for column in columns():
        op.add_column("tumour", column)
    sqlite = op.get_bind().dialect.name == "sqlite"
    outcome = (
        "json_extract(plan_revision.content, '$.outcome')"
        if sqlite
        else "plan_revision.content ->> 'outcome'"
    )
    words = {"last_signed": LAST_SIGNED, "outcome": outcome}
    op.execute(f"UPDATE tumour SET board_on = ({BOARD_ON.format(**words)})")  # noqa: S608 -- no input
    op.execute(f"UPDATE tumour SET opinion_alone = {OPINION_ALONE.format(**words)}")  # noqa: S608 -- no input

    def days(column):
        if sqlite:
            return f"CAST(julianday({column}) - julianday(diagnosis_date) AS INTEGER)"
        return f"{column} - diagnosis_date"

    def part(name, pattern):
        if sqlite:
            return f"CAST(strftime('{pattern}', diagnosis_date) AS INTEGER)"
        return f"CAST(extract({name} FROM diagnosis_date) AS INTEGER)"

    op.execute(
        FOLLOWING.format(
            year=part("year", "%Y"),
            month=part("month", "%m"),
            treated=days("first_treatment_date"),
            board=days("board_on"),
            outside=days("external_mdt_date"),
        )
    )
    op.create_index("ix_tumour_figures", "tumour", FIGURES)
    op.drop_index("ix_tumour_hospital_period", "tumour")


def downgrade():
    op.create_index("ix_tumour_hospital_period", "tumour", ["hospital_id", "diagnosis_date"])
    op.drop_index("ix_tumour_figures", "tumour")
    for column in reversed(columns()):
        op.drop_column("tumour", column.name)
