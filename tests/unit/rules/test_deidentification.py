import csv

import pytest

from mdt.rules.deidentification import (
    TABLE,
    Action,
    Risk,
    action_of,
    burned_in_risk,
    needs_person,
    risk_of,
    served_patient,
    served_uid,
)

CT = "1.2.840.10008.5.1.4.1.1.2"
SECRET = b"a secret of one case"


def test_table_of_the_standard_is_whole() -> None:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len({row["tag"] for row in rows}) == 655
    assert {row["action"] for row in rows} == {
        *("D", "U", "X", "X/D", "X/Z", "X/Z/D", "X/Z/U*", "Z", "Z/D"),
    }


@pytest.mark.parametrize(
    ("tag", "action"),
    [
        (0x00100010, Action.EMPTY),  # Patient's Name: Z
        (0x00081030, Action.DELETE),  # Study Description: X
        (0x00080022, Action.EMPTY),  # Acquisition Date: X/Z
        (0x00080021, Action.DELETE),  # Series Date: X/D
        (0x00080080, Action.EMPTY),  # Institution Name: X/Z/D
        (0x0040A123, Action.DUMMY),  # Person Name: D
        (0x00200052, Action.UID),  # Frame of Reference UID: U
        (0x00081140, Action.UID),  # Referenced Image Sequence: X/Z/U*
        (0x00090010, Action.DELETE),  # private
        (0x50023000, Action.DELETE),  # second curve
        (0x60083000, Action.DELETE),  # fifth overlay
        (0x60020010, Action.DELETE),  # rows of an overlay
        (0x00280010, None),  # Rows
    ],
)
def test_action(tag: int, action: Action | None) -> None:
    assert action_of(tag) == action


def test_uid_is_remapped_the_same_way_under_one_secret_only() -> None:
    served = served_uid(SECRET, "1.2.3.4")
    assert served == "2.25.303748118137872420312628592076273174446"
    assert served_uid(b"another case", "1.2.3.4") == "2.25.144468940485987033726362644655152967090"
    assert len(served) <= 64


@pytest.mark.parametrize(
    "uid",
    [CT, "1.2.840.10008.1.2.4.201", "1.2.840.10008.2.16.4", "1.2.840.10008.1.4.1.1", ""],
)
def test_uid_of_the_standard_stays(uid: str) -> None:
    assert served_uid(SECRET, uid) == uid


@pytest.mark.parametrize(
    "uid", ["1.2.840.10008.19600229", "1.2.840.10008", "1.2.840.10008.1.Zhang", "1.2.840.100081.1"]
)
def test_uid_under_a_borrowed_root_is_remapped(uid: str) -> None:
    assert served_uid(SECRET, uid).startswith("2.25.")


def test_patient_number_is_of_the_case() -> None:
    assert served_patient(SECRET) == served_patient(bytes(SECRET))
    assert served_patient(SECRET) != served_patient(b"another case")


@pytest.mark.parametrize(
    ("sop_class", "modality", "image_type", "burned_in", "risk"),
    [
        (CT, "CT", ["ORIGINAL", "PRIMARY", "AXIAL"], "", None),
        (CT, "CT", ["ORIGINAL", "PRIMARY", "AXIAL"], "NO", None),
        (CT, "CT", ["ORIGINAL", "PRIMARY", "AXIAL"], "yes ", Risk.DECLARED),
        (CT, "CT", ["DERIVED", "SECONDARY"], "NO", Risk.SCREEN),
        (CT, "CT", ["DERIVED", "PRIMARY", "screen save"], "", Risk.SCREEN),
        ("1.2.840.10008.5.1.4.1.1.7", "CT", [], "NO", Risk.SCREEN),
        ("1.2.840.10008.5.1.4.1.1.7.4", "MR", [], "", Risk.SCREEN),
        ("1.2.840.10008.5.1.4.1.1.77.1.1", "ES", [], "", Risk.MODALITY),
        ("1.2.840.10008.5.1.4.1.1.6.1", "us", ["ORIGINAL", "PRIMARY"], "NO", Risk.MODALITY),
        ("1.2.840.10008.5.1.4.1.1.1.1", "DX", ["ORIGINAL", "PRIMARY"], "", None),
    ],
)
def test_pixels_at_risk(
    sop_class: str, modality: str, image_type: list[str], burned_in: str, risk: Risk | None
) -> None:
    assert burned_in_risk(sop_class, modality, image_type, burned_in) == risk


@pytest.mark.parametrize(
    ("sop_class", "needed"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.33", True),  # comprehensive SR
        ("1.2.840.10008.5.1.4.1.1.104.1", True),  # encapsulated PDF
        ("1.2.840.10008.5.1.4.1.1.104.2", True),  # encapsulated CDA
        ("1.2.840.10008.5.1.4.1.1.9.4.1", True),  # dictated voice
        ("1.2.840.10008.5.1.4.1.1.9.1.1", False),  # ECG
        ("1.2.840.10008.5.1.4.1.1.481.3", False),  # RT structure set
        (CT, False),
    ],
)
def test_texts_and_voices_need_a_person(sop_class: str, needed: bool) -> None:
    assert needs_person(sop_class) is needed
    assert (risk_of(sop_class, "", [], "") is Risk.TEXT) is needed
