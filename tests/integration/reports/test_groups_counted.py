"""Figures by any one or two groupings are counted the same on either database."""

from itertools import permutations

import pytest

from mdt.queries.coverage import visible_places
from mdt.queries.coverage_figures import Asked, count_figures
from mdt.rules.coverage import FIGURES, STRICT, By, Period
from mdt.services.registry import import_register
from tests.register_files import NOBODY, rows_to_csv
from tests.world import NOW, build_world

DAYS = ("2026-01-31", "2026-02-01", "2026-04-01", "2025-12-31")
ROWS = tuple(
    {
        **NOBODY,
        "mrn": f"{at}-{code}-{icd10}",
        "hospital_code": code,
        "icd10": icd10,
        "diagnosis_date": day,
    }
    for at, day in enumerate(DAYS)
    for code in ("T-JX-A", "T-JX-B", "T-JX-T")
    for icd10 in ("C34.1", "C50.4")
)
PERIOD = Period(NOW.date().replace(year=2025, month=12, day=1), NOW.date())
GROUPINGS = [(by,) for by in By] + list(permutations(By, 2))


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_parts_add_up_to_the_same_whole_however_they_are_cut(request, database):
    app = request.getfixturevalue(database)
    with app.app_context():
        world = build_world()
        import_register(world.viewer("quality"), rows_to_csv(*ROWS), now=NOW)
        asked = Asked(visible_places(world.viewer("quality")), PERIOD, STRICT, NOW.date())
        for groupings in GROUPINGS:
            found = list(count_figures(asked, groupings))
            assert {len(codes) for codes, _ in found} == {len(groupings)}
            whole = [sum(column) for column in zip(*(counts for _, counts in found), strict=True)]
            total = dict(zip(FIGURES, whole, strict=True))
            assert (sum(whole), type(whole[0])) == (len(ROWS), int), groupings
            assert total["denominator"] + total["unstaged"] + total["below"] == len(ROWS)
