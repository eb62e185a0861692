"""Audit rows, batches and signatures are append-only in the database itself.

A revision of an opinion that is signed or withdrawn keeps its content for ever; only the file that
is made of a signed one may still be noted, once.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("audit_batch", "audit_row", "signature")
LOCKED = (
    "id", "plan_id", "case_id", "number", "state", "content", "content_hash", "field_versions",
    "amends_id", "amend_reason", "verify_code", "opened_for_signing_at", "signed_at",
    "updated_at", "updated_by_id", "version",
)  # fmt: skip
FINAL = "OLD.state IN ('signed','withdrawn')"
FILE_NOTED = "OLD.pdf_sha256 IS NOT NULL"


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        _upgrade_sqlite()
    else:
        _upgrade_postgresql()


def _upgrade_sqlite():
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    refuse = "BEGIN SELECT RAISE(ABORT, 'a signed or withdrawn plan_revision is final'); END"
    for name, event, when in (
        ("final", f"UPDATE OF {', '.join(LOCKED)}", FINAL),
        ("file", "UPDATE OF pdf_key, pdf_sha256", FILE_NOTED),
        ("kept", "DELETE", FINAL),
    ):
        op.execute(
            f"CREATE TRIGGER plan_revision_{name} BEFORE {event} ON plan_revision "
            f"WHEN {when} {refuse}"
        )


def _upgrade_postgresql():
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_final_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a signed or withdrawn % is final', TG_TABLE_NAME; END $$"
    )
    same = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in LOCKED)
    for name, event, when in (
        ("final", "UPDATE", f"{FINAL} AND ({same})"),
        ("file", "UPDATE OF pdf_key, pdf_sha256", FILE_NOTED),
        ("kept", "DELETE", FINAL),
    ):
        op.execute(
            f"CREATE TRIGGER plan_revision_{name} BEFORE {event} ON plan_revision "
            f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_final_change()"
        )


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
        for name in ("final", "file", "kept"):
            op.execute(f"DROP TRIGGER plan_revision_{name}")
        return
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    for name in ("final", "file", "kept"):
        op.execute(f"DROP TRIGGER plan_revision_{name} ON plan_revision")
    op.execute("DROP FUNCTION refuse_final_change()")
