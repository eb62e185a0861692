"""Lesions followed over time: two lengths by one name, current and prior."""

from dataclasses import dataclass
from datetime import datetime

from mdt.adapters.pdf_fonts import missing_characters
from mdt.models.marks import Lesion
from mdt.queries.cases import get_case_alone
from mdt.queries.lesions import LesionFacts, count_lesions, get_lesion
from mdt.queries.marks import check_marks, find_made, get_mark, row_in
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.rules.events import LiveEventKind
from mdt.rules.lesions import MOST_LESIONS, read_name
from mdt.services.live_events import CaseWork, case_work
from mdt.services.marks import check_key, strike_row


@dataclass(frozen=True)
class Pair:
    """What a lesion is called and which marks measure it; ``prior`` is empty without one."""

    name: object
    current: int | None
    prior: int | None = None


def add_lesion(viewer: Viewer, case_id: int, key: str, pair: Pair, *, now: datetime) -> LesionFacts:
    """Keep a lesion; the same key again gives the same one.

    Both marks are lengths in mm that stand and that the viewer sees: `Invalid` for others. Who
    may, and what else is raised: as `mdt.services.marks.add_mark`. Side effects: a row, an audit
    row, in a live room an event.
    """
    check_key(key)
    with case_work(viewer, case_id, AuditAction.LESION_ADD, now=now) as doing:
        _check(viewer, case_id)
        made = find_made(viewer, case_id, Lesion, key)
        if made is not None:
            doing.work.silent = True
            return get_lesion(viewer, case_id, made)
        name, current, prior = _read(viewer, case_id, pair)
        if count_lesions(case_id) >= MOST_LESIONS:
            raise Refused("lesions_too_many", most=MOST_LESIONS)
        row = Lesion(
            case_id=case_id,
            key=key,
            name=name,
            current_mark_id=current,
            prior_mark_id=prior,
            by_user_id=viewer.user_id,
            at=now,
        )
        doing.work.session.add(row)
        doing.work.about(row, case_id=case_id)
        _tell(doing, row, "made")
        return get_lesion(viewer, case_id, row.id)


def edit_lesion(
    viewer: Viewer, case_id: int, number: int, pair: Pair, *, now: datetime
) -> LesionFacts:
    """Call a lesion otherwise or measure it by other marks. As `add_lesion`."""
    with case_work(viewer, case_id, AuditAction.LESION_EDIT, now=now) as doing:
        _check(viewer, case_id)
        if get_lesion(viewer, case_id, number).struck is not None:
            raise Refused("already_struck")
        row = row_in(case_id, Lesion, number)
        row.name, row.current_mark_id, row.prior_mark_id = _read(viewer, case_id, pair)
        doing.work.about(row, case_id=case_id)
        _tell(doing, row, "edited")
        return get_lesion(viewer, case_id, number)


def strike_lesion(
    viewer: Viewer, case_id: int, number: int, reason: str, *, now: datetime
) -> LesionFacts:
    """Take a lesion out of the table. As `mdt.services.marks.strike_mark`."""
    with case_work(viewer, case_id, AuditAction.LESION_STRIKE, now=now) as doing:
        _check(viewer, case_id)
        get_lesion(viewer, case_id, number)
        row = row_in(case_id, Lesion, number)
        strike_row(doing, row, reason)
        doing.work.about(row, case_id=case_id)
        _tell(doing, row, "struck")
        return get_lesion(viewer, case_id, number)


def _check(viewer: Viewer, case_id: int) -> None:
    check_marks(viewer, get_case_alone(viewer, case_id, for_update=True))


def _read(viewer: Viewer, case_id: int, pair: Pair) -> tuple[str, int, int | None]:
    name = read_name(pair.name)
    if missing_characters(name):
        raise Invalid({"name": "missing_glyph"})
    if pair.current is None:
        raise Invalid({"current": "lesion_mark_required"})
    if pair.current == pair.prior:
        raise Invalid({"prior": "lesion_marks_same"})
    for field, number in (("current", pair.current), ("prior", pair.prior)):
        if number is not None and not _is_length(viewer, case_id, number):
            raise Invalid({field: "lesion_mark_required"})
    return name, pair.current, pair.prior


def _is_length(viewer: Viewer, case_id: int, number: int) -> bool:
    try:
        mark = get_mark(viewer, case_id, number)
    except NotFound:
        return False
    return mark.struck is None and "length_mm" in mark.value


def _tell(doing: CaseWork, row: Lesion, change: str) -> None:
    doing.tell(LiveEventKind.MARK, {"lesion": row.id, "change": change})
