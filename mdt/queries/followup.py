"""After the opinion: decisions on it and reports on the patient."""

from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from mdt.extensions import db
from mdt.models.plans import Adoption, FollowUp
from mdt.queries import scope
from mdt.rules.access import Viewer


def list_adoptions(viewer: Viewer, case_id: int) -> Sequence[Adoption]:
    """What the requesting doctors decided on the opinions of a case, oldest first."""
    return db.session.scalars(
        scope.of_visible_case(viewer, Adoption)
        .where(Adoption.case_id == case_id)
        .options(joinedload(Adoption.by))
        .order_by(Adoption.id)
    ).all()


def list_follow_ups(viewer: Viewer, case_id: int) -> Sequence[FollowUp]:
    """The reports on a case, the newest day first."""
    return db.session.scalars(
        scope.of_visible_case(viewer, FollowUp)
        .where(FollowUp.case_id == case_id)
        .options(joinedload(FollowUp.by))
        .order_by(FollowUp.seen_on.desc(), FollowUp.id.desc())
    ).all()
