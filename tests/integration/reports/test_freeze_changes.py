"""What changed in a closed period is said row by row: why, and who did it."""

import re
from datetime import date
from html import unescape

import pytest

from mdt.extensions import db
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.patients import Identity
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.rules.registry.matches import MatchVerdict
from mdt.services.duplicates import decide_duplicates
from mdt.services.match_decisions import decide_match
from mdt.services.matching import match_case
from mdt.services.registry import import_register
from mdt.services.unit_of_work import unit_of_work
from tests.counting import count_queries
from tests.definition_kit import published
from tests.discussions import hold_board, person_case
from tests.fixtures_app import Browser
from tests.freeze_kit import DAY, check_sums, closed, reasons
from tests.register_files import NOBODY, OTHER_WOMAN, ROW, WOMAN, rows_to_csv
from tests.world import NOW, build_world


def numbers_of():
    statement = db.select(Tumour.id).order_by(Tumour.id)
    return list(db.session.scalars(scope.unscoped(statement, because="a test looks at rows")))


def decide(world, kept, dropped):
    decide_duplicates(world.viewer("quality"), {kept: kept, dropped: kept}, now=NOW)


def everything_changes(world):
    """New, corrected, matched, moved out and in, decided duplicate: one row of each."""
    viewer = world.viewer("quality")

    def read(*rows):
        assert import_register(viewer, rows_to_csv(*rows), now=utc_now()).refused == ()

    read({**NOBODY, "mrn": "9", **DAY})
    read({**ROW, **DAY, "stage_basis": "r"})
    who, facts = Identity(id_number=OTHER_WOMAN["id_number"]), {"icd10": "C16.2"}
    facts["diagnosis_date"] = date(2026, 8, 3)
    case = person_case(world, "B", who, number="MDT-7", **facts)
    hold_board(world, case, date(2026, 8, 20))
    db.session.commit()
    with unit_of_work(None, AuditAction.CASE_EDIT, now=utc_now()) as work:
        match_case(work, case)


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_each_row_that_changed_a_figure_says_why(request, database):
    app = request.getfixturevalue(database)
    with app.app_context():
        world = build_world()
        viewer = world.viewer("quality")
        import_register(
            viewer,
            rows_to_csv(
                {**DAY},
                {**WOMAN, **DAY},
                {**WOMAN, **DAY, "hospital_code": "T-JX-B"},
                {**OTHER_WOMAN, **DAY, "hospital_code": "T-JX-B", "icd10": "C16.2",
                 "stage_group": "IV", "t": "", "n": "", "m": ""},
                {**NOBODY, "mrn": "8", **DAY},
            ),
            now=NOW,
        )  # fmt: skip
        ids = numbers_of()
    corrected, kept, dropped, matched, moved = ids
    manager = Browser(app, "quality")
    address = closed(manager)
    with app.app_context():
        everything_changes(world)
        decide(world, kept, dropped)
        row = db.session.scalar(
            scope.unscoped(db.select(Tumour).where(Tumour.id == moved), because="a test moves it")
        )
        row.diagnosis_date = date(2026, 10, 2)
        db.session.commit()
        new = [number for number in numbers_of() if number not in ids]
    page = manager.get(f"{address}/changes").text
    assert reasons(page) == {
        corrected: "corrected", dropped: "duplicate", matched: "matched", moved: "moved",
        **dict.fromkeys(new, "new"),
    }  # fmt: skip
    found = check_sums(page)
    assert found["then"]["III期及以上（分母）"] == 5
    assert found["now"]["III期及以上（分母）"] == 3
    assert found["matched"]["已讨论（分子）"] == 1
    assert "2026-10-02，移出本期" in page
    assert "首次有效讨论 无 → 2026-08-20" in page
    said = re.findall(r"data-correction>(.*?)</div>", page)
    assert len(said) == 1
    assert re.fullmatch(r"\S+ \S+ 郭质控更正：分期依据 临床分期 → 复发分期（导入文件）", said[0]), (
        said
    )
    happened = re.findall(r'data-event="(\w+)">\S+ \S+ (.*?)</div>', page)
    assert happened == [
        ("matched", "由系统按证件号码或同一患者、部位对上病例"), ("imported", "由郭质控导入文件"),
    ]  # fmt: skip
    # The same, row by row, once the period is closed again; and a new definition on top.
    second = closed(manager, after_revision="1", reason="补报")
    number = second.rpartition("/")[2]
    assert reasons(manager.get(f"{address}/changes?until={number}").text) == reasons(page)
    assert reasons(manager.get(f"{second}/changes").text) == {}
    published(manager, valid_from="2026-07-01", exclusions=["recurrence", "not_stageable"],
              all_systems=[], systems=["FIGO"])  # fmt: skip
    last = manager.get(f"{second}/changes").text
    assert set(reasons(last).values()) == {"definition"}
    assert check_sums(last)["now"]["III期及以上（分母）"] == 0
    only = manager.get(f"{address}/changes?reason=moved").text
    assert set(reasons(only).values()) == {"moved"}
    assert manager.get(f"{address}/changes?reason=other").status_code == 404


def test_who_entered_a_new_row_by_hand_and_decided_on_its_case_is_named(app, world, person, rows):
    manager = person("quality")
    address = closed(manager)
    typed = {
        "hospital_code": "T-JX-A", "name": "钱七", "icd10": "C34.1", "case_type": "new",
        "diagnosis_date": "20260803", "stage_group": "IV",
    }  # fmt: skip
    clerk = person("clinician")
    assert clerk.post("/registry/new", **typed).status_code == 302
    with app.app_context():
        number = numbers_of()[-1]
        case = person_case(world, "A", Identity(name="钱七"), number="MDT-8", icd10="C34.1")
        db.session.commit()
        for verdict, reason in (("linked", "site_coded"), ("unlinked", "other_tumour")):
            decide_match(
                world.viewer("clinician"), number, case.number, MatchVerdict(verdict),
                reason=reason, now=utc_now(),
            )  # fmt: skip
        name = world.viewer("clinician").name
    page = manager.get(f"{address}/changes").text
    assert re.findall(r'data-event="(\w+)">\S+ \S+ (.*?)</div>', page) == [
        ("entered", f"由{name}手工登记"),
        ("linked", f"由{name}人工关联病例"),
        ("revoked", f"由{name}撤销关联判定"),
        ("unlinked", f"由{name}人工解除与病例的关联"),
    ]


def test_changes_cost_the_same_however_many_rows(app, person, rows, read_later):
    manager = person("quality")
    address = closed(manager)
    read_later({**NOBODY, **DAY, "mrn": "10"})
    with count_queries(app) as one:
        manager.get(f"{address}/changes")
    read_later({**NOBODY, **DAY, "mrn": "11"}, {**NOBODY, **DAY, "mrn": "12"})
    with count_queries(app) as three:
        page = manager.get(f"{address}/changes").text
    assert len(three) == len(one)
    assert unescape(page).count('data-change="new"') == 3
