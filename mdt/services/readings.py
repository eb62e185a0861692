"""What readers say of a case: typed, kept, given."""

from datetime import datetime

from mdt.adapters.pdf_fonts import missing_characters
from mdt.models.readings import ReadingOpinion
from mdt.queries.cases import get_case_alone
from mdt.queries.readings import ReadingSeat, find_own_draft, list_given, reading_seat
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Forbidden, Invalid, Refused, Stale
from mdt.rules.plan_fields import clean
from mdt.rules.reading import problem_with_opinion
from mdt.services.unit_of_work import Work, unit_of_work


def keep_reading(
    viewer: Viewer, case_id: int, text: str, *, version: int, now: datetime
) -> ReadingOpinion | None:
    """Keep what a reader is typing; gives the draft, or nothing where there is none to keep.

    ``version`` is the draft's on the page, 0 for none. Raises `NotFound` for a case that the viewer
    may not open, `Forbidden` for who is not asked to read it, `Refused` once the board's opinion is
    signed, `Invalid`, and `Stale` where another window of the same person went on. Side effects:
    the draft; no audit row, as nothing is said to anybody yet.
    """
    with unit_of_work(viewer, AuditAction.READING_WRITE, now=now) as work:
        work.silent = True
        seat = _check_reads(viewer, case_id)
        typed = _checked(text, giving=False)
        draft = find_own_draft(viewer, case_id)
        if (draft.text if draft else "") == typed:
            return draft
        if version != (draft.version if draft else 0):
            raise Stale(current=_standing(viewer, case_id, draft))
        return _write(work, viewer, case_id, seat, draft, typed)


def give_reading(viewer: Viewer, case_id: int, text: str, *, now: datetime) -> ReadingOpinion:
    """Say something of a case to everybody who sees it.

    The same words again give nothing new. Raises as `keep_reading` does. Side effects: the
    opinion, an audit row.
    """
    with unit_of_work(viewer, AuditAction.READING_GIVE, now=now) as work:
        seat = _check_reads(viewer, case_id)
        typed = _checked(text, giving=True).strip()
        draft = find_own_draft(viewer, case_id)
        said = _said(viewer, case_id)
        if said is not None and said.text == typed:
            work.silent = True
            if draft is not None:
                work.session.delete(draft)
            return said
        draft = _write(work, viewer, case_id, seat, draft, typed)
        draft.given_at = now
        work.about(draft, case_id=case_id)
        return draft


def _check_reads(viewer: Viewer, case_id: int) -> ReadingSeat:
    # Two windows of one person may both begin a draft.
    case = get_case_alone(viewer, case_id, for_update=True)
    seat = reading_seat(viewer, case_id)
    if seat is None:
        raise Forbidden
    if case.signed_at is not None:
        raise Refused("reading_over")
    return seat


def _checked(text: str, *, giving: bool) -> str:
    typed = clean(text)
    problem = problem_with_opinion(typed, giving=giving)
    if not problem and giving and missing_characters(typed):
        problem = "missing_glyph"
    if problem:
        raise Invalid({"text": problem})
    return typed


def _write(
    work: Work,
    viewer: Viewer,
    case_id: int,
    seat: ReadingSeat,
    draft: ReadingOpinion | None,
    text: str,
) -> ReadingOpinion:
    if draft is None:
        draft = ReadingOpinion(case_id=case_id, by_user_id=viewer.user_id)
        work.session.add(draft)
    draft.kind, draft.discipline = seat.kind.value, seat.discipline
    draft.text, draft.updated_at = text, work.now
    work.session.flush()
    return draft


def _said(viewer: Viewer, case_id: int) -> ReadingOpinion | None:
    given = list_given(viewer, case_id)
    return next((one for one in given if one.by_user_id == viewer.user_id), None)


def _standing(viewer: Viewer, case_id: int, draft: ReadingOpinion | None) -> dict[str, object]:
    said = draft or _said(viewer, case_id)
    return {
        "version": draft.version if draft else 0,
        "fields": {"text": said.text if said else ""},
    }
