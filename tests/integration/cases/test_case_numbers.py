"""Numbers of cases are unique however many are started at once."""

from concurrent.futures import ThreadPoolExecutor

from mdt.queries.cases import get_case, list_cases, search_cases
from mdt.services.case_starts import NewCase, start_case
from mdt.services.cases import save_case
from tests.case_kit import MAN
from tests.world import NOW, build_world


def start_many(app, world, count):
    def one(place):
        with app.app_context():
            new = NewCase(world.team, "lung_nsclc", f"甲乙{place}", "", id_type="98", sex="1")
            return start_case(world.viewer("clinician"), new, now=NOW).number

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_in_parallel_on_sqlite(app, world):
    numbers = start_many(app, world, 8)
    assert len(set(numbers)) == 8


def test_in_parallel_on_postgresql(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
    numbers = start_many(postgresql_app, world, 8)
    assert len(set(numbers)) == 8
    assert all(number.startswith("MDT2026-") for number in numbers)


def test_writing_and_reading_on_postgresql(postgresql_app):
    """Locks for update, lists of columns and JSON as the other database has them."""
    with postgresql_app.app_context():
        world = build_world()
        viewer = world.viewer("clinician")
        case = start_case(viewer, NewCase(world.team, "lung_nsclc", "张三丰", MAN), now=NOW)
        changes = {"t": "T2b", "n": "N3", "m": "M0", "symptoms": ("cough",), "icd10": "C34.1"}
        save_case(viewer, case.id, changes, version=case.version, now=NOW)
        assert get_case(viewer, case.id).stage_group == "IIIB"
        assert [line.case.id for line in list_cases(viewer).lines] == [case.id]
        assert [line.case.id for line in search_cases(viewer, "张三丰").lines] == [case.id]
