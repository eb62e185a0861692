"""Who sees a case sees its images; its own doctors send them; a token needs its scope."""

import pytest

from mdt.queries.people import find_user
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token
from tests.attachment_kit import ct, draft, send
from tests.integration.dicomweb.test_store import slices, store


@pytest.mark.parametrize(
    ("who", "reading", "sending"),
    [
        ("clinician", 200, 200),
        ("colleague", 200, 200),
        ("approver", 200, 403),
        ("coordinator", 200, 403),
        ("radiologist", 200, 403),
        ("observer", 404, 403),
        ("clinician2", 404, 404),
        ("quality", 403, 403),
        ("sysadmin", 403, 403),
    ],
)
def test_roles(person, board, who, reading, sending):
    root = f"/cases/{board.cases['A']}/dicom-web"
    send(person("clinician"), board.cases["A"], *ct(1))
    own = person("clinician").get(f"{root}/instances").json[0]
    address = own["00081190"]["Value"][0]
    browser = person(who)
    accept = {"Accept": "application/dicom; transfer-syntax=*"}
    read = [
        browser.get(f"{root}/studies").status_code,
        browser.get(f"{root}/series").status_code,
        browser.get(f"{root}/instances").status_code,
        browser.get(address, headers=accept).status_code,
        browser.get(f"{address}/metadata").status_code,
        browser.get(f"{address}/frames/1").status_code,
        browser.get(f"{address}/rendered").status_code,
        browser.get(f"{address}/thumbnail").status_code,
        browser.get(f"{address}/bulkdata/200-10").status_code,
    ]
    assert read == [reading] * 9
    assert store(browser, root, *slices(2)).status_code == sending


def test_only_the_own_hospital_knows_the_original_names(person, board):
    send(person("clinician"), board.cases["A"], *ct(1))
    address = f"/cases/{board.cases['A']}/dicom-web/studies/2.25.1001/metadata"
    assert [person(who).get(address).status_code for who in ("approver", "radiologist")] == [
        200,
        404,
    ]


def test_a_case_shows_nothing_of_another(app, world, doctor, filled):
    other = draft(app, world, number="MDT2026-000002")
    uid = doctor.get(f"/cases/{filled}/dicom-web/studies").json[0]["0020000D"]["Value"][0]
    statuses = [
        doctor.get(f"/cases/{case}/dicom-web/studies/{uid}/metadata").status_code
        for case in (filled, other, 10_000)
    ]
    assert statuses == [200, 404, 404]


def test_nobody_is_answered_as_a_machine(person, root):
    answer = person().get(f"{root}/studies", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "http_401")


def test_a_token_needs_the_scope(app, person, root, filled):
    with app.app_context():
        user = find_user("clinician")
        tokens = {
            scope: create_token(user, (scope,), days=1, now=utc_now())
            for scope in ("dicomweb", "cases")
        }
    found = {}
    for scope, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}"}
        client = app.test_client()
        read = client.get(f"{root}/studies", headers=headers).status_code
        sent = client.post(
            f"{root}/studies",
            data=b"--edge--",
            headers=headers,
            content_type='multipart/related; type="application/dicom"; boundary=edge',
        )
        found[scope] = (read, sent.status_code)
    assert found == {"dicomweb": (200, 200), "cases": (403, 403)}
