"""The same on PostgreSQL, where several writers are at work at one moment."""

from concurrent.futures import ThreadPoolExecutor

from mdt.models.attachments import Upload
from mdt.rules.phone_links import MOST_PHOTOGRAPHS
from tests.attachment_kit import draft, rows
from tests.fixtures_app import Browser
from tests.phone_kit import Phone, make_code
from tests.world import build_world


def test_of_four_phones_one_gets_in_and_sends_so_many_at_once(postgresql_app):
    app = postgresql_app
    with app.app_context():
        case_id = draft(app, build_world())
    code = make_code(Browser(app, "clinician"), case_id)
    phones = [Phone(app, case_id) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: phones[n].scan(code, key=str(n)).status_code, range(4)))
        assert sorted(answers) == [200, 401, 401, 401]
        phone = phones[answers.index(200)]
        # Each with the cookies of the one that got in.
        cookie = phone.client.get_cookie("mdt")
        senders = [Phone(app, case_id) for _ in range(4)]
        for sender in senders:
            sender.client.set_cookie("mdt", cookie.value)
            sender.browser.token = phone.browser.token
        sent = list(
            pool.map(lambda n: senders[n % 4].begin(b"x").status_code, range(MOST_PHOTOGRAPHS + 4))
        )
    assert (sent.count(201), sent.count(409)) == (MOST_PHOTOGRAPHS, 4)
    assert len(rows(app, Upload)) == MOST_PHOTOGRAPHS
