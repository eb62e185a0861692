"""The system administrator keeps regions, hospitals, alliances, agreements and teams."""

import io
import re
from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.inbox import PacsPeer
from mdt.models.regions import Agreement, Alliance, Hospital, Region, Team, TeamSeat

HOSPITAL = {
    "code": "JX-NEW-1",
    "name_zh": "新建县医院（虚构）",
    "name_en": "New Hospital",
    "region_code": "360726",
    "tier": "county",
    "level": "level_2",
    "grade": "grade_a",
    "kind": "general",
    "disciplines": ["radiology", "pathology"],
    "own_approval": "y",
    "active": "y",
}
TEAM = {
    "name_zh": "胃癌协作组",
    "tumour_types": ["stomach"],
    "core_disciplines": ["medical_oncology", "radiology", "pathology"],
    "min_disciplines": "3",
    "active": "y",
}


@pytest.fixture
def admin(person):
    return person("sysadmin")


def one(app, table, *where):
    with app.app_context():
        return db.session.scalar(db.select(table).where(*where))


def last_action(app):
    with app.app_context():
        return db.session.scalar(db.select(AuditRow.action).order_by(AuditRow.id.desc()).limit(1))


def test_the_overview_counts_and_says_what_is_owed(app, world, admin):
    page = admin.get("/admin").text
    assert "名单不全" not in page
    with app.app_context():
        db.session.execute(db.delete(TeamSeat).where(TeamSeat.role == "coordinator"))
        db.session.execute(
            db.update(Agreement)
            .where(Agreement.id == world.agreement)
            .values(valid_from=date(2020, 1, 1), valid_to=date(2020, 12, 31))
        )
        db.session.commit()
    page = admin.get("/admin").text
    assert "：缺MDT秘书（协调员）" in page
    assert "安远示范医院（虚构）</a>" in page


def test_a_hospital_is_added_and_changed(app, admin):
    assert admin.post("/admin/hospitals/new", **HOSPITAL).headers["Location"] == "/admin/hospitals"
    made = one(app, Hospital, Hospital.code == "JX-NEW-1")
    assert (made.name_zh, made.region_code, made.disciplines, made.own_approval) == (
        "新建县医院（虚构）", "360726", ["radiology", "pathology"], True,
    )  # fmt: skip
    changed = {**HOSPITAL, "name_zh": "改名医院", "own_approval": [], "active": []}
    admin.post(f"/admin/hospitals/{made.id}", **changed)
    made = one(app, Hospital, Hospital.code == "JX-NEW-1")
    assert (made.name_zh, made.own_approval, made.active) == ("改名医院", False, False)
    assert last_action(app) == "places:edit"
    assert 'value="改名医院"' in admin.get(f"/admin/hospitals/{made.id}").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": ""}, "请填写此项。"),
        ({"code": "T-JX-A"}, "已被使用，请换一个。"),
        ({"code": "有空 格"}, "机构代码只用字母"),
        ({"region_code": "999999"}, "没有这个区划代码"),
        ({"region_code": "36"}, "区划代码是6位数字"),
        ({"level": "level_9"}, "Not a valid choice"),
        ({"disciplines": ["magic"]}, "not valid choices"),
    ],
)
def test_a_faulty_hospital_is_refused_at_the_field(app, admin, wrong, words):
    answer = admin.post("/admin/hospitals/new", **{**HOSPITAL, **wrong})
    assert answer.status_code == 422
    assert "has-error" in answer.text
    if not words.isascii() and "choice" not in words:
        assert words in answer.text
    assert one(app, Hospital, Hospital.name_zh == HOSPITAL["name_zh"]) is None


@pytest.mark.parametrize("typed", ["安远县", "安远", "江西省 赣州市 安远县", "赣州市安远县"])
def test_a_region_may_be_typed_by_its_name(app, admin, typed):
    answer = admin.post("/admin/hospitals/new", **{**HOSPITAL, "region_code": typed})
    assert answer.status_code == 302
    made = one(app, Hospital, Hospital.code == HOSPITAL["code"])
    assert made.region_code == "360726"


@pytest.mark.parametrize(("typed", "near"), [("省", True), ("安元县", True), ("火星", False)])
def test_a_region_that_is_none_or_several_is_to_be_chosen(app, admin, typed, near):
    answer = admin.post("/admin/hospitals/new", **{**HOSPITAL, "region_code": typed})
    assert answer.status_code == 422
    assert "请从列表中选择地区。" in answer.text
    assert ("相近的有：" in answer.text) is near


def test_extra_fields_change_nothing(app, world, admin):
    admin.post("/admin/hospitals/new", id="999", region="x", **HOSPITAL)
    assert one(app, Hospital, Hospital.id == 999) is None


def test_alliances_have_members(app, world, admin):
    hospitals = [str(number) for number in world.hospitals.values()]
    fields = {"name_zh": "新联盟", "lead_hospital_id": hospitals[2], "member_ids": hospitals[:2]}
    assert admin.post("/admin/alliances/new", **fields).status_code == 302
    made = one(app, Alliance, Alliance.name_zh == "新联盟")
    page = admin.get("/admin/alliances").text
    assert "安远示范医院（虚构）、全南示范医院（虚构）" in page
    admin.post(f"/admin/alliances/{made.id}", **{**fields, "member_ids": hospitals[:1]})
    with app.app_context():
        again = db.session.get(Alliance, made.id)
        assert [m.hospital_id for m in again.members] == [int(hospitals[0])]
    refused = admin.post("/admin/alliances/new", **fields)
    assert (refused.status_code, "已被使用" in refused.text) == (422, True)


def test_agreements_are_dated(app, world, admin):
    fields = {
        "number": "XY-9",
        "requesting_hospital_id": str(world.hospitals["A"]),
        "consulting_hospital_id": str(world.hospitals["T"]),
        "valid_from": "2019-01-01",
        "valid_to": "2019-12-31",
    }
    assert admin.post("/admin/agreements/new", **fields).status_code == 302
    assert one(app, Agreement, Agreement.number == "XY-9").valid_to == date(2019, 12, 31)
    listed = admin.get(f"/admin/agreements?hospital={world.hospitals['A']}").text
    assert "已到期" in listed
    assert "XY-2" not in listed
    made = one(app, Agreement, Agreement.number == "XY-9")
    page = admin.get(f"/admin/agreements/{made.id}").text
    chosen = re.findall(
        r'name="(\w+)"[^>]*>(?:(?!</select>).)*?<option selected value="(\d+)"', page
    )
    assert chosen == [
        ("requesting_hospital_id", fields["requesting_hospital_id"]),
        ("consulting_hospital_id", fields["consulting_hospital_id"]),
    ]
    for wrong, words in (
        ({"valid_to": "2018-12-31"}, "终止日期早于起始日期"),
        ({"consulting_hospital_id": str(world.hospitals["A"])}, "不能是同一家医院"),
        ({"valid_from": "soon"}, "has-error"),
        ({"number": "XY-1"}, "已被使用"),
    ):
        answer = admin.post("/admin/agreements/new", **{**fields, "number": "XY-10", **wrong})
        assert (answer.status_code, words in answer.text) == (422, True), wrong


def test_a_team_is_made_and_its_roster_filled(app, world, admin):
    made = admin.post("/admin/teams/new", hospital_id=str(world.hospitals["T"]), **TEAM)
    team = one(app, Team, Team.name_zh == "胃癌协作组")
    roster = f"/admin/teams/{team.id}/roster"
    assert made.headers["Location"] == roster
    assert (team.tumour_types, team.min_disciplines) == (["stomach"], 3)
    assert "名单还是空的" in admin.get(roster).text
    admin.post(roster, username="oncologist", role="expert", discipline="")
    seat = one(app, TeamSeat, TeamSeat.team_id == team.id)
    assert (seat.user_id, seat.discipline) == (world.users["oncologist"], "medical_oncology")
    admin.post(f"/admin/teams/{team.id}/seats/{seat.id}/remove")
    assert one(app, TeamSeat, TeamSeat.team_id == team.id) is None


@pytest.mark.parametrize(
    ("seat", "words"),
    [
        ({"username": "nobody"}, "没有这个账号"),
        ({"username": "sysadmin", "discipline": "radiology"}, "不能进入团队名单"),
        ({"username": "auditor", "discipline": "radiology"}, "不能进入团队名单"),
        ({"username": "oncologist"}, "已有这个角色"),
        ({"username": "coordinator"}, "请填写此项"),
    ],
)
def test_a_seat_that_cannot_be_is_refused(app, world, admin, seat, words):
    with app.app_context():
        before = db.session.scalar(db.select(db.func.count(TeamSeat.id)))
    answer = admin.post(
        f"/admin/teams/{world.team}/roster", **{"role": "expert", "discipline": "", **seat}
    )
    assert (answer.status_code, words in answer.text) == (422, True)
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count(TeamSeat.id))) == before


def test_a_faulty_team_is_refused(app, world, admin):
    for wrong, words in (
        ({"min_disciplines": "2"}, "不能少于3"),
        ({"min_disciplines": "9"}, "不能超过核心学科数加一"),
        ({"min_disciplines": "x"}, "不是有效的整数"),
        ({"tumour_types": []}, "至少选一个瘤种"),
        ({"name_zh": "肺癌MDT协作组"}, "已被使用"),
    ):
        answer = admin.post(
            "/admin/teams/new", **{"hospital_id": str(world.hospitals["T"]), **TEAM, **wrong}
        )
        assert (answer.status_code, words in answer.text) == (422, True), wrong


def upload(admin, text, encoding="utf-8"):
    return admin.post(
        "/admin/regions/import", file=(io.BytesIO(text.encode(encoding)), "regions.csv")
    )


HEADER = "code,name_zh,name_en,level,parent\n"


def test_regions_are_looked_at_and_then_imported(app, admin):
    rows = (
        "430121,长沙县,Changsha,county,430100",
        "430000,湖南省,Hunan,province,",
        "430100,长沙市,,city,430000",
        "360726,安远新县,X,county,360700",
    )
    text = HEADER + "\n".join(rows)
    plan = upload(admin, text, "gb18030")
    assert "共 4 行：新增 3，改动 1，相同 0，有误 0" in plan.text
    assert one(app, Region, Region.code == "430000") is None
    hidden = plan.text.split('name="file"')[1].split('value="')[1].split('"')[0]
    answer = admin.post("/admin/regions/import/confirm", file=hidden)
    assert answer.headers["Location"] == "/admin/regions"
    with app.app_context():
        made = db.session.get(Region, "430121")
        assert (made.name_zh, made.parent_code, made.level) == ("长沙县", "430100", "county")
        assert db.session.get(Region, "360726").name_zh == "安远新县"
    page = admin.get("/admin/regions?parent=430100").text
    assert "湖南省" in page
    assert "长沙县" in page


def test_a_faulty_file_of_regions_changes_nothing(app, admin):
    plan = upload(admin, HEADER + "430121,长沙县,,county,430100\n43,湖南省,,province,\n")
    assert "有误 2" in plan.text
    assert "没有这个上级地区" in plan.text
    assert "/import/confirm" not in plan.text
    again = admin.post("/admin/regions/import/confirm", file=HEADER + "43,湖南省,,province,\n")
    assert again.status_code == 422
    assert upload(admin, "a,b\n1,2\n").status_code == 422
    assert "文件无法读取" in admin.post(
        "/admin/regions/import", file=(io.BytesIO(b"\x00\x01\x02"), "x.csv")
    ).text  # fmt: skip
    assert admin.post("/admin/regions/import").status_code == 422
    assert one(app, Region, Region.name_zh == "湖南省") is None


def test_shipped_regions_come_by_a_button(app, person, admin):
    admin.post("/admin/regions/shipped")
    with app.app_context():
        assert db.session.get(Region, "222400").name_zh == "延边朝鲜族自治州"
        assert db.session.scalar(db.select(db.func.count(Region.code))) >= 182


PAGES = (
    "/admin", "/admin/regions", "/admin/regions/import", "/admin/hospitals", "/admin/hospitals/new",
    "/admin/alliances", "/admin/alliances/new", "/admin/agreements", "/admin/agreements/new",
    "/admin/teams", "/admin/teams/new", "/admin/people", "/admin/people/new",
)  # fmt: skip


@pytest.mark.parametrize("name", ["clinician", "coordinator", "secadmin", "auditor", "quality"])
def test_nobody_else_keeps_places(person, name):
    other = person(name)
    assert {other.get(path).status_code for path in PAGES} == {403}
    assert other.post("/admin/hospitals/new", **HOSPITAL).status_code == 403


def test_pages_stand_in_both_languages(world, admin):
    for _ in range(2):
        for path in (
            *PAGES, f"/admin/hospitals/{world.hospitals['A']}", f"/admin/teams/{world.team}",
            f"/admin/teams/{world.team}/roster", f"/admin/agreements/{world.agreement}",
            f"/admin/people/{world.users['chair']}",
        ):  # fmt: skip
            assert admin.get(path).status_code == 200, path
        admin.get("/language/en")
    for path in ("/admin/hospitals/9999", "/admin/teams/9999/roster", "/admin/agreements/9999",
                 "/admin/alliances/9999", "/admin/people/9999"):  # fmt: skip
        assert admin.get(path).status_code == 404


def test_who_may_send_images_is_kept_by_the_system_administrator(app, world, admin, person):
    fields = {
        "hospital_id": str(world.hospitals["A"]),
        "ae_title": "CTPACS",
        "address": "10.20.0.0/16",
        "active": "y",
    }
    assert "还没有登记发送方" in admin.get("/admin/pacs").text
    assert admin.post("/admin/pacs/new", **fields).status_code == 302
    assert last_action(app) == "pacs:edit"
    peer = one(app, PacsPeer)
    kept = (peer.hospital_id, peer.ae_title, peer.address, peer.active)
    assert kept == (world.hospitals["A"], "CTPACS", "10.20.0.0/16", True)
    assert "CTPACS" in admin.get("/admin/pacs").text
    for change, words in (
        ({}, "同一 AE 标题和地址已登记过"),
        ({"ae_title": "影像科"}, "AE 标题为 1 至 16 个"),
        ({"address": "pacs.local"}, "请填写 IP 地址"),
        ({"hospital_id": ""}, "请填写此项"),
    ):
        refused = admin.post("/admin/pacs/new", **{**fields, **change})
        assert (refused.status_code, words in refused.text) == (422, True)
    off = {name: value for name, value in fields.items() if name != "active"}
    assert admin.post(f"/admin/pacs/{peer.id}", **off).status_code == 302
    assert one(app, PacsPeer).active is False
    assert person("clinician").get("/admin/pacs").status_code == 403
    assert person("secadmin").post("/admin/pacs/new", **fields).status_code == 403
    assert admin.get("/admin/pacs/999").status_code == 404
