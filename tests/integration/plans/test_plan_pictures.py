"""Key images and lesions in the printed opinion: as when it was sent out, nothing that waits."""

import io

import pikepdf
import pytest
from sqlalchemy.exc import DatabaseError

from mdt.models.plans import PlanRevision
from mdt.rules.plan import content_hash
from mdt.services.plan_desk import draft_in
from mdt.services.plan_signing import take_back
from tests.attachment_kit import send, ultrasound
from tests.marks_kit import add_ct, at, mark
from tests.plans import SITE
from tests.unit.adapters.pdf_text import page_texts


@pytest.fixture
def doctor(person):
    return person("clinician")


@pytest.fixture
def pictures(opinion, doctor):
    return add_ct(doctor, opinion.case)


@pytest.fixture
def choose(opinion, doctor, pictures):
    """Choose a key image; gives its address."""

    def add(key="k", caption="右上叶结节", **state):
        wanted = {"series": pictures["series"], "image": pictures["images"][0], **state}
        url = f"/cases/{opinion.case}/key-images"
        body = {"key": key, "state": wanted, "caption": caption}
        answer = doctor.post_json(url, body)
        assert answer.status_code == 200, answer.text
        return f"{url}/{answer.json['key_image']['id']}"

    return add


def words_and_pictures(content):
    """The text, and how many different pictures there are on the pages."""
    with pikepdf.open(io.BytesIO(content)) as document:
        shown = sum(len(page.get_images()) for page in document.pages)
    return "".join(page_texts(content)).replace("\n", ""), shown


def printed(opinion, username="clinician"):
    return words_and_pictures(opinion.read(username).content)


def test_key_images_and_lesions_are_printed_with_captions_and_sums(
    opinion, doctor, pictures, choose
):
    choose("a")
    choose("b", caption="", center=-600, width=1500, invert=True)
    numbers = [
        doctor.post_json(
            f"/cases/{opinion.case}/marks",
            mark(pictures, "length", at(1, 1), at(1 + columns, 1), key=f"m{columns}"),
        ).json["mark"]["id"]
        for columns in (10, 20)
    ]
    body = {"key": "l", "name": "右上叶结节", "current": numbers[0], "prior": numbers[1]}
    assert doctor.post_json(f"/cases/{opinion.case}/lesions", body).status_code == 200
    opinion.signed(site=SITE)
    for username in ("clinician", "oncologist"):
        words, shown = printed(opinion, username)
        assert shown == 2
        for part in (
            "八、关键影像1. CT 2026-11-05右上叶结节2. CT 2026-11-05",
            "九、病灶对照病灶既往本次变化右上叶结节16 mm（2026-11-05）8 mm（2026-11-05）-50.0%",
            "既往 16 mm，本次 8 mm，变化 -50.0%",
            "十、备选方案",
            "十二、签名",
        ):
            assert part in words


def test_without_any_there_are_no_such_sections(opinion):
    revision = opinion.signed(site=SITE)
    words, shown = printed(opinion)
    assert (shown, "关键影像" in words, "病灶对照" in words) == (0, False, False)
    assert (revision.pictures, revision.content_hash) == (None, content_hash(draft_in(revision)))


def test_what_is_printed_is_what_was_there_when_it_was_sent_out(opinion, doctor, choose):
    first = choose("a", caption="送签时的说明")
    opinion.complete()
    assert "送签时的说明" in printed(opinion)[0]
    before = opinion.open()
    doctor.post_json(first, {"caption": "后来的说明"})
    doctor.post_json(f"{first}/strike", {})
    choose("b", caption="后来的影像")
    after = opinion.sign(site=SITE)
    assert after.pictures == before.pictures
    assert {one.content_hash for one in after.signatures} == {after.content_hash}
    assert after.content_hash == content_hash(draft_in(after), after.pictures)
    assert after.content_hash != content_hash(draft_in(after))
    words, shown = printed(opinion)
    assert (shown, "送签时的说明" in words, "后来的" in words) == (1, True, False)
    again = doctor.post_json(f"{first}/strike", {})
    assert again.json["error"]["code"] == "marks_locked"


def test_a_text_that_goes_back_gets_the_pictures_of_the_next_time(opinion, choose):
    choose("a", caption="第一次")
    opinion.complete()
    first = opinion.open()
    opinion.act(take_back, "chair", opinion.case, first.id)
    choose("b", caption="第二次", center=-600, width=900)
    words, shown = printed(opinion)
    assert (shown, "第二次" in words) == (2, True)
    opinion.open()
    assert [one["caption"] for one in opinion.revision().pictures["key_images"]] == [
        "第一次",
        "第二次",
    ]


def test_what_waits_or_is_struck_out_is_never_printed(opinion, doctor, choose):
    send(doctor, opinion.case, *ultrasound())
    series = next(
        one["id"]
        for one in doctor.get(f"/cases/{opinion.case}/series.json").json
        if one["modality"] == "US"
    )
    choose("us", caption="超声所见", series=series, image="", index=0)
    choose("ct", caption="右上叶结节")
    opinion.complete()
    words, shown = printed(opinion)
    assert (shown, "超声所见" in words) == (1, False)
    opinion.open()
    ct = next(
        one["id"]
        for one in doctor.get(f"/cases/{opinion.case}/series.json").json
        if one["modality"] == "CT"
    )
    doctor.post(f"/cases/{opinion.case}/series/{ct}/strike", reason="另一患者")
    opinion.sign(site=SITE)
    words, shown = printed(opinion)
    assert (shown, "此幅图像现不能提供" in words) == (0, True)


def test_at_most_eight_are_printed(opinion, choose):
    for number in range(9):
        choose(f"k{number}", caption=f"第{number}幅", center=number - 500, width=900)
    opinion.complete()
    words, shown = printed(opinion)
    assert (shown, "第7幅" in words, "第8幅" in words) == (8, True, False)


def test_the_database_keeps_the_pictures_of_a_signed_opinion(opinion, choose):
    choose()
    revision = opinion.signed()
    with pytest.raises(DatabaseError, match="final"):
        opinion.put(PlanRevision, PlanRevision.id == revision.id, pictures={})
