"""Deciding which rows of the register are one tumour, and taking that back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import update

from mdt.models.tumours import DuplicateDecision, Tumour
from mdt.queries import duplicates as queries
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.rules.registry.duplicates import (
    DuplicateVerdict,
    PairVerdict,
    counting_rows,
    decide_pairs,
    group_pairs,
)
from mdt.services.board_facts import note_boards
from mdt.services.unit_of_work import Work, unit_of_work

#: What the trail calls rows that nobody has decided on, and those of which some are one tumour.
_OPEN, _MIXED = "open", "mixed"
_LEAST = 2


def decide_duplicates(viewer: Viewer, counting: Mapping[int, int], *, now: datetime) -> int:
    """Decide at once which of some rows are one tumour: which row counts for each, maybe itself.

    Gives the number of the first decision, by which all are taken back. Raises `NotFound` where a
    row is out of sight or there is but one, `Invalid` where a row is to count for one that is not
    kept, `Refused` where these rows are no longer to be decided on together. Side effects: the
    decisions; each dropped row, and all that it counted for, point to the kept row, which is given
    the boards of them all.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_DECIDE, now=now) as work:
        queries.hold_decisions(work.session)
        if len(counting) < _LEAST:
            raise NotFound
        queries.get_rows(viewer, counting)
        if not set(counting.values()) <= set(counting):
            raise Invalid({"keep": "unknown_code"})
        alike = queries.undecided_among(counting)
        if group_pairs(alike) != [tuple(sorted(counting))]:
            raise Refused("duplicate_gone")
        made = [_decision(one, viewer, now) for one in decide_pairs(counting, alike)]
        work.session.add_all(made)
        work.session.flush()
        _point_anew(work, *_merged(made))
        _say(work, made, _OPEN, _verdict(made))
        return made[0].id


def _decision(one: PairVerdict, viewer: Viewer, now: datetime) -> DuplicateDecision:
    return DuplicateDecision(
        lower_id=one.lower, higher_id=one.higher, decision=one.verdict.value, kept_id=one.kept,
        by_user_id=viewer.user_id, at=now,
    )  # fmt: skip


def revoke_decision(viewer: Viewer, decision_id: int, *, now: datetime) -> None:
    """Take a decision back with all that were made with it, as if they had never been made.

    Raises `NotFound` where a row of one is out of sight, `Refused` where that was done already.
    Side effects: who and when are noted; the rows point to what other decisions say of them, and
    each has its own boards again.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_DECIDE, now=now) as work:
        queries.hold_decisions(work.session)
        made = queries.get_decisions(viewer, decision_id)
        if made[0].revoked_at is not None:
            raise Refused("duplicate_revoked")
        roots = {
            row.duplicate_of_id or row.id
            for one in made
            if one.decision == DuplicateVerdict.SAME
            for row in (one.lower, one.higher)
        }
        for one in made:
            one.revoked_by_id, one.revoked_at = viewer.user_id, now
        work.session.flush()
        _point_anew(work, *roots)
        _say(work, made, _verdict(made), _OPEN)


def _merged(made: Iterable[DuplicateDecision]) -> set[int]:
    same = [one for one in made if one.decision == DuplicateVerdict.SAME]
    return {number for one in same for number in (one.lower_id, one.higher_id)}


def _verdict(made: Iterable[DuplicateDecision]) -> str:
    verdicts = {one.decision for one in made}
    return verdicts.pop() if len(verdicts) == 1 else _MIXED


def _point_anew(work: Work, *roots: int) -> None:
    """Let every row that counts through these point to the one that counts, as decisions stand."""
    rows = work.session.scalars(queries.rows_counting_for(*roots)).all()
    counting = counting_rows(queries.standing_mergers(row.id for row in rows))
    for row in rows:
        row.duplicate_of_id = counting.get(row.id)
    note_boards(work, [row.id for row in rows])


def _say(work: Work, made: Sequence[DuplicateDecision], before: str, after: str) -> None:
    rows = sorted({number for one in made for number in (one.lower_id, one.higher_id)})
    kept = sorted({one.kept_id for one in made if one.kept_id is not None})
    work.about(made[0], before=before, after=after, pair=rows, kept=kept)


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
