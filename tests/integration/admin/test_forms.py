"""Forms of the administrator: errors stand in the order of the page; answers name the person."""

import re

import pytest


@pytest.fixture
def admin(person):
    return person("sysadmin")


@pytest.mark.parametrize("kind", ["hospitals", "alliances", "agreements", "teams"])
def test_errors_are_listed_in_the_order_of_the_fields(admin, kind):
    page = admin.post(f"/admin/{kind}/new").text
    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    listed = re.findall(r'href="#(\w+)"', summary)
    on_page = [name for name in re.findall(r'data-field="(\w+)"', page) if name in listed]
    assert len(listed) > 1
    assert listed == on_page


def test_the_roster_offers_everybody_and_says_who_was_added(admin, world):
    page = admin.get(f"/admin/teams/{world.team}/roster").text
    assert '<option value="clinician">林县医 · 安远示范医院（虚构）' in page
    answer = admin.post(
        f"/admin/teams/{world.team}/roster", username="clinician", role="observer", discipline=""
    )
    assert "已加入团队名单：林县医，旁听人员。" in admin.get(answer.location).text
