"""Pictures to fetch ahead of a conference, and how far each seat is."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.attachments import Series, Study
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Invitation
from mdt.models.people import User
from mdt.models.preparations import Preparation
from mdt.queries import scope
from mdt.queries.attachments import pictures_code
from mdt.queries.conferences import get_conference
from mdt.queries.held import is_withheld, shown_to
from mdt.rules.access import Viewer
from mdt.rules.conference import InvitationAnswer, ItemState
from mdt.rules.errors import NotFound
from mdt.rules.preparation import Prepared, SeriesPictures, pictures_of

_AHEAD = (ItemState.WAITING.value, ItemState.DISCUSSING.value)


@dataclass(frozen=True)
class CasePictures:
    """A case of an agenda with the pictures that this viewer sees, in the order of the viewer."""

    case_id: int
    number: str
    position: int
    series: tuple[SeriesPictures, ...]

    @property
    def total(self) -> int:
        """How many pictures there are."""
        return sum(one.count for one in self.series)

    @property
    def pictures(self) -> str:
        """Which they are."""
        return pictures_of(self.series)


@dataclass(frozen=True)
class SeatPrepared:
    """One seat at one case, for the desk and the chair; ``at`` is empty where it said nothing."""

    user: User
    prepared: Prepared
    at: datetime | None


def list_to_prepare(viewer: Viewer, conference_id: int) -> tuple[CasePictures, ...]:
    """Cases of a conference that are still to be discussed, with what there is to fetch."""
    get_conference(viewer, conference_id)
    rows = db.session.execute(
        scope.agenda_items(viewer)
        .where(
            AgendaItem.conference_id == conference_id,
            AgendaItem.position > 0,
            AgendaItem.state.in_(_AHEAD),
        )
        .order_by(AgendaItem.position)
        .with_only_columns(AgendaItem.case_id, Case.number, AgendaItem.position)
    ).all()
    series = _series_of(viewer, [row.case_id for row in rows])
    return tuple(
        CasePictures(row.case_id, row.number, row.position, tuple(series[row.case_id]))
        for row in rows
    )


def get_to_prepare(viewer: Viewer, conference_id: int, case_id: int) -> CasePictures:
    """One of them; `NotFound` for a case that is not, or not for this viewer."""
    for one in list_to_prepare(viewer, conference_id):
        if one.case_id == case_id:
            return one
    raise NotFound


def find_own(viewer: Viewer, case_ids: Collection[int]) -> dict[int, Preparation]:
    """What this person's browser has said of cases that the viewer may open."""
    if not case_ids:
        return {}
    rows = db.session.scalars(
        scope.of_visible_case(viewer, Preparation).where(
            Preparation.case_id.in_(case_ids), Preparation.user_id == viewer.user_id
        )
    )
    return {row.case_id: row for row in rows}


def seats_by_case(
    cases: Collection[Case], items: Mapping[int, int], invitations: Sequence[Invitation]
) -> dict[int, tuple[SeatPrepared, ...]]:
    """How far each invited person is with each case, who has most to fetch first.

    For the desk and the chair of a conference whose cases and invitations were loaded for them;
    ``items`` has the number of each case's agenda item. Cases without pictures are left out.
    """
    numbers = [case.id for case in cases]
    there = _all_series(numbers)
    said = _said(numbers)
    found = {}
    for case in cases:
        shown, everything = there[case.id]
        if everything:
            seats = _seats(case, items[case.id], invitations)
            found[case.id] = tuple(
                _seat(case, user, shown, everything, said.get((case.id, user.id))) for user in seats
            )
    return found


def _seats(case: Case, item_id: int, invitations: Iterable[Invitation]) -> tuple[User, ...]:
    """Everybody who will see the case, each once."""
    users = {
        one.user_id: one.user
        for one in invitations
        if one.item_id in {None, item_id} and one.answer != InvitationAnswer.DECLINED
    }
    return tuple(users.values())


def _seat(
    case: Case,
    user: User,
    shown: Sequence[SeriesPictures],
    everything: Sequence[SeriesPictures],
    said: Preparation | None,
) -> SeatPrepared:
    """Own doctors see what is withheld from others: either list may be all of theirs."""
    lists = {pictures_of(one): one for one in (shown, everything)}
    if said is not None and said.pictures in lists:
        total = sum(one.count for one in lists[said.pictures])
        return SeatPrepared(user, Prepared(min(said.ready, total), total), said.at)
    own = everything if user.hospital_id == case.hospital_id else shown
    total = sum(one.count for one in own)
    ready = min(said.ready, total) if said else 0
    return SeatPrepared(
        user, Prepared(ready, total, outdated=said is not None), said.at if said else None
    )


def _said(case_ids: Collection[int]) -> dict[tuple[int, int], Preparation]:
    rows = db.session.scalars(
        scope.scoped_children(
            select(Preparation).where(Preparation.case_id.in_(case_ids)), of="case"
        )
    )
    return {(row.case_id, row.user_id): row for row in rows}


def _series_of(viewer: Viewer, case_ids: Collection[int]) -> Mapping[int, list[SeriesPictures]]:
    found: dict[int, list[SeriesPictures]] = defaultdict(list)
    if case_ids:
        for row in db.session.execute(
            scope.of_visible_case(viewer, Series)
            .join(Study, Study.id == Series.study_id)
            .where(
                Series.case_id.in_(case_ids),
                Series.struck_at.is_(None),
                Series.image_count > 0,
                shown_to(viewer, Series),
            )
            .order_by(
                Series.case_id,
                Study.study_date.desc().nulls_last(),
                Study.id.desc(),
                Series.number,
                Series.id,
            )
            .with_only_columns(Series.id, Series.case_id, Series.image_count, Series.revision)
        ):
            found[row.case_id].append(_pictures(row.id, row.image_count, row.revision))
    return found


def _all_series(
    case_ids: Collection[int],
) -> dict[int, tuple[list[SeriesPictures], list[SeriesPictures]]]:
    """Of each case the series that everybody sees, and all of them."""
    found: dict[int, tuple[list[SeriesPictures], list[SeriesPictures]]] = {
        number: ([], []) for number in case_ids
    }
    if case_ids:
        for row in db.session.scalars(
            scope.scoped_children(
                select(Series).where(
                    Series.case_id.in_(case_ids),
                    Series.struck_at.is_(None),
                    Series.image_count > 0,
                ),
                of="case",
            )
        ):
            shown, everything = found[row.case_id]
            pictures = _pictures(row.id, row.image_count, row.revision)
            everything.append(pictures)
            if not is_withheld(row):
                shown.append(pictures)
    return found


def _pictures(series_id: int, count: int, revision: int) -> SeriesPictures:
    return SeriesPictures(series_id, count, pictures_code(count, revision))
