"""Systems by which tumour types are grouped."""

import pytest

from mdt.rules.body_systems import body_system, by_system
from mdt.rules.content import tumour_types

pytestmark = pytest.mark.unit


def test_only_what_belongs_to_no_system_is_other():
    others = [one.code for one in tumour_types() if body_system(one.code).zh == "其他"]
    assert others == ["unknown_primary", "other_solid"]


def test_types_of_a_system_stand_together_and_others_last():
    codes = sorted((one.code for one in tumour_types()), key=by_system)
    systems = [body_system(code).en for code in codes]
    runs = [one for place, one in enumerate(systems) if place == 0 or systems[place - 1] != one]
    assert len(runs) == len(set(runs))
    assert runs[0] == "Thorax"
    assert runs[-1] == "Other"
