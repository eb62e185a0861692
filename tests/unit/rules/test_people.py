"""Hospitals, agreements, teams and accounts: what stands, what is asked about, what is refused."""

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest

from mdt.rules.access import Membership, Role
from mdt.rules.errors import Invalid
from mdt.rules.people import (
    AgreementTerm,
    HospitalDraft,
    TeamDraft,
    UserDraft,
    agreement_between,
    agreement_valid,
    check_agreement,
    check_hospital,
    check_memberships,
    check_team,
    check_user,
    may_give_opinion,
    role_conflicts,
    roster_gaps,
    social_credit_code_is_valid,
)

pytestmark = pytest.mark.unit

DAY = date(2026, 9, 15)
HOSPITAL = HospitalDraft("JX-C1", "示范县医院", "360726", social_credit_code="12369921MB00000019")
TEAM = TeamDraft("肺癌团队", ("lung_nsclc",), ("medical_oncology", "radiology", "pathology"), 4)
USER = UserDraft(
    "radiologist",
    "示范专家",
    "231",
    "radiology",
    "110360000000001",
    date(2010, 7, 1),
    ("expert",),
)
TERM = AgreementTerm(1, 2, date(2026, 1, 1), date(2026, 12, 31), "JX-2026-001")


def problems(check, *arguments):
    with pytest.raises(Invalid) as caught:
        check(*arguments)
    return caught.value.fields


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("12369921MB00000019", True),
        ("12369921mb00000019", True),
        ("12369921MB00000018", False),
        ("12369921MB0000001I", False),
        ("12369921MB0000001", False),
        ("", False),
    ],
)
def test_social_credit_code(code, expected):
    assert social_credit_code_is_valid(code) is expected


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        ({}, ()),
        ({"social_credit_code": ""}, ("social_credit_code_missing",)),
        ({"social_credit_code": "12369921MB00000018"}, ("social_credit_code_check",)),
        ({"tier": "tertiary"}, ("tertiary_without_level_3",)),
        ({"tier": "tertiary", "level": "level_3"}, ()),
    ],
)
def test_a_hospital_that_stands(changes, warnings):
    assert check_hospital(replace(HOSPITAL, **changes)) == warnings


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"code": ""}, {"code": "required"}),
        ({"code": "JX C1"}, {"code": "hospital_code_shape"}),
        ({"name_zh": " "}, {"name_zh": "required"}),
        ({"region_code": "3607"}, {"region_code": "region_code_shape"}),
        ({"tier": "city", "kind": "zoo"}, {"tier": "unknown_code", "kind": "unknown_code"}),
        ({"disciplines": ("astrology",)}, {"disciplines": "unknown_code"}),
    ],
)
def test_a_hospital_that_does_not(changes, fields):
    assert problems(check_hospital, replace(HOSPITAL, **changes)) == fields


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_an_agreement_holds_on_its_first_and_last_day(on, expected):
    assert agreement_valid([TERM], on) is expected


def test_no_agreement_is_none():
    assert agreement_valid([], DAY) is False


@pytest.mark.parametrize(
    ("requesting", "consulting", "expected"),
    [(1, 2, True), (2, 1, False), (1, 3, False), (3, 3, True)],
)
def test_an_agreement_goes_one_way_and_nobody_needs_one_at_home(requesting, consulting, expected):
    assert agreement_between([TERM], requesting, consulting, DAY) is expected


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"number": ""}, {"number": "required"}),
        ({"valid_to": date(2025, 1, 1)}, {"valid_to": "ends_before_start"}),
        ({"consulting_hospital_id": 1}, {"consulting_hospital_id": "same_hospital"}),
    ],
)
def test_an_agreement_that_does_not_stand(changes, fields):
    assert problems(check_agreement, replace(TERM, **changes)) == fields


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [({}, ()), ({"min_disciplines": 3}, ("quorum_below_usual",))],
)
def test_a_team_that_stands(changes, warnings):
    assert check_team(replace(TEAM, **changes)) == warnings


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name_zh": ""}, {"name_zh": "required"}),
        ({"tumour_types": ()}, {"tumour_types": "required"}),
        ({"tumour_types": ("nose",)}, {"tumour_types": "unknown_code"}),
        (
            {"core_disciplines": ()},
            {"core_disciplines": "required", "min_disciplines": "quorum_too_large"},
        ),
        ({"min_disciplines": 2}, {"min_disciplines": "quorum_too_small"}),
        ({"min_disciplines": 5}, {"min_disciplines": "quorum_too_large"}),
    ],
)
def test_a_team_that_does_not(changes, fields):
    assert problems(check_team, replace(TEAM, **changes)) == fields


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        ({}, ()),
        ({"licence_number": ""}, ("licence_missing",)),
        ({"practice_since": date(2024, 1, 1)}, ("practice_under_three_years",)),
        ({"practice_since": None, "roles": ("clinician",)}, ()),
    ],
)
def test_an_account_that_stands(changes, warnings):
    assert check_user(replace(USER, **changes), DAY) == warnings


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"username": "Dr Li"}, {"username": "username_shape"}),
        ({"username": "ab"}, {"username": "username_shape"}),
        ({"name": ""}, {"name": "required"}),
        ({"title": "999"}, {"title": "unknown_code"}),
        ({"discipline": "astrology"}, {"discipline": "unknown_code"}),
        ({"discipline": ""}, {"discipline": "required"}),
        ({"practice_since": date(2027, 1, 1)}, {"practice_since": "date_in_future"}),
        ({"roles": ("king",)}, {"roles": "unknown_code"}),
        ({"roles": ("expert", "system")}, {"roles": "role_conflict"}),
    ],
)
def test_an_account_that_does_not(changes, fields):
    assert problems(check_user, replace(USER, **changes), DAY) == fields


@pytest.mark.parametrize(
    ("since", "expected"),
    [(date(2023, 9, 15), True), (date(2023, 9, 16), False), (None, False)],
)
def test_three_years_of_practice_before_an_opinion(since, expected):
    assert may_give_opinion(since, DAY) is expected


@pytest.mark.parametrize("pair", list(combinations(sorted(Role), 2)), ids="+".join)
def test_each_pair_of_roles(pair):
    administrators = {"audit", "security", "system"}
    expected = (tuple(pair),) if administrators & set(pair) else ()
    assert role_conflicts(pair) == expected


def test_all_conflicts_of_a_person_are_named():
    assert role_conflicts(["system", "audit", "clinician"]) == (
        ("audit", "clinician"),
        ("audit", "system"),
        ("clinician", "system"),
    )


@pytest.mark.parametrize(
    ("membership", "expected"),
    [
        (Membership(Role.CLINICIAN), {"hospital_id": "hospital_required"}),
        (Membership(Role.CLINICIAN, 1, "360000"), {"region_code": "place_superfluous"}),
        (Membership(Role.QUALITY), {"region_code": "quality_place"}),
        (Membership(Role.QUALITY, 1, "360000"), {"region_code": "quality_place"}),
        (Membership(Role.SYSTEM, 1), {"role": "place_superfluous"}),
        (Membership(Role.CHAIR, 1), {"role": "unknown_code"}),
    ],
)
def test_a_role_has_its_place(membership, expected):
    assert problems(check_memberships, [membership]) == expected


def test_roles_with_their_places_stand_once():
    held = [
        Membership(Role.CLINICIAN, 1), Membership(Role.QUALITY, 1),
        Membership(Role.QUALITY, None, "360000"),
    ]  # fmt: skip
    check_memberships([*held, Membership(Role.AUDIT)])
    assert problems(check_memberships, [*held, held[0]]) == {"role": "role_twice"}


def test_a_roster_is_asked_for_its_desk_and_its_core():
    core = ("radiology", "pathology")
    assert roster_gaps(core, []) == ("chair", "coordinator", "radiology", "pathology")
    seats = [("chair", "pathology"), ("coordinator", None), ("observer", "radiology")]
    assert roster_gaps(core, seats) == ("radiology",)
    assert roster_gaps(core, [*seats, ("expert", "radiology")]) == ()
