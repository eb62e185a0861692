"""How many bytes of files a hospital's cases hold."""

from sqlalchemy import Select, SQLColumnExpression, case, func, select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Series, Study, Upload
from mdt.models.cases import Case
from mdt.models.inbox import InboxObject, InboxStudy
from mdt.models.slides import Slide
from mdt.queries import scope

_BECAUSE = "a figure of the hospital's own"


def hospital_bytes(hospital_id: int) -> int:
    """What was sent, documents, images and slides, with what is served of them; what is on its way.

    What a case took over from another is stored once, and so it counts.
    """
    return _in_cases(hospital_id) + _in_inbox(hospital_id)


def _in_inbox(hospital_id: int) -> int:
    statement = (
        select(func.coalesce(func.sum(InboxObject.size), 0))
        .join(InboxStudy, InboxStudy.id == InboxObject.study_id)
        .where(InboxStudy.hospital_id == hospital_id)
    )
    return db.session.scalar(scope.unscoped(statement, because=_BECAUSE)) or 0


def _in_cases(hospital_id: int) -> int:
    served = func.coalesce(Instance.served_size, 0)
    images = select(_sum(_own(Study.taken_from_id, Instance.size) + served))
    images = images.select_from(Instance).join(Series, Series.id == Instance.series_id)
    images = images.join(Study, Study.id == Series.study_id).join(Case, Case.id == Instance.case_id)
    documents = select(_sum(_own(Attachment.taken_from_id, Attachment.size)))
    documents = documents.select_from(Attachment).join(Case, Case.id == Attachment.case_id)
    coming = select(_sum(Upload.length)).select_from(Upload)
    coming = coming.join(Case, Case.id == Upload.case_id).where(Upload.sealed_results.is_(None))
    slides = select(_sum(Slide.size + Slide.made_bytes)).select_from(Slide)
    slides = slides.join(Case, Case.id == Slide.case_id)
    return sum(_in_hospital(one, hospital_id) for one in (images, documents, slides, coming))


def _sum(size: SQLColumnExpression[int]) -> SQLColumnExpression[int]:
    return func.coalesce(func.sum(size), 0)


def _own(
    taken_from: SQLColumnExpression[int | None], size: SQLColumnExpression[int]
) -> SQLColumnExpression[int]:
    """The size where the bytes came with this row."""
    return case((taken_from.is_(None), size), else_=0)


def _in_hospital(statement: Select[int], hospital_id: int) -> int:
    of_hospital = statement.where(Case.hospital_id == hospital_id)
    return db.session.scalar(scope.unscoped(of_hospital, because=_BECAUSE)) or 0
