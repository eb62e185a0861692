"""The auditor reads, filters, checks and exports the trail; nobody else does."""

import csv
import io
from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.web.words.audit import ACTIONS
from tests.board import make_case


def write_row(app, **columns):
    with app.app_context():
        row = AuditRow(**{"at": utc_now(), "action": AuditAction.CASE_VIEW.value, **columns})
        db.session.add(row)
        db.session.commit()
        return row.id


def actions(app):
    with app.app_context():
        return list(db.session.scalars(db.select(AuditRow.action).order_by(AuditRow.id)))


def test_every_action_has_its_words():
    assert set(ACTIONS) == set(AuditAction)


def test_lines_say_who_did_what_to_which_case(app, world, person):
    with app.app_context():
        case = make_case(world, "A", "clinician", number="MDT2026-000077")
        db.session.commit()
        case_id = case.id
    write_row(
        app,
        actor_id=world.users["clinician"],
        actor_name="clinician",
        hospital_id=world.hospitals["A"],
        object_type="case_file",
        object_id=str(case_id),
        case_id=case_id,
        address="10.1.2.3",
    )
    auditor = person("auditor")
    page = auditor.get("/audit?thing=MDT2026-000077").text
    for text in (
        "林县医",
        "安远示范医院（虚构）",
        "查看病例",
        "病例 MDT2026-000077",
        "10.1.2.3",
        "共 1 条",
    ):
        assert text in page
    assert "右上肺腺癌" not in page
    assert "张三丰" not in page
    auditor.get("/language/en")
    assert "Anyuan Example Hospital" in auditor.get("/audit?thing=MDT2026-000077").text


def test_filters(app, world, person):
    write_row(app, actor_id=world.users["clinician"], actor_name="clinician")
    write_row(app, action="plan:sign", object_type="plan", object_id="9")
    write_row(app, result="refused")
    write_row(app, at=utc_now().replace(year=2020, month=1, day=31, hour=15))
    auditor = person("auditor")
    for query, expected in (
        ("person=林县", "共 1 条"),
        ("person=CLINIC", "共 1 条"),
        ("person=%25", "没有符合条件的记录"),
        ("action=plan:sign", "共 1 条"),
        ("action=case:edit", "没有符合条件的记录"),
        ("thing=plan 9", "共 1 条"),
        ("refused=y", "共 1 条"),
        ("first=2020-01-01&last=2020-01-31", "共 1 条"),
        ("first=2020-02-01&last=2020-02-28", "没有符合条件的记录"),
    ):
        assert expected in auditor.get(f"/audit?{query}").text, query


def test_a_day_in_china_is_meant(app, person):
    auditor = person("auditor")
    midnight = utc_now().replace(year=2020, month=1, day=31, hour=16, minute=0, second=0)
    write_row(app, at=midnight - timedelta(seconds=1))
    write_row(app, at=midnight.replace(microsecond=0))
    assert "共 1 条" in auditor.get("/audit?first=2020-01-31&last=2020-01-31").text
    assert "共 1 条" in auditor.get("/audit?first=2020-02-01&last=2020-02-01").text


def test_odd_filters_are_answered(person):
    auditor = person("auditor")
    for query in ("first=x&last=y", "first=2026-02-01&last=2026-01-01", "page=0", "page=99999",
                  "endpoint=x&_scheme=y", "person=" + "x" * 100):  # fmt: skip
        assert auditor.get(f"/audit?{query}").status_code == 200


def test_reading_is_audited_once(app, person):
    auditor = person("auditor")
    before = actions(app).count("audit:view")
    auditor.get("/audit")
    assert actions(app).count("audit:view") == before + 1


def test_export_is_safe_for_spreadsheets_and_audited(app, person):
    auditor = person("auditor")
    write_row(app, actor_name="=cmd|' /C calc'!A0")
    answer = auditor.get("/audit/export.csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:4] == ["编号", "时间", "账号", "姓名"]
    assert "'=cmd|' /C calc'!A0" in {row[2] for row in rows}
    assert actions(app)[-1] == "audit:export"


def test_verifying_says_sound_and_then_where_it_is_broken(app, person):
    auditor = person("auditor")
    assert "还没有核验过" in auditor.get("/audit").text
    auditor.post("/audit/verify")
    assert "记录完整" in auditor.get("/audit").text
    with app.app_context():
        db.session.execute(db.text("DROP TRIGGER audit_row_no_update"))
        db.session.execute(db.text("UPDATE audit_row SET actor_name = 'x' WHERE id = 1"))
        db.session.commit()
    auditor.post("/audit/verify")
    page = auditor.get("/audit").text
    assert "记录与封存时不符" in page
    assert "第 1 至 " in page


@pytest.mark.parametrize("name", ["clinician", "sysadmin", "secadmin", "quality"])
def test_others_are_refused(person, name):
    other = person(name)
    assert [
        other.get("/audit").status_code,
        other.get("/audit/export.csv").status_code,
        other.post("/audit/verify").status_code,
    ] == [403, 403, 403]
