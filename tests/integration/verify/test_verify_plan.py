"""The public page for whoever has the paper in hand."""

from io import BytesIO

import pytest

from mdt.services.plans import amend_plan
from mdt.web.throttle import Throttle
from tests.plans import SIGNERS, SITE

PATIENT = ("张三丰", "张**", "MRN", "3699", "腺癌", "C34", "含铂", "MDT2026-900001")


def test_a_signed_opinion_is_valid_and_nothing_is_said_of_the_patient(opinion, person):
    signed = opinion.signed(site=SITE)
    page = person().get(f"/verify/{signed.verify_code}")

    assert page.status_code == 200
    for expected in (
        "现行有效",
        "2026年11月20日 周五 12:00",
        "江西示范肿瘤医院（虚构）",
        "胸外科、肿瘤内科、放疗科、医学影像科、病理科",
        signed.pdf_sha256,
        signed.content_hash,
    ):
        assert expected in page.text
    assert [word for word in PATIENT if word in page.text] == []
    assert page.headers["Cache-Control"] == "no-store"


def test_a_code_is_read_as_people_type_it(opinion, person):
    code = opinion.signed().verify_code
    typed = code.lower().replace("-", " ")
    assert person().get(f"/verify/{typed}").status_code == 200
    assert person().get(f"/verify?code={typed}").headers["Location"] == f"/verify/{code}"


@pytest.mark.parametrize("code", ["AAAA-AAAA-AAAA-AAAA", "x", "K7QM2R9DXT4F8WP", "%00"])
def test_an_unknown_code_is_not_found(person, code):
    page = person().get(f"/verify/{code}")
    assert (page.status_code, "没有找到这个核验码" in page.text) == (404, True)


def test_an_opinion_that_is_not_signed_has_no_code(opinion, person):
    opinion.complete()
    revision = opinion.open()
    assert revision.verify_code is None
    assert person().get("/verify/None").status_code == 404


def test_the_issued_file_is_the_same_and_any_other_is_not(opinion, person):
    code = opinion.signed(site=SITE).verify_code
    issued = opinion.read("clinician").content
    visitor = person()
    visitor.token = visitor.find_token(visitor.get(f"/verify/{code}").text)
    same = visitor.post(f"/verify/{code}", file=(BytesIO(issued), "a.pdf"))
    other = visitor.post(f"/verify/{code}", file=(BytesIO(issued + b"x"), "a.pdf"))
    nothing = visitor.post(f"/verify/{code}")

    assert (same.status_code, "完全一致" in same.text) == (200, True)
    assert (other.status_code, "不一致" in other.text) == (200, True)
    assert (nothing.status_code, "请先选择" in nothing.text) == (422, True)


def test_a_comparison_without_the_forgery_token_is_refused(opinion, person):
    code = opinion.signed().verify_code
    assert person().client.post(f"/verify/{code}").status_code == 400


def test_an_amended_opinion_says_that_it_was_replaced(opinion, person):
    first = opinion.signed()
    opinion.act(amend_plan, "chair", opinion.case, "补充")
    opinion.open()
    second = opinion.sign(*SIGNERS)
    assert "由新的补充修订版代替" in person().get(f"/verify/{first.verify_code}").text
    page = person().get(f"/verify/{second.verify_code}").text
    assert ("现行有效" in page, "第2版" in page) == (True, True)


def test_an_address_that_asks_too_often_waits():
    throttle = Throttle(rate=1.0, burst=2.0)
    assert [throttle.allows("10.0.0.1", 0.0) for _ in range(3)] == [True, True, False]
    assert throttle.allows("10.0.0.2", 0.0) is True
    assert throttle.allows("10.0.0.1", 1.0) is True
