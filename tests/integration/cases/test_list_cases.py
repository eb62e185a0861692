"""The list of cases, as a page and for machines."""

import hashlib
from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.people import ApiToken
from mdt.rules.calendar import utc_now
from tests.board import build_board, make_case
from tests.counting import count_queries


def add_cases(app, world, count, **columns):
    with app.app_context():
        for place in range(count):
            make_case(world, "A", "clinician", number=f"MDT2026-5{place:05d}", **columns)
        db.session.commit()


def test_a_line_says_where_the_case_stands(app, world, person):
    add_cases(app, world, 1, state="returned")
    page = person("clinician").get("/cases").text
    for words in (
        "MDT2026-500000",
        "张**",
        "非小细胞肺癌",
        "IIIA",
        "III期及以上",
        "安远示范医院",
        "退回补正",
        "林县医",
        "补正后重新提交",
    ):
        assert words in page
    assert "张三丰" not in page
    assert "369921196203050015" not in page


def test_everybody_sees_their_own(app, world, person):
    with app.app_context():
        build_board(world)
    seen = {
        who: [
            n for n in ("MDT2026-900001", "MDT2026-900002") if n in person(who).get("/cases").text
        ]
        for who in ("clinician", "approver", "clinician2", "coordinator", "radiologist", "observer")
    }
    assert seen == {
        "clinician": ["MDT2026-900001"],
        "approver": ["MDT2026-900001"],
        "clinician2": ["MDT2026-900002"],
        "coordinator": ["MDT2026-900001", "MDT2026-900002"],
        "radiologist": ["MDT2026-900001", "MDT2026-900002"],
        "observer": [],
    }


@pytest.mark.parametrize("who", ["quality", "sysadmin", "auditor"])
def test_who_has_nothing_to_do_with_cases(person, who):
    assert person(who).get("/cases").status_code == 403


def test_invited_experts_see_no_name(app, world, person):
    with app.app_context():
        build_board(world)
    page = person("radiologist").get("/cases").text
    assert "已去标识" in page
    assert "张**" not in page


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["MDT2026-000001"]),
        ("?state=withdrawn", ["MDT2026-000002"]),
        ("?state=ended", ["MDT2026-000002"]),
        ("?state=all", ["MDT2026-000001", "MDT2026-000002"]),
        ("?state=nonsense", ["MDT2026-000001"]),
    ],
)
def test_by_state(app, world, person, query, numbers):
    with app.app_context():
        make_case(world, "A", "clinician", state="accepted", number="MDT2026-000001")
        make_case(world, "A", "clinician", state="withdrawn", number="MDT2026-000002")
        db.session.commit()
    page = person("clinician").get(f"/cases{query}").text
    assert [n for n in ("MDT2026-000001", "MDT2026-000002") if n in page] == numbers


def test_fifty_to_a_page(app, world, person):
    add_cases(app, world, 51)
    doctor = person("clinician")
    assert [doctor.get(f"/cases?page={n}").text.count("data-row-link") for n in (1, 2, 3, 0)] == [
        50,
        1,
        0,
        50,
    ]


def test_as_many_queries_for_three_as_for_one(app, world, person):
    doctor = person("clinician")
    counts = []
    for start, more in ((0, 1), (1, 2)):
        with app.app_context():
            for place in range(start, start + more):
                make_case(world, "A", "clinician", number=f"MDT2026-6{place:05d}")
            db.session.commit()
        with count_queries(app) as sent:
            doctor.get("/cases")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_an_empty_list_teaches(world, person):
    assert "先为一位患者新建病例" in person("clinician").get("/cases").text
    assert "受邀参加讨论的病例" in person("coordinator").get("/cases").text


def test_for_machines_by_session_and_by_token(app, world, person):
    with app.app_context():
        make_case(world, "A", "clinician", state="accepted", number="MDT2026-000001")
        make_case(world, "B", "clinician2", state="accepted", number="MDT2026-000002")
        for secret, scopes in (("yes", ["cases"]), ("no", ["reports"])):
            db.session.add(
                ApiToken(
                    token_hash=hashlib.sha256(secret.encode()).hexdigest(),
                    user_id=world.users["clinician"],
                    scopes=scopes,
                    created_at=utc_now(),
                    expires_at=utc_now() + timedelta(days=1),
                )
            )
        db.session.commit()
    by_session = person("clinician").get("/cases.json").json
    client = app.test_client()
    by_token = client.get("/cases.json", headers={"Authorization": "Bearer yes"}).json
    assert by_session == by_token
    assert [
        {key: one[key] for key in ("number", "state", "hospital", "iii_plus")} for one in by_token
    ] == [
        {
            "number": "MDT2026-000001",
            "state": "accepted",
            "hospital": "T-JX-A",
            "iii_plus": "yes",
        }
    ]
    assert "张三丰" not in str(by_token)
    refused = client.get("/cases.json", headers={"Authorization": "Bearer no"})
    assert refused.status_code == 403
    assert client.get("/cases.json").status_code == 401
