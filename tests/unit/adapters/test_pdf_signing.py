import asyncio
import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import NameObject, NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from mdt.adapters.pdf_signing import (
    AUTHORITY_FILE,
    AUTHORITY_KEY_FILE,
    SIGNER_FILE,
    NoSigner,
    UnreadablePdf,
    load_signer,
    make_signer_files,
)
from mdt.adapters.plan_pdf import render_plan
from tests.unit.adapters.plan_documents import opinion

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAME = "江西示范肿瘤医院（虚构）"
WORDS = {"reason": "签发多学科诊疗意见书", "location": "江西", "name": NAME}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("signer") / "keys"
    make_signer_files(made, NAME, secret="first secret", now=NOW)
    return made


@pytest.fixture(scope="module")
def signer(folder):
    return load_signer(folder, secret="first secret")


@pytest.fixture(scope="module")
def plain():
    return render_plan(opinion())


@pytest.fixture(scope="module")
def signed(signer, plain):
    return signer.sign(plain, **WORDS)


def verdict(report):
    return (
        report.intact,
        report.trusted,
        report.bottom_line,
        report.coverage,
        report.modification_level,
    )


def rotated(pdf):
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page, _ = writer.find_page_for_modification(0)
    page.get_object()[NameObject("/Rotate")] = NumberObject(90)
    writer.update_container(page.get_object())
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_good_signature_covers_the_whole_file(signer, plain, signed):
    (report,) = signer.verify(signed)

    assert signed.startswith(plain)
    assert signer.verify(plain) == []
    assert verdict(report) == (True, True, True, "ENTIRE_FILE", "NONE")
    assert report.valid
    assert report.signer == NAME
    assert report.at.tzinfo is not None


def test_signed_file_says_why_and_where(signed):
    with pikepdf.open(BytesIO(signed)) as pdf:
        value = pdf.Root.AcroForm.Fields[0].V

        assert {k: str(value[k]) for k in ("/Reason", "/Location", "/Name", "/SubFilter")} == {
            "/Reason": WORDS["reason"],
            "/Location": WORDS["location"],
            "/Name": NAME,
            "/SubFilter": "/ETSI.CAdES.detached",
        }


def test_one_byte_changed_is_not_intact(signer, signed):
    at = signed.index(b"stream") + 40
    changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]

    (report,) = signer.verify(changed)

    assert (report.intact, report.bottom_line) == (False, False)


def test_appended_change_leaves_the_bytes_intact_and_fails_the_bottom_line(signer, signed):
    (report,) = signer.verify(rotated(signed))

    assert verdict(report) == (True, True, False, "ENTIRE_REVISION", "OTHER")


def test_second_signature_does_not_harm_the_first(signer, signed):
    reports = signer.verify(signer.sign(signed, **WORDS))

    assert [verdict(report) for report in reports] == [
        (True, True, True, "ENTIRE_REVISION", "FORM_FILLING"),
        (True, True, True, "ENTIRE_FILE", "NONE"),
    ]


def test_signature_of_another_organisation_is_not_trusted(tmp_path, signer, signed):
    make_signer_files(tmp_path, NAME, secret="x", now=NOW)
    other = load_signer(tmp_path, secret="x")

    (report,) = other.verify(signed)

    assert verdict(report)[:3] == (True, False, False)
    assert signer.verify(signed)[0].trusted


@pytest.mark.parametrize("junk", [b"", b"hello", b"%PDF-1.4\n%%EOF", b"%PDF-1.7\n" + b"\0" * 99])
def test_what_is_no_pdf_is_refused(signer, junk):
    for refuse in (signer.verify, lambda pdf: signer.sign(pdf, **WORDS)):
        with pytest.raises(UnreadablePdf):
            refuse(junk)


def test_half_a_file_is_refused(signer, signed):
    with pytest.raises(UnreadablePdf):
        signer.verify(signed[: len(signed) // 2])


def test_files_are_made_once_and_read_by_their_owner_alone(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    make_signer_files(folder, "another", secret="another", now=NOW)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {AUTHORITY_FILE, AUTHORITY_KEY_FILE, SIGNER_FILE}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_signer_opens_with_its_secret_alone(folder, tmp_path):
    assert load_signer(folder, secret="first secret").key.subject_name
    for where, secret in ((folder, "second secret"), (tmp_path, "first secret")):
        with pytest.raises(NoSigner):
            load_signer(where, secret=secret)


def test_a_wrong_secret_and_a_bad_file_log_nothing(folder, signer, signed, caplog):
    at = signed.index(b"stream") + 40
    with caplog.at_level(logging.INFO, logger=""):
        signer.verify(signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :])
        with pytest.raises(NoSigner):
            load_signer(folder, secret="second secret")

    assert caplog.records == []


def test_a_caller_with_an_event_loop_of_its_own_can_sign_and_verify(signer, plain):
    async def inside():
        return signer.verify(signer.sign(plain, **WORDS))

    # A thread of the test's own: the driver of the browser tests may run a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        (report,) = thread.submit(lambda: asyncio.run(inside())).result()
    assert verdict(report) == (True, True, True, "ENTIRE_FILE", "NONE")
