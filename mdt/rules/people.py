"""People and places: what a hospital, an agreement, a team and an account must look like.

``check_*`` raises ``Invalid`` with a code for each field and returns codes of warnings.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from mdt.rules.access import ADMINISTRATORS, Membership, Role
from mdt.rules.content import (
    HospitalAttribute,
    disciplines,
    hospital_terms,
    titles,
    tumour_types,
)
from mdt.rules.errors import Invalid
from mdt.rules.identity import age_on

#: Fewer disciplines than this are no multidisciplinary board.
FEWEST_DISCIPLINES = 3
#: Years of independent practice before a doctor may give an opinion to another hospital.
OPINION_YEARS = 3

TIERS = frozenset({"county", "tertiary"})
TEAM_ROLES = frozenset({Role.CHAIR, Role.COORDINATOR, Role.EXPERT, Role.OBSERVER, Role.RECORDER})
#: Roles that the security administrator gives; the others come with a seat in a team.
GIVEN_ROLES = (
    Role.CLINICIAN,
    Role.APPROVER,
    Role.OBSERVER,
    Role.QUALITY,
    Role.SYSTEM,
    Role.SECURITY,
    Role.AUDIT,
)

_HOSPITAL_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,39}")
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,59}")
_REGION_CODE = re.compile(r"\d{6}", re.ASCII)
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class HospitalDraft:
    """A hospital as it stands in the form."""

    code: str
    name_zh: str
    region_code: str
    tier: str = "county"
    level: str = "level_2"
    grade: str = "grade_a"
    kind: str = "general"
    name_en: str = ""
    social_credit_code: str = ""
    disciplines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgreementTerm:
    """A cooperation agreement: from and to are both days on which it holds."""

    requesting_hospital_id: int
    consulting_hospital_id: int
    valid_from: date
    valid_to: date
    number: str = ""

    def holds(self, on: date) -> bool:
        """It is in force on this day."""
        return self.valid_from <= on <= self.valid_to


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """A team as it stands in the form."""

    name_zh: str
    tumour_types: tuple[str, ...]
    core_disciplines: tuple[str, ...]
    min_disciplines: int = FEWEST_DISCIPLINES
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class UserDraft:
    """An account as it stands in the form."""

    username: str
    name: str
    title: str = ""
    discipline: str = ""
    licence_number: str = ""
    practice_since: date | None = None
    roles: tuple[str, ...] = ()


def _codes(terms: Iterable[object]) -> frozenset[str]:
    return frozenset(str(getattr(term, "code", "")) for term in terms)


def _raise_for(problems: Iterable[tuple[str, str, bool]]) -> None:
    """Problems are (field, code, whether it is one); the first of a field counts."""
    found: dict[str, str] = {}
    for name, code, wrong in problems:
        if wrong:
            found.setdefault(name, code)
    if found:
        raise Invalid(found)


def social_credit_code_is_valid(text: str) -> bool:
    """The check character of a unified social credit code (GB 32100-2015) is right."""
    code = text.strip().upper()
    if len(code) != 18 or any(character not in _CREDIT_CHARACTERS for character in code):
        return False
    total = sum(
        _CREDIT_CHARACTERS.index(character) * pow(3, place, 31)
        for place, character in enumerate(code[:17])
    )
    return _CREDIT_CHARACTERS[(31 - total % 31) % 31] == code[17]


def check_hospital(draft: HospitalDraft) -> tuple[str, ...]:
    """Warnings about a hospital; raises ``Invalid`` for what cannot stand."""

    def unknown(attribute: HospitalAttribute, code: str) -> bool:
        return code not in _codes(hospital_terms(attribute))

    _raise_for(
        (
            ("code", "required", not draft.code.strip()),
            ("code", "hospital_code_shape", not _HOSPITAL_CODE.fullmatch(draft.code)),
            ("name_zh", "required", not draft.name_zh.strip()),
            ("region_code", "region_code_shape", not _REGION_CODE.fullmatch(draft.region_code)),
            ("tier", "unknown_code", draft.tier not in TIERS),
            ("level", "unknown_code", unknown(HospitalAttribute.LEVEL, draft.level)),
            ("grade", "unknown_code", unknown(HospitalAttribute.GRADE, draft.grade)),
            ("kind", "unknown_code", unknown(HospitalAttribute.TYPE, draft.kind)),
            ("disciplines", "unknown_code", not _codes(disciplines()) >= set(draft.disciplines)),
        )
    )
    warnings = []
    if not draft.social_credit_code:
        warnings.append("social_credit_code_missing")
    elif not social_credit_code_is_valid(draft.social_credit_code):
        warnings.append("social_credit_code_check")
    if draft.tier == "tertiary" and draft.level != "level_3":
        warnings.append("tertiary_without_level_3")
    return tuple(warnings)


def check_agreement(agreement: AgreementTerm) -> None:
    """Raises ``Invalid`` for an agreement that cannot stand."""
    same = agreement.requesting_hospital_id == agreement.consulting_hospital_id
    _raise_for(
        (
            ("number", "required", not agreement.number.strip()),
            ("consulting_hospital_id", "same_hospital", same),
            ("valid_to", "ends_before_start", agreement.valid_to < agreement.valid_from),
        )
    )


def agreement_valid(agreements: Collection[AgreementTerm], on: date) -> bool:
    """One of these agreements (all between the same two hospitals) is in force on a day."""
    return any(agreement.holds(on) for agreement in agreements)


def agreement_between(
    agreements: Collection[AgreementTerm], requesting: int, consulting: int, on: date
) -> bool:
    """A hospital may put cases to another one on a day; to its own teams always."""
    if requesting == consulting:
        return True
    pair = (requesting, consulting)
    return agreement_valid(
        [
            one
            for one in agreements
            if (one.requesting_hospital_id, one.consulting_hospital_id) == pair
        ],
        on,
    )


def check_team(draft: TeamDraft) -> tuple[str, ...]:
    """Warnings about a team; raises ``Invalid`` for what cannot stand.

    The quorum is at least three disciplines and at most the core and one more.
    """
    core = set(draft.core_disciplines)
    most = len(core) + 1
    _raise_for(
        (
            ("name_zh", "required", not draft.name_zh.strip()),
            ("tumour_types", "required", not draft.tumour_types),
            ("tumour_types", "unknown_code", not _codes(tumour_types()) >= set(draft.tumour_types)),
            ("core_disciplines", "required", not core),
            ("core_disciplines", "unknown_code", not _codes(disciplines()) >= core),
            ("min_disciplines", "quorum_too_small", draft.min_disciplines < FEWEST_DISCIPLINES),
            ("min_disciplines", "quorum_too_large", draft.min_disciplines > most),
        )
    )
    below = any(
        draft.min_disciplines < one.min_disciplines
        for one in tumour_types()
        if one.code in draft.tumour_types
    )
    return ("quorum_below_usual",) if below else ()


def roster_gaps(
    core_disciplines: Collection[str], seats: Collection[tuple[str, str | None]]
) -> tuple[str, ...]:
    """What a team's roster lacks: ``chair``, ``coordinator``, and core disciplines by their code.

    Seats are (role, discipline); chair and experts stand for their discipline.
    """
    roles = {role for role, _ in seats}
    filled = {discipline for role, discipline in seats if role in {Role.CHAIR, Role.EXPERT}}
    desk = [role.value for role in (Role.CHAIR, Role.COORDINATOR) if role not in roles]
    return (*desk, *(code for code in core_disciplines if code not in filled))


def may_give_opinion(practice_since: date | None, on: date) -> bool:
    """A doctor has practised independently for the three years that remote opinions ask for."""
    return practice_since is not None and age_on(practice_since, on) >= OPINION_YEARS


def role_conflicts(roles: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of roles that nobody may hold together, each pair in alphabetical order.

    The three administrators exclude one another and every other role.
    """
    held = sorted({Role(role) for role in roles})
    return tuple(
        (one.value, other.value)
        for place, one in enumerate(held)
        for other in held[place + 1 :]
        if one in ADMINISTRATORS or other in ADMINISTRATORS
    )


def check_memberships(memberships: Collection[Membership]) -> None:
    """Raises ``Invalid`` for a role without its place, with one too many, or held twice.

    Quality managers have a hospital or a region; administrators neither; all others a hospital.
    """
    for one in memberships:
        places = (one.hospital_id is not None, one.region_code is not None)
        administrator, quality = one.role in ADMINISTRATORS, one.role is Role.QUALITY
        _raise_for(
            (
                ("role", "unknown_code", one.role not in GIVEN_ROLES),
                ("role", "place_superfluous", administrator and any(places)),
                ("region_code", "quality_place", quality and sum(places) != 1),
                (
                    "hospital_id",
                    "hospital_required",
                    not administrator and not quality and not any(places),
                ),
                (
                    "region_code",
                    "place_superfluous",
                    not administrator and not quality and places[1],
                ),
            )
        )
    if len(set(memberships)) < len(memberships):
        raise Invalid({"role": "role_twice"})


def _practice_problem(draft: UserDraft, today: date) -> bool:
    return draft.practice_since is not None and draft.practice_since > today


def check_user(draft: UserDraft, today: date) -> tuple[str, ...]:
    """Warnings about an account; raises ``Invalid`` for what cannot stand."""
    expert = bool({Role.CHAIR, Role.EXPERT} & set(draft.roles))
    known: Callable[[str], bool] = set(Role).__contains__
    strange = any(not known(role) for role in draft.roles)
    _raise_for(
        (
            ("username", "username_shape", not _USERNAME.fullmatch(draft.username)),
            ("name", "required", not draft.name.strip()),
            ("title", "unknown_code", bool(draft.title) and draft.title not in _codes(titles())),
            (
                "discipline",
                "unknown_code",
                bool(draft.discipline) and draft.discipline not in _codes(disciplines()),
            ),
            ("discipline", "required", expert and not draft.discipline),
            ("practice_since", "date_in_future", _practice_problem(draft, today)),
            ("roles", "unknown_code", strange),
            ("roles", "role_conflict", not strange and bool(role_conflicts(draft.roles))),
        )
    )
    warnings = []
    if expert and not draft.licence_number:
        warnings.append("licence_missing")
    if expert and not may_give_opinion(draft.practice_since, today):
        warnings.append("practice_under_three_years")
    return tuple(warnings)
