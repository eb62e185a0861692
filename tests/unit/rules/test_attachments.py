import re

import pytest

from mdt.rules.attachments import (
    EXPLANATIONS,
    MEDIA_TYPES,
    SIZE_LIMITS,
    FileRefused,
    Kind,
    Refusal,
    accepted_kinds,
    check_size,
    explain,
    may_take_back,
)

LISTED_LATER = {"draft", "submitted", "reviewing", "returned", "accepted", "deferred"}
STATES = LISTED_LATER | {
    "declined", "scheduled", "discussing", "concluded", "signed", "adopted", "following", "closed",
    "withdrawn",
}  # fmt: skip


def test_attachment_can_be_taken_back_until_the_case_is_listed() -> None:
    assert {state for state in STATES if may_take_back(state)} == LISTED_LATER


def test_every_refusal_is_explained_in_both_languages() -> None:
    assert set(EXPLANATIONS) == set(Refusal)
    for refusal in Refusal:
        explanation = explain(refusal.value)
        assert re.search("[\u4e00-\u9fff]", explanation.zh), refusal
        assert explanation.zh.endswith("。"), refusal
        assert explanation.en.isascii(), refusal
        assert explanation.en.endswith("."), refusal


def test_unknown_code_still_has_a_sentence() -> None:
    assert explain("no_such_code") == EXPLANATIONS[Refusal.READING_CRASHED]


def test_refusals_stand_in_alphabetical_order() -> None:
    assert list(Refusal) == sorted(Refusal)
    assert list(EXPLANATIONS) == sorted(EXPLANATIONS)


def test_every_kind_has_a_media_type_and_a_limit() -> None:
    assert set(MEDIA_TYPES) == set(SIZE_LIMITS) == set(Kind)


PAPER = {Kind.PDF, Kind.JPEG, Kind.PNG}


@pytest.mark.parametrize(
    ("formats", "kinds"),
    [
        (["pdf"], PAPER),
        (["pdf", "image"], PAPER),
        (["pdf", "image", "csv"], PAPER),
        (["dicom"], {Kind.DICOM, Kind.ZIP}),
        (["pdf", "dicom"], PAPER | {Kind.DICOM, Kind.ZIP}),
        (["svs", "tiff", "dicom"], {Kind.JPEG, Kind.PNG, Kind.DICOM, Kind.ZIP}),
        (["image", "video"], PAPER),
        ([], PAPER),
        (["something new"], PAPER),
    ],
)
def test_kinds_that_a_document_type_takes(formats: list[str], kinds: set[Kind]) -> None:
    assert accepted_kinds(formats) == kinds


@pytest.mark.parametrize("kind", Kind)
def test_size_limit_is_the_last_that_passes(kind: Kind) -> None:
    check_size(kind, 1)
    check_size(kind, SIZE_LIMITS[kind])
    with pytest.raises(FileRefused) as caught:
        check_size(kind, SIZE_LIMITS[kind] + 1)
    assert caught.value.refusal is Refusal.TOO_LARGE
    with pytest.raises(FileRefused) as caught:
        check_size(kind, 0)
    assert caught.value.refusal is Refusal.EMPTY


def test_refused_file_carries_its_code() -> None:
    refused = FileRefused(Refusal.SVG, name="a.svg")
    assert (refused.code, refused.refusal, refused.details) == (
        "svg",
        Refusal.SVG,
        {"name": "a.svg"},
    )
