"""Who sees a case de-identified finds nothing of the person at any door that serves it."""

from typing import Any

import pytest

from mdt.adapters.broadcast import NAMESPACE
from mdt.extensions import socketio
from mdt.models.attachments import Attachment, Instance, Series, Study
from tests.attachment_kit import codes, confirm_identities, ct, pdf, rows, send
from tests.integration.security.stage import QUERIES, rules_of

TOKENS = ("QZX7TOKEN", "张三丰", "19470223", "4711081547")
#: Doors of a case's images for whose addresses this test has the numbers.
KNOWN = frozenset(
    {
        *("attachment_id", "case_id", "number", "series_id", "study_id"),
        *("study", "series", "instance", "numbers", "name"),
    }
)


def full_of_tokens() -> list[tuple[str, bytes]]:
    """A CT with the person in every text of its header that pages read, and in others."""
    texts = dict.fromkeys(
        (
            *("AccessionNumber", "BodyPartExamined", "ContrastBolusAgent", "ImageComments"),
            *("InstitutionName", "ManufacturerModelName", "OperatorsName", "ProtocolName"),
            *("RequestedProcedureDescription", "StationName", "StudyID"),
        ),
        "QZX7TOKEN",
    )
    described = {
        "StudyDescription": "胸部CT QZX7TOKEN 4711081547",
        "SeriesDescription": "QZX7TOKEN^张三丰 动脉期 19470223",
        "Manufacturer": "SIEMENS QZX7TOKEN",
    }
    who = {"PatientName": "张三丰", "PatientID": "4711081547", "PatientBirthDate": "19470223"}
    return ct(2, **texts, **described, **who)


@pytest.fixture
def case_id(person, board) -> int:
    found = board.cases["A"]
    doctor = person("clinician")
    assert set(codes(send(doctor, found, *full_of_tokens()))) == {"taken"}
    assert confirm_identities(doctor, found) == 1
    paper = ("QZX7TOKEN 张三丰.pdf", pdf("report"))
    assert codes(send(doctor, found, paper, kind="pathology_report")) == ["taken"]
    return found


@pytest.fixture
def addresses(app, case_id) -> list[str]:
    """Every GET door of the case that the numbers at hand open."""
    numbers = {
        "case_id": case_id,
        "series_id": rows(app, Series)[0].id,
        "study_id": rows(app, Study)[0].id,
        "attachment_id": rows(app, Attachment)[0].id,
        "number": 1,
        "study": rows(app, Study)[0].served_uid,
        "series": rows(app, Series)[0].served_uid,
        "instance": rows(app, Instance)[0].served_uid,
        "numbers": "1",
        "name": "0-900",
    }
    with app.test_request_context():
        bound = app.url_map.bind("localhost")
        return [
            bound.build(rule.endpoint, {**values, **QUERIES.get(rule.endpoint, {})})
            for method, rule in rules_of(app)
            if method == "GET" and "case_id" in rule.arguments and rule.arguments <= KNOWN
            for values in [{name: numbers[name] for name in rule.arguments}]
        ]


def found_in(answer: Any) -> list[str]:
    body = answer.data + str(answer.headers).encode()
    return [token for token in TOKENS if token.encode() in body]


def test_a_guest_finds_no_token_at_any_door(person, addresses):
    guest = person("radiologist")
    answers = {url: guest.get(url) for url in addresses}
    opened = {url for url, answer in answers.items() if answer.status_code == 200}
    assert len(opened) > 26, answers
    assert {url: found_in(answer) for url, answer in answers.items() if found_in(answer)} == {}


def test_what_is_known_of_the_images_is_shown_to_a_guest(person, case_id):
    (series,) = person("radiologist").get(f"/cases/{case_id}/series.json").json
    shown = (series["title"], series["study_description"], series["body_part"], series["contrast"])
    assert shown == ("动脉期", "胸部CT", "", "")
    assert (series["modality"], series["facts"]["manufacturer"]) == ("CT", "SIEMENS")


def test_the_own_hospital_reads_the_header_whole(person, case_id):
    (series,) = person("clinician").get(f"/cases/{case_id}/series.json").json
    assert series["description"] == "QZX7TOKEN^* 动脉期 19470223"
    assert series["facts"]["protocol"] == "QZX7TOKEN"


def test_the_room_tells_a_guest_nothing(app, person, board, case_id):
    chair, guest = (
        socketio.test_client(app, namespace=NAMESPACE, flask_test_client=person(name).client)
        for name in ("chair", "radiologist")
    )
    said = {"conference": board.conference}
    for name, payload in (
        ("join", {}),
        ("start", {"key": "1"}),
        ("advance", {"key": "2", "item": board.items["A"]}),
    ):
        assert chair.emit(name, {**said, **payload}, namespace=NAMESPACE, callback=True)["ok"]
    joined = guest.emit("join", said, namespace=NAMESPACE, callback=True)
    assert joined["snapshot"]["current"] == board.items["A"]
    assert [token for token in TOKENS if token in str(joined)] == []
    for seat in (chair, guest):
        seat.disconnect(NAMESPACE)
