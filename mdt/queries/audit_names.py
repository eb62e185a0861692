"""Names behind the numbers of audit rows: people, hospitals, teams and other places.

Nothing of a case or a patient is read here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.people import User
from mdt.models.regions import Agreement, Alliance, Hospital, Region, Team

Name = tuple[str, str]
"""In Chinese and in English."""
Names = Mapping[tuple[str, str], Name]
"""By kind (a table) and number; hospitals and regions by their code too."""

#: Keys of details whose values are numbers of people.
PEOPLE_KEYS = frozenset({"invited", "observer", "user"})
_BY_CODE = frozenset({"hospital", "county", "city", "province"})


def is_person(row: AuditRow, key: str) -> bool:
    """Whether the value under this key of the row's details is a person's number."""
    return key in PEOPLE_KEYS or (
        key == "withdrawn" and row.object_type == "conference" and row.data[key] is not True
    )


def names_of(rows: Sequence[AuditRow]) -> Names:
    """Every name that lines about these rows need, in one SELECT for each kind that occurs."""
    codes = {str(row.data["row"]) for row in rows if _names_a_place(row)}
    return {
        **_people(_ids(rows, "user_account") | _people_in(rows)),
        **_hospitals(_ids(rows, "hospital") | _own_hospitals(rows), codes),
        **_plain("team", Team, _ids(rows, "team")),
        **_plain("alliance", Alliance, _ids(rows, "alliance")),
        **_agreements(_ids(rows, "agreement")),
        **_regions(codes),
    }


def _names_a_place(row: AuditRow) -> bool:
    return bool(row.data.get("row")) and row.data.get("by") in _BY_CODE


def _ids(rows: Iterable[AuditRow], kind: str) -> set[int]:
    found = (row.object_id for row in rows if row.object_type == kind)
    return {int(number) for number in found if number and number.isdigit()}


def _people_in(rows: Iterable[AuditRow]) -> set[int]:
    found: set[int] = {row.actor_id for row in rows if row.actor_id}
    for row in rows:
        for key, value in row.data.items():
            if is_person(row, key):
                found |= {one for one in (value if isinstance(value, list) else [value]) if one}
    return found


def _own_hospitals(rows: Iterable[AuditRow]) -> set[int]:
    return {row.hospital_id for row in rows if row.hospital_id}


def _people(ids: set[int]) -> dict[tuple[str, str], Name]:
    if not ids:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {("user_account", str(number)): (name, name) for number, name in rows}


def _hospitals(ids: set[int], codes: set[str]) -> dict[tuple[str, str], Name]:
    if not ids | codes:
        return {}
    found: dict[tuple[str, str], Name] = {}
    rows = db.session.execute(
        select(Hospital.id, Hospital.code, Hospital.name_zh, Hospital.name_en).where(
            or_(Hospital.id.in_(ids), Hospital.code.in_(codes))
        )
    )
    for number, code, zh, en in rows:
        found["hospital", str(number)] = found["place", code] = (zh, en or zh)
    return found


def _plain(kind: str, model: Any, ids: set[int]) -> dict[tuple[str, str], Name]:
    if not ids:
        return {}
    rows = db.session.execute(
        select(model.id, model.name_zh, model.name_en).where(model.id.in_(ids))
    )
    return {(kind, str(number)): (zh, en or zh) for number, zh, en in rows}


def _agreements(ids: set[int]) -> dict[tuple[str, str], Name]:
    if not ids:
        return {}
    asking, asked = aliased(Hospital), aliased(Hospital)
    rows = db.session.execute(
        select(Agreement.id, asking.name_zh, asking.name_en, asked.name_zh, asked.name_en)
        .join(asking, asking.id == Agreement.requesting_hospital_id)
        .join(asked, asked.id == Agreement.consulting_hospital_id)
        .where(Agreement.id.in_(ids))
    )
    return {
        ("agreement", str(number)): (f"{zh} → {to_zh}", f"{en or zh} → {to_en or to_zh}")
        for number, zh, en, to_zh, to_en in rows
    }


def _regions(codes: set[str]) -> dict[tuple[str, str], Name]:
    if not codes:
        return {}
    rows = db.session.execute(
        select(Region.code, Region.name_zh, Region.name_en).where(Region.code.in_(codes))
    )
    return {("place", code): (zh, en or zh) for code, zh, en in rows}
