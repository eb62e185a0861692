"""Two people of a hospital send into one case at the same moment: both whole, each image once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mdt.models.attachments import Attachment, Instance, Series
from tests.attachment_kit import codes, ct, draft, pdf, rows, send
from tests.fixtures_app import Browser
from tests.integration.attachments.test_upload_in_parts import begin, patch, take
from tests.world import build_world

#: Who sends, and what only this person sends.
SENDERS = {"clinician": ("甲报告.pdf", pdf("first")), "colleague": ("乙报告.pdf", pdf("second"))}
BOTH = ct(8)


@pytest.fixture(params=["app", "postgresql_app"])
def place(request):
    """The app on either database, with a case of both people's hospital."""
    app = request.getfixturevalue(request.param)
    with app.app_context():
        world = build_world()
    return app, draft(app, world)


def test_the_same_images_at_once_are_taken_once(place):
    app, case_id = place
    people = [Browser(app, name) for name in SENDERS]
    together = Barrier(len(people), timeout=60)

    def run(browser, own):
        together.wait()
        return codes(send(browser, case_id, *BOTH, own))

    with ThreadPoolExecutor(len(people)) as pool:
        first, second = pool.map(run, people, SENDERS.values())
    # Of each image one answer says that it was taken, the other that it is there.
    pairs = list(zip(first, second, strict=True))
    assert [sorted(pair) for pair in pairs[:-1]] == [["duplicate", "taken"]] * len(BOTH)
    assert pairs[-1] == ("taken", "taken")
    found = sorted(rows(app, Instance), key=lambda row: row.first_image)
    assert [row.number for row in found] == list(range(1, len(BOTH) + 1))
    (series,) = rows(app, Series)
    assert (series.image_count, series.slices_missing) == (len(BOTH), 0)
    assert sorted(row.size for row in rows(app, Attachment)) == sorted(
        len(data) for _, data in SENDERS.values()
    )


def test_parts_that_come_in_turns_and_the_list_names_who_sent_what(app, person, case_id):
    one, two = person("clinician"), person("colleague")
    files = [ct(1)[0], ct(1, series=2)[0]]
    going = []
    for browser, (name, data) in zip((one, two), files, strict=True):
        answer = begin(browser, case_id, len(data), filename=name)
        going.append((browser, answer.headers["Location"], data))
    for begins, ends in ((0, 200), (200, 300), (300, None)):
        for browser, url, data in going:
            assert patch(browser, url, begins, data[begins:ends]).status_code == 204
    # An upload is its sender's alone.
    assert [take(two, case_id, going[0][1]).status_code, len(rows(app, Instance))] == [404, 0]
    assert [codes(take(browser, case_id, url)) for browser, url, _ in going] == [["taken"]] * 2
    assert codes(send(two, case_id, files[0])) == ["duplicate"]
    assert [row.size for row in rows(app, Instance)] == [len(data) for _, data in files]
    page = one.get(f"/cases/{case_id}/attachments").text
    of_first, _, of_second = page.partition("轴位 2")
    assert ("林县医 上传" in of_first, "周同事 上传" in of_first) == (True, False)
    assert "周同事 上传" in of_second.partition("</tr>")[0]
