"""Provinces supersede definitions of coverage, and close periods with their rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FIGURES = [
    "hospital_id", "diagnosis_month", "diagnosis_date", "site3", "exclusion", "counted_stage",
    "treated_after", "board_after", "outside_after", "opinion_alone", "duplicate_of_id",
]  # fmt: skip
ADDED = ["excluding", "stage_basis", "staging_system", "opinion_after", "died_after"]
FINAL = ("coverage_freeze", "coverage_freeze_row")

LAST_SIGNED = """
    SELECT max(other.number) FROM plan_revision AS other
    WHERE other.plan_id = plan.id AND other.state = 'signed'
"""
OPINION_ON = """
    SELECT min({signed_on}) FROM tumour_case
    JOIN plan ON plan.case_id = tumour_case.case_id AND plan.item_id IS NULL
    JOIN plan_revision AS signed ON signed.plan_id = plan.id AND signed.state = 'signed'
    JOIN plan_revision ON plan_revision.plan_id = plan.id AND plan_revision.state = 'signed'
    WHERE tumour_case.tumour_id = tumour.id
    AND plan_revision.number = ({last_signed}) AND coalesce({outcome}, '') <> 'deferred'
"""
BOARDS = """
    INSERT INTO tumour_board (tumour_id, held_on, disciplines)
    SELECT DISTINCT tumour_case.tumour_id, agenda_item.discussed_on,
        (SELECT count(DISTINCT attendance.discipline) FROM attendance
         WHERE attendance.item_id = agenda_item.id AND attendance.role IN ('chair', 'expert')
         AND attendance.discipline <> '')
    FROM tumour_case
    JOIN agenda_item ON agenda_item.case_id = tumour_case.case_id
    JOIN conference ON conference.id = agenda_item.conference_id
    JOIN plan ON plan.item_id = agenda_item.id
    JOIN plan_revision ON plan_revision.plan_id = plan.id AND plan_revision.state = 'signed'
    WHERE agenda_item.quorum_met AND agenda_item.discussed_on IS NOT NULL
    AND agenda_item.state NOT IN ('undiscussed', 'deferred') AND conference.state <> 'cancelled'
    AND plan_revision.number = ({last_signed}) AND coalesce({outcome}, '') <> 'deferred'
"""
FOLLOWING = """
    UPDATE tumour SET
    excluding = CASE WHEN case_type <> 'new' THEN 1 ELSE 0 END
        + CASE WHEN site3 BETWEEN 'D00' AND 'D09' THEN 2 ELSE 0 END
        + CASE WHEN site3 NOT BETWEEN 'C00' AND 'C97' AND site3 NOT BETWEEN 'D00' AND 'D09'
            THEN 4 ELSE 0 END
        + CASE WHEN diagnosis_basis IN ('0', '8') THEN 8 ELSE 0 END
        + CASE WHEN site3 BETWEEN 'C91' AND 'C95' OR site3 BETWEEN 'C70' AND 'C72'
            THEN 16 ELSE 0 END
        + CASE WHEN emergency THEN 32 ELSE 0 END,
    opinion_after = {opinion}, died_after = {death}
"""


def json():
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def moment():
    return sa.DateTime(timezone=True)


def keys(table, **columns):
    return [
        sa.ForeignKeyConstraint(
            [name], [target], name=op.f(f"fk_{table}_{name}_{target.partition('.')[0]}")
        )
        for name, target in columns.items()
    ]


def upgrade():
    for column in (
        sa.Column("opinion_on", sa.Date()),
        sa.Column("excluding", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("opinion_after", sa.Integer()),
        sa.Column("died_after", sa.Integer()),
    ):
        op.add_column("tumour", column)
    _create_boards()
    _fill()
    op.drop_index("ix_tumour_figures", "tumour")
    op.create_index("ix_tumour_figures", "tumour", [*FIGURES, *ADDED])
    _create_definitions()
    _create_freezes()
    _create_rows()
    _keep_for_ever()


def _create_boards():
    op.create_table(
        "tumour_board",
        sa.Column("tumour_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("disciplines", sa.Integer(), autoincrement=False, nullable=False),
        *keys("tumour_board", tumour_id="tumour.id"),
        sa.PrimaryKeyConstraint(
            "tumour_id", "held_on", "disciplines", name=op.f("pk_tumour_board")
        ),
    )


def _fill():
    sqlite = op.get_bind().dialect.name == "sqlite"
    words = {
        "last_signed": LAST_SIGNED,
        "outcome": "json_extract(plan_revision.content, '$.outcome')"
        if sqlite
        else "plan_revision.content ->> 'outcome'",
        "signed_on": "date(signed.signed_at, '+8 hours')"
        if sqlite
        else "CAST(signed.signed_at AT TIME ZONE 'Asia/Shanghai' AS DATE)",
    }
    op.execute(f"UPDATE tumour SET opinion_on = ({OPINION_ON.format(**words)})")  # noqa: S608 -- no input
    op.execute(BOARDS.format(**words))

    def days(column):
        if sqlite:
            return f"CAST(julianday({column}) - julianday(diagnosis_date) AS INTEGER)"
        return f"{column} - diagnosis_date"

    op.execute(FOLLOWING.format(opinion=days("opinion_on"), death=days("death_date")))


def _create_definitions():
    op.create_table(
        "coverage_definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("province_code", sa.String(6), nullable=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("fields", json(), nullable=False),
        sa.Column("based_on", sa.String(20), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", moment(), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", moment(), nullable=True),
        *keys(
            "coverage_definition",
            province_code="region.code",
            made_by_id="user_account.id",
            published_by_id="user_account.id",
        ),
        sa.CheckConstraint(
            "code IN ('strict','lenient')", name=op.f("ck_coverage_definition_code")
        ),
        sa.CheckConstraint(
            "(version IS NULL) = (published_at IS NULL)",
            name=op.f("ck_coverage_definition_published"),
        ),
        sa.UniqueConstraint(
            "province_code", "code", "version", name="uq_coverage_definition_version"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_definition")),
    )


def _create_freezes():
    op.create_table(
        "coverage_freeze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.Integer(), nullable=True),
        sa.Column("region_code", sa.String(6), nullable=True),
        sa.Column("period_first", sa.Date(), nullable=False),
        sa.Column("period_last", sa.Date(), nullable=False),
        sa.Column("definition_code", sa.String(10), nullable=False),
        sa.Column("definition_name", sa.String(20), nullable=False),
        sa.Column("definition", json(), nullable=False),
        sa.Column("figures", json(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(60), nullable=False),
        sa.Column("at", moment(), nullable=False),
        *keys(
            "coverage_freeze",
            hospital_id="hospital.id",
            region_code="region.code",
            supersedes_id="coverage_freeze.id",
            by_user_id="user_account.id",
        ),
        sa.CheckConstraint(
            "(hospital_id IS NULL) <> (region_code IS NULL)", name=op.f("ck_coverage_freeze_scope")
        ),
        sa.CheckConstraint(
            "(revision = 1) = (supersedes_id IS NULL)", name=op.f("ck_coverage_freeze_revision")
        ),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_coverage_freeze_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_freeze")),
    )
    for scope, column in (("hospital", "hospital_id"), ("region", "region_code")):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"uq_coverage_freeze_{scope}",
            "coverage_freeze",
            [column, "period_first", "period_last", "definition_code", "revision"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )


def _create_rows():
    op.create_table(
        "coverage_freeze_row",
        sa.Column("freeze_id", sa.Integer(), nullable=False),
        sa.Column("tumour_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hospital_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("opinion_alone", sa.Boolean(), nullable=False),
        sa.Column("icd10", sa.String(20), nullable=False),
        sa.Column("diagnosis_date", sa.Date(), nullable=False),
        sa.Column("counted_stage", sa.String(7), nullable=False),
        sa.Column("exclusion", sa.String(20), nullable=False),
        sa.Column("first_treatment_date", sa.Date(), nullable=True),
        sa.Column("external_mdt_date", sa.Date(), nullable=True),
        sa.Column("death_date", sa.Date(), nullable=True),
        sa.Column("board_on", sa.Date(), nullable=True),
        sa.Column("opinion_on", sa.Date(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("row_hash", sa.String(64), nullable=False),
        sa.Column("entered_at", moment(), nullable=False),
        *keys("coverage_freeze_row", freeze_id="coverage_freeze.id", hospital_id="hospital.id"),
        sa.PrimaryKeyConstraint("freeze_id", "tumour_id", name=op.f("pk_coverage_freeze_row")),
    )


def _keep_for_ever():
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            for table in FINAL:
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            op.execute(
                f"CREATE TRIGGER coverage_definition_final_{verb.lower()} BEFORE {verb} "
                "ON coverage_definition WHEN OLD.published_at IS NOT NULL BEGIN "
                "SELECT RAISE(ABORT, 'a published coverage_definition is final'); END"
            )
        return
    for table in FINAL:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published % is final', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER coverage_definition_final BEFORE UPDATE OR DELETE ON coverage_definition "
        "FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) "
        "EXECUTE FUNCTION refuse_published_change()"
    )


def downgrade():
    for table in ("coverage_freeze_row", "coverage_freeze", "coverage_definition", "tumour_board"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_published_change()")
    op.drop_index("ix_tumour_figures", "tumour")
    op.create_index("ix_tumour_figures", "tumour", FIGURES)
    for name in ("died_after", "opinion_after", "excluding", "opinion_on"):
        op.drop_column("tumour", name)
