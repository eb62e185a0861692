"""Whoever may not see names in a register learns from its form nothing of who is in it."""

import pytest

from tests.integration.registry.test_duplicates import QUEUE, shown
from tests.integration.registry.test_entry import NEW, TYPED, audited


@pytest.mark.parametrize("site", ["C34.1", "C34.9"])
def test_a_row_alike_is_shown_only_to_who_may_see_names(app, person, read_in, register, site):
    read_in({"stage_group": "IIIB"})
    typed = {**TYPED, "icd10": site, "t": "", "n": "", "m": ""}
    doctor = person("clinician").post(NEW, **typed)
    assert (doctor.status_code, "IIIB" in doctor.text) == (409, True)
    assert audited(app, "registry:view")[-1][2] == {"rows": 1}
    before = register("t", "updated_at")
    manager = person("quality")
    answer = manager.post(NEW, **typed)
    assert (answer.status_code, answer.location) == (302, "/registry/2")
    assert register("t", "updated_at")[:1] == before
    assert shown(manager.get(QUEUE).text) in ([(1, 2)], [])


def test_an_unknown_person_gets_the_same_answer(person, read_in):
    read_in({})
    typed = {**TYPED, "t": "", "n": "", "m": "", "laterality": "1"}
    manager = person("quality")
    known = manager.post(NEW, **typed)
    unknown = manager.post(NEW, **{**typed, "name": "李四", "id_number": "", "sex": "1"})
    assert (known.status_code, unknown.status_code) == (302, 302)
