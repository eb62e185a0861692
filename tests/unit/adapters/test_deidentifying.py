"""Nothing of the person is left in an object that went through the walker."""

import csv
import io
import json
import random
from collections.abc import Iterator

import pytest
from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.tag import Tag
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from mdt.adapters.sandboxed.deidentifying import deidentify
from mdt.adapters.sandboxed.ingest import ingest
from mdt.adapters.sandboxed.opening import open_dataset
from mdt.adapters.sandboxed.served_file import dataset_bytes, meta_bytes
from mdt.rules.deidentification import (
    KIND_UIDS,
    TABLE,
    action_of,
    served_patient,
    served_uid,
)
from tests.samples import sample
from tests.unit.adapters.dicom_files import dataset, dicom

# Real objects break rules, and the library says so when their values are looked at.
pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR")

SECRET = b"a secret of one case"
TOKENS = (b"QZX7TOKEN", b"19470223", b"112233.4711", b"4711081")
NUMBER = 0x4711
PLANTED = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), b"QZX7TOKEN "),
    **dict.fromkeys(("OB", "OW", "UN"), b"QZX7TOKEN!"),
    "AS": b"094Y",
    "DA": b"19470223",
    "DS": b"47110815.47 ",
    "DT": b"19470223112233.4711 ",
    "IS": b"4711081547",
    "TM": b"112233.4711 ",
    "UI": b"1.2.4711081547",
    "UR": b"http://pacs/QZX7TOKEN ",
    "US": NUMBER.to_bytes(2, "little"),
}
UNLISTED = (0x00189346, 0x00540016, 0x00081115)  # phantom codes, tracers, referenced series


def table() -> list[int]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        tags = [row["tag"] for row in csv.DictReader(stream)]
    return [int(tag.replace(",", ""), 16) for tag in tags if "x" not in tag]


TAGS = table()


def planted(*, unknown: bool = False) -> Dataset:
    """Every attribute of the table with a token; ``unknown``: under the VR that says nothing."""
    made = Dataset()
    for tag in TAGS:
        kind = DicomDictionary[tag][0] if tag in DicomDictionary else "LO"
        if kind == "SQ":
            item = Dataset()
            item.PatientComments = "QZX7TOKEN"
            item.TextValue = "QZX7TOKEN"
            made.add_new(tag, "SQ", [item])
        else:
            put(made, tag, "UN" if unknown else kind, PLANTED[kind])
    return made


def without_commands(made: Dataset) -> None:
    """Drop attributes of commands and of file meta, which no object may begin with."""
    for tag in [tag for tag in made.keys() if tag.group < 8]:  # noqa: SIM118 - yields elements
        del made[tag]


def put(made: Dataset, tag: int, kind: str, value: bytes) -> None:
    if kind == "UN":
        made[tag] = RawDataElement(Tag(tag), "UN", len(value), value, 0, False, True)
        return
    text = kind not in {"OB", "OW", "US"}
    number = NUMBER if kind == "US" else value
    made.add_new(tag, kind, value.decode().strip() if text else number)


def whole(*, unknown: bool = False) -> Dataset:
    """A CT slice that is full of tokens, in the table's attributes and wherever else."""
    made = planted(unknown=unknown)
    without_commands(made)
    made.update(dataset(Modality="CT"))
    inner = planted(unknown=unknown)
    inner.add_new(UNLISTED[1], "SQ", [planted(unknown=unknown)])
    for tag in UNLISTED:
        made.add_new(tag, "SQ", [inner])
    block = made.private_block(0x0011, "QZX7TOKEN", create=True)
    block.add_new(0x01, "LO", "QZX7TOKEN")
    block.add_new(0x02, "SQ", [planted()])
    block.add_new(0x03, "UN", b"QZX7TOKEN!")
    inner.private_block(0x0013, "ACME", create=True).add_new(0x01, "PN", "QZX7TOKEN")
    made.add_new(0x50003000, "OW", b"QZX7TOKEN!")
    made.add_new(0x60003000, "OW", b"QZX7TOKEN!")
    made.add_new(0x60024000, "LT", "QZX7TOKEN")
    made.add_new(0x60021500, "LO", "QZX7TOKEN")
    made.add_new(0xFFFCFFFC, "OB", b"QZX7TOKEN!")
    # Not in the table: free text, somebody's name, a date, text where a number or a code belongs.
    made.TextValue = made.SoftwareVersions = made.PositionReferenceIndicator = "QZX7TOKEN"
    made.add_new(0x0040A067, "PN", "QZX7TOKEN")
    made.add_new(0x00144076, "DA", "19470223")
    made.add_new(0x00180088, "LO", "QZX7TOKEN")  # a distance
    made.add_new(0x00189073, "OB", b"QZX7TOKEN!")  # a duration
    put(made, 0x00280030, "UN", b"QZX7TOKEN!")  # pixel spacing
    put(made, 0x00200062, "UN", b"QZX7TOKEN!")  # laterality
    made.add_new(0x00180015, "CS", "QZX7TOKEN")
    made.Manufacturer = "ACME QZX7TOKEN"
    made.PatientName = "QZX7TOKEN^ZHANG"
    made.BodyPartExamined = "ZHANG"
    return made


def written(made: Dataset, syntax: str) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    meta.SourceApplicationEntityTitle = meta.SendingApplicationEntityTitle = "QZX7TOKEN"
    meta.PrivateInformationCreatorUID = "1.2.4711081547"
    meta.PrivateInformation = b"QZX7TOKEN!"
    made.file_meta = meta
    stream = io.BytesIO()
    dcmwrite(stream, made, implicit_vr=syntax == ImplicitVRLittleEndian, enforce_file_format=True)
    return b"QZX7TOKEN".ljust(128) + stream.getvalue()[128:]


def served(data: bytes) -> tuple[Dataset, bytes]:
    """The object after the walker, and the file that is made of it, up to its pixels."""
    found, _ = open_dataset(data, pixels=True)
    deidentify(found, SECRET)
    return found, meta_bytes(found, ExplicitVRLittleEndian) + dataset_bytes(found)


def elements(made: Dataset) -> Iterator[tuple[tuple[int, ...], object]]:
    """Every element with its path; items by their place."""
    for element in made:
        if element.VR == "SQ":
            for place, item in enumerate(element.value):
                for path, inner in elements(item):
                    yield (int(element.tag), place, *path), inner
        else:
            yield (int(element.tag),), element


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_no_token_is_left(syntax: str, unknown: bool) -> None:
    before = written(whole(unknown=unknown), syntax)
    assert [before.count(token) > 50 for token in TOKENS] == [True] * 4
    found, after = served(before)
    text = json.dumps(found.to_json_dict()).encode()
    assert [token for token in TOKENS if token in after or token in text] == []
    left = {path[-1]: element for path, element in elements(found)}
    assert [keyword_for_tag(tag) for tag in left if action_of(tag) == "X"] == []
    assert "QZX7" not in str(list(left.values()))
    assert b"ZHANG" not in after


def test_what_the_table_leaves_is_empty_or_a_dummy() -> None:
    found, _ = served(written(whole(), ExplicitVRLittleEndian))
    assert (str(found.PatientName), found.StudyDate, found.AcquisitionTime) == ("", "", "")
    assert str(found.PersonName) == "REMOVED"
    assert (found.DateTime, found.RTPlanLabel) == ("19000101000000", "REMOVED")
    assert found.PatientID == served_patient(SECRET)
    assert found.FrameOfReferenceUID == served_uid(SECRET, "1.2.4711081547")
    assert 0x60003000 not in found
    assert "PatientAge" not in found
    assert [tag for tag in found.keys() if tag.is_private] == []  # noqa: SIM118 - yields elements


def test_object_says_what_was_done() -> None:
    found, after = served(dicom(PatientName="Zhang^San"))
    assert (found.PatientIdentityRemoved, found.LongitudinalTemporalInformationModified) == (
        *("YES", "REMOVED"),
    )
    assert found.DeidentificationMethod == (
        "DICOM PS3.15 2026c Annex E, Basic Profile, clean descriptors"
    )
    codes = [
        (item.CodeValue, item.CodingSchemeDesignator)
        for item in found.DeidentificationMethodCodeSequence
    ]
    assert codes == [("113100", "DCM"), ("113105", "DCM")]
    again, _ = open_dataset(after, pixels=False)
    assert again.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
    assert found.SOPInstanceUID == served_uid(SECRET, "2.25.1003")
    assert after[:128] == bytes(128)


@pytest.mark.parametrize(
    ("attributes", "removed"),
    [
        ({"BurnedInAnnotation": "YES"}, "NO"),
        ({"Modality": "US"}, "NO"),
        ({"ImageType": ["DERIVED", "SECONDARY"]}, "NO"),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, "YES"),
    ],
)
def test_object_at_risk_says_no_until_it_is_cleared(
    attributes: dict[str, object], removed: str
) -> None:
    found, _ = open_dataset(dicom(**attributes), pixels=True)
    deidentify(found, SECRET)
    assert found.PatientIdentityRemoved == removed
    again, _ = open_dataset(dicom(**attributes), pixels=True)
    deidentify(again, SECRET, cleared=True)
    assert again.PatientIdentityRemoved == "YES"


def test_what_a_viewer_needs_stays() -> None:
    data = sample("dicom/ct_head_phantom_philips_58/001.dcm").read_bytes()
    before, _ = open_dataset(data, pixels=True)
    found, after = served(data)
    for keyword in (
        *("BitsStored", "Columns", "ConvolutionKernel", "HighBit", "ImageOrientationPatient"),
        *("ImagePositionPatient", "ImageType", "InstanceNumber", "Modality", "PatientPosition"),
        *("PhotometricInterpretation", "PixelData", "PixelRepresentation", "PixelSpacing"),
        *("RescaleIntercept", "RescaleSlope", "Rows", "SOPClassUID", "SamplesPerPixel"),
        *("SeriesNumber", "SliceThickness", "WindowCenter", "WindowWidth"),
    ):
        assert found.get(keyword) == before.get(keyword), keyword
    again, _ = open_dataset(after, pixels=True)
    del found.PixelData
    assert again == found


@pytest.mark.parametrize(("typed", "kept"), [("MG", "MG"), ("DOC", "DOC"), ("ZHANGSAN", "")])
def test_modality_is_one_of_the_standard_or_nothing(typed: str, kept: str) -> None:
    made, _ = served(written(dataset(Modality=typed), ExplicitVRLittleEndian))
    assert made.Modality == kept


@pytest.mark.parametrize("charset", ["GB18030", "ISO_IR 192", "wrong"])
def test_known_words_of_a_description_stay_in_any_script(charset: str) -> None:
    said = "GB18030" if charset == "wrong" else charset
    made = dataset(PatientName="张三丰", SpecificCharacterSet=said)
    made.SeriesDescription = "张三丰 动脉期增强 AX 13800138000"
    made.Manufacturer = "联影 uCT 张三丰"
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "99LOCAL", "胸部 李四"
    code.SpecificCharacterSet = said
    made.ProcedureCodeSequence = [code]
    data = written(made, ExplicitVRLittleEndian)
    if charset == "wrong":  # as many machines label it
        data = data.replace(b"GB18030 ", b"ISO_IR 6")
    _, after = served(data)
    found, _ = open_dataset(after, pixels=False)
    assert (found.SpecificCharacterSet, found.SeriesDescription, found.Manufacturer) == (
        *("ISO_IR 192", "动脉期增强 AX", "联影 uCT"),
    )
    (kept,) = found.ProcedureCodeSequence
    assert (kept.CodeValue, kept.CodeMeaning) == ("1", "胸部")
    assert "SpecificCharacterSet" not in kept
    assert found.to_json_dict()["0008103E"] == {"vr": "LO", "Value": ["动脉期增强 AX"]}


def test_uid_that_only_the_file_meta_has_is_served_remapped() -> None:
    meta_only, _ = open_dataset(dicom(), pixels=True)
    del meta_only.SOPInstanceUID
    stream = io.BytesIO()
    dcmwrite(stream, meta_only)
    made = ingest(stream.getvalue(), SECRET, False, {}, [])["served"]
    assert made["sop_uid"] == served_uid(SECRET, "2.25.1003")
    found, _ = open_dataset(made["data"], pixels=True)
    assert found.SOPInstanceUID == found.file_meta.MediaStorageSOPInstanceUID == made["sop_uid"]


OBJECTS = [
    *("presentation_state.dcm", "reportsi.dcm", "rtdose.dcm", "rtplan.dcm", "rtstruct.dcm"),
    *("seg.dcm", "seg_liver.dcm", "sr.dcm", "sr_document.dcm", "sm_annotations.dcm"),
    "rwvm.dcm",
]


@pytest.mark.parametrize("name", OBJECTS)
def test_references_point_at_the_served_uids(name: str) -> None:
    data = sample(f"dicom/objects/{name}").read_bytes()
    before = {
        path: element.value
        for path, element in elements(open_dataset(data, pixels=True)[0])
        if element.VR == "UI" and element.value
    }
    found, _ = served(data)
    left = {
        path: element.value
        for path, element in elements(found)
        if element.VR == "UI" and element.value and path in before
    }
    assert len(left) > 4
    for path, uid in left.items():
        kept = path[-1] in KIND_UIDS
        assert uid == (before[path] if kept else served_uid(SECRET, before[path])), path


def test_contour_still_points_at_its_slice() -> None:
    image, _ = served(sample("dicom/objects/rt_lung_ct_2017/CT01.dcm").read_bytes())
    contours, _ = served(sample("dicom/objects/rt_lung_ct_2017/RT.dcm").read_bytes())
    referenced = {element.value for path, element in elements(contours) if path[-1] == 0x00081155}
    assert image.SOPInstanceUID in referenced
    assert contours.StudyInstanceUID == image.StudyInstanceUID
    frames = contours.ReferencedFrameOfReferenceSequence
    assert [frame.FrameOfReferenceUID for frame in frames] == [image.FrameOfReferenceUID]


def test_nesting_at_random_hides_nothing() -> None:
    chance = random.Random(20261122)  # noqa: S311 - seeded
    sequences = [tag for tag, entry in DicomDictionary.items() if entry[0] == "SQ"]

    def grown(depth: int) -> Dataset:
        made = Dataset()
        for tag in chance.sample(TAGS, 12):
            kind = DicomDictionary[tag][0] if tag in DicomDictionary else "LO"
            if kind != "SQ":
                put(made, tag, kind if chance.random() < 0.8 else "UN", PLANTED[kind])
        if depth:
            for tag in chance.sample(sequences, 3):
                made.add_new(tag, "SQ", [grown(depth - 1) for _ in range(chance.randint(0, 2))])
            block = made.private_block(0x0021, "ACME", create=True)
            block.add_new(0x01, "SQ", [grown(depth - 1)])
        return made

    for _ in range(6):
        made = grown(3)
        without_commands(made)
        made.update(dataset())
        before = written(made, chance.choice([ExplicitVRLittleEndian, ImplicitVRLittleEndian]))
        found, after = served(before)
        text = json.dumps(found.to_json_dict()).encode()
        assert [token for token in TOKENS if token in after or token in text] == []
