"""What a case holds already of files that arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, select

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Series
from mdt.queries import scope


@dataclass(frozen=True)
class KnownContents:
    """What a case holds of files that arrive: to hash of the content and whether it was struck.

    ``images`` by the object's UID, ``documents`` by their hash; ``filed`` gives number and type of
    the documents.
    """

    images: dict[str, tuple[str, bool]]
    documents: dict[str, tuple[str, bool]]
    filed: dict[str, tuple[int, str]]

    def with_more(self, more: "KnownContents") -> "KnownContents":
        """The same with what was found later; what is known already stays as it is."""
        return KnownContents(
            more.images | self.images, more.documents | self.documents, more.filed | self.filed
        )


def known_contents(
    case_id: int, *, sop_uids: Sequence[str], hashes: Sequence[str]
) -> KnownContents:
    """What of these a case holds already; the case was loaded for its viewer just before."""
    images = _known_images(case_id, sop_uids) if sop_uids else {}
    documents = _known_documents(case_id, hashes) if hashes else []
    return KnownContents(
        images,
        {row.sha256: (row.sha256, row.struck_at is not None) for row in documents},
        {row.sha256: (row.id, row.kind) for row in documents},
    )


# Asked several times for each batch of slices: put together once.
_KNOWN_IMAGES = scope.scoped_children(
    select(Instance.sop_uid, Instance.sha256, Series.struck_at)
    .join(Series, Series.id == Instance.series_id)
    .where(
        Instance.case_id == bindparam("case"),
        Instance.sop_uid.in_(bindparam("uids", expanding=True)),
    ),
    of="case",
)


def _known_images(case_id: int, sop_uids: Sequence[str]) -> dict[str, tuple[str, bool]]:
    rows = db.session.execute(_KNOWN_IMAGES, {"case": case_id, "uids": sop_uids})
    return {uid: (sha256, struck_at is not None) for uid, sha256, struck_at in rows}


def _known_documents(
    case_id: int, hashes: Sequence[str]
) -> Sequence[Row[str, datetime | None, int, str]]:
    statement = select(
        Attachment.sha256, Attachment.struck_at, Attachment.id, Attachment.kind
    ).where(Attachment.case_id == case_id, Attachment.sha256.in_(hashes))
    return db.session.execute(scope.scoped_children(statement, of="case")).all()
