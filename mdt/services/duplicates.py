"""Deciding which rows of the register are one tumour, and taking that back."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update

from mdt.models.tumours import DuplicateDecision, Tumour
from mdt.queries import duplicates as queries
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Refused
from mdt.rules.registry.duplicates import DuplicateVerdict, counting_rows, kept_row
from mdt.services.unit_of_work import Work, unit_of_work

#: What the trail calls a pair that nobody has decided on.
_OPEN = "open"


def decide_duplicate(
    viewer: Viewer, one_id: int, other_id: int, *, kept_id: int | None, now: datetime
) -> int:
    """Decide that two rows are one tumour and ``kept_id`` counts, or (``None``) that they are two.

    Gives the decision's number. Raises `NotFound` where a row is out of sight, `Invalid` where the
    row to keep is none of the two, `Refused` where the pair is no longer to be decided on. Side
    effects: the decision; the other row, and all that it counted for, point to the kept row.
    """
    lower_id, higher_id = sorted((one_id, other_id))
    with unit_of_work(viewer, AuditAction.REGISTRY_DECIDE, now=now) as work:
        queries.hold_decisions(work.session)
        queries.get_pair(viewer, lower_id, higher_id)
        verdict = kept_row(lower_id, higher_id, kept_id)
        if not queries.may_be_duplicates(lower_id, higher_id):
            raise Refused("duplicate_gone")
        decision = DuplicateDecision(
            lower_id=lower_id, higher_id=higher_id, decision=verdict.value, kept_id=kept_id,
            by_user_id=viewer.user_id, at=now,
        )  # fmt: skip
        work.session.add(decision)
        work.session.flush()
        if verdict is DuplicateVerdict.SAME:
            _point_anew(work, lower_id, higher_id)
        _say(work, decision, _OPEN, decision.decision)
        return decision.id


def revoke_decision(viewer: Viewer, decision_id: int, *, now: datetime) -> None:
    """Take a decision back: its rows stand as if it had never been made.

    Raises `NotFound` where a row of it is out of sight, `Refused` where that was done already. Side
    effects: who and when are noted; the rows point to what other decisions say of them.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_DECIDE, now=now) as work:
        queries.hold_decisions(work.session)
        decision = queries.get_decision(viewer, decision_id)
        if decision.revoked_at is not None:
            raise Refused("duplicate_revoked")
        roots = {row.duplicate_of_id or row.id for row in (decision.lower, decision.higher)}
        decision.revoked_by_id, decision.revoked_at = viewer.user_id, now
        work.session.flush()
        if decision.decision == DuplicateVerdict.SAME:
            _point_anew(work, *roots)
        _say(work, decision, decision.decision, _OPEN)


def _point_anew(work: Work, *roots: int) -> None:
    """Let every row that counts through these point to the one that counts, as decisions stand."""
    rows = work.session.scalars(queries.rows_counting_for(*roots)).all()
    counting = counting_rows(queries.standing_mergers(row.id for row in rows))
    for row in rows:
        row.duplicate_of_id = counting.get(row.id)


def _say(work: Work, decision: DuplicateDecision, before: str, after: str) -> None:
    pair = [decision.lower_id, decision.higher_id]
    work.about(decision, before=before, after=after, pair=pair, kept=decision.kept_id)


def note_alike(work: Work, tumours: Iterable[Tumour]) -> None:
    """Note which of these rows, just written, have another like them, in a running unit of work.

    Of two alike the one that was written last is noted, so that no other hospital's row is touched.
    """
    written = {tumour.id: tumour for tumour in tumours}
    alike = queries.find_alike(written)
    for number, tumour in written.items():
        tumour.maybe_duplicate = number in alike


def note_alike_by_number(work: Work, tumour_ids: Iterable[int]) -> None:
    """The same for rows of a person whose identity was changed; what is noted stays noted."""
    alike = queries.find_alike(tumour_ids)
    if alike:
        statement = update(Tumour).where(Tumour.id.in_(alike), Tumour.maybe_duplicate.is_(False))
        work.session.execute(statement.values(maybe_duplicate=True))
