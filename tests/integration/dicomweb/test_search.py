"""QIDO-RS: studies, series and instances of a case, filtered and paged."""

import pytest
from pydicom.uid import CTImageStorage, HTJ2KLossless

from mdt.extensions import db
from mdt.models.attachments import Instance, Series, Study
from tests.attachment_kit import ct, rows, send
from tests.counting import count_queries


def first(found, tag):
    return found[tag]["Value"][0]


@pytest.mark.usefixtures("filled")
def test_a_study_with_what_it_holds(app, doctor, root):
    answer = doctor.get(f"{root}/studies")
    assert (answer.status_code, answer.content_type) == (200, "application/dicom+json")
    (study,) = answer.json
    (row,) = rows(app, Study)
    assert first(study, "0020000D") == row.served_uid
    assert first(study, "00081190") == f"http://localhost{root}/studies/{row.served_uid}"
    assert study["00080061"]["Value"] == ["CT", "MR"]
    assert (first(study, "00201206"), first(study, "00201208")) == (2, 5)


@pytest.mark.usefixtures("filled")
def test_series_of_a_study_and_of_the_case(app, doctor, root):
    (study,) = rows(app, Study)
    found = doctor.get(f"{root}/studies/{study.served_uid}/series").json
    assert [(first(one, "00080060"), first(one, "00201209")) for one in found] == [
        ("CT", 3),
        ("MR", 2),
    ]
    assert doctor.get(f"{root}/series").json == found


@pytest.mark.usefixtures("filled")
def test_instances_with_their_numbers(app, doctor, root):
    study, series = rows(app, Study)[0], rows(app, Series)[0]
    address = f"{root}/studies/{study.served_uid}/series/{series.served_uid}/instances"
    found = doctor.get(address).json
    assert [first(one, "00200013") for one in found] == [1, 2, 3]
    assert first(found[0], "00083002") == HTJ2KLossless
    assert len(doctor.get(f"{root}/studies/{study.served_uid}/instances").json) == 5
    assert len(doctor.get(f"{root}/instances").json) == 5


def test_five_thousand_instances_without_paging(app, doctor, root, filled):
    row = rows(app, Instance)[0]
    columns = {c.name: getattr(row, c.name) for c in Instance.__table__.columns if c.name != "id"}
    copies = [
        {**columns, "sop_uid": f"2.25.9{n}", "served_uid": f"2.25.8{n}", "number": n}
        for n in range(6, 5001)
    ]
    with app.app_context():
        db.session.execute(db.insert(Instance), copies)
        db.session.commit()
    found = doctor.get(f"{root}/instances").json
    assert len(found) == 5000
    numbers = [first(one, "00200013") for one in found]
    assert sorted(numbers) == [1, 1, 2, 2, 3, *range(6, 5001)]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("level", "query", "count"),
    [
        ("series", "Modality=MR", 1),
        ("series", "00080060=MR", 1),
        ("series", "Modality=C*", 1),
        ("series", "Modality=US", 0),
        ("studies", "ModalitiesInStudy=MR", 1),
        ("studies", "ModalitiesInStudy=US", 0),
        ("studies", "limit=0", 0),
        ("instances", "InstanceNumber=2", 2),
        ("instances", "Rows=4&InstanceNumber=3", 1),
        ("instances", "BitsAllocated=16", 5),
        ("instances", "limit=2&offset=4", 1),
        ("instances", "offset=5", 0),
        ("instances", "PatientName=*", 5),
    ],
)
def test_filters_and_pages(doctor, root, level, query, count):
    answer = doctor.get(f"{root}/{level}?{query}")
    assert (answer.status_code, len(answer.json)) == (200, count)


@pytest.mark.usefixtures("filled")
def test_a_list_of_uids_and_further_attributes(app, doctor, root):
    wanted = [row.served_uid for row in rows(app, Instance)[:2]]
    query = f"SOPInstanceUID={','.join(wanted)}&includefield=BitsAllocated,00280004"
    found = doctor.get(f"{root}/instances?{query}").json
    assert [first(one, "00080018") for one in found] == wanted
    assert [(first(one, "00280100"), first(one, "00280004")) for one in found] == [
        (16, "MONOCHROME2")
    ] * 2
    (everything,) = doctor.get(f"{root}/instances?includefield=all&limit=1").json
    assert "7FE00010" not in everything
    assert first(everything, "00080016") == CTImageStorage


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("NoSuchThing=1", 400, "dicomweb_attribute"),
        ("limit=x", 400, "dicomweb_number"),
        ("accept=application/dicom%2Bxml", 406, "dicomweb_not_acceptable"),
    ],
)
def test_what_cannot_be_answered(doctor, root, query, status, code):
    answer = doctor.get(f"{root}/studies?{query}")
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)


def test_an_empty_case_is_an_empty_list(doctor, root):
    assert [doctor.get(f"{root}/{one}").json for one in ("studies", "series", "instances")] == [
        [],
        [],
        [],
    ]


def test_what_was_struck_out_is_not_found(doctor, root, filled):
    doctor.post(f"/cases/{filled}/series/2/strike", reason="另一位患者")
    assert [first(one, "00080060") for one in doctor.get(f"{root}/series").json] == ["CT"]


def test_the_number_of_questions_does_not_grow(app, doctor, root, case_id):
    counts = []
    for series in (1, 2, 3):
        send(doctor, case_id, *ct(2, series=series))
        with count_queries(app) as sent:
            for level in ("studies", "series", "instances"):
                doctor.get(f"{root}/{level}")
        counts.append(len(sent))
    assert counts[0] == counts[1] == counts[2]


def test_a_modality_that_is_no_code_is_not_summarised(doctor, root, case_id):
    send(doctor, case_id, *ct(1, Modality="ZHANGSAN"))
    for level in ("studies", "series"):
        (found,) = doctor.get(f"{root}/{level}?includefield=all").json
        assert found["00080061"] == {"vr": "CS"}
