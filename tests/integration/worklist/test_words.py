"""Every task and every notice has its words, and every task leads to a page."""

import pytest

from mdt.rules.notices import NoticeKind
from mdt.rules.worklist import Band, Task, TaskKind
from mdt.web.words.notices import NOTICES
from mdt.web.words.worklist import BANDS, LINES, url_of


def test_every_kind_has_its_words():
    assert set(LINES) == set(TaskKind)
    assert set(BANDS) == set(Band)
    assert set(NOTICES) == {kind.value for kind in NoticeKind}


@pytest.mark.parametrize("kind", TaskKind)
def test_every_task_leads_to_a_page(app, kind):
    address = url_of(Task(kind, Band.NOW, case_id=1, conference_id=1)).partition("#")[0]
    endpoint, _ = app.url_map.bind("localhost").match(address, method="GET")
    assert endpoint in app.view_functions
