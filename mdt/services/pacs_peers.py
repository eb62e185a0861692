"""The system administrator says who may send images, and for which hospital."""

from datetime import datetime

from sqlalchemy import select

from mdt.models.inbox import PacsPeer
from mdt.models.regions import Hospital
from mdt.queries.pacs import get_peer
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid
from mdt.rules.pacs import PeerDraft, check_peer
from mdt.services.unit_of_work import Work, unit_of_work


def save_peer(viewer: Viewer, peer_id: int | None, draft: PeerDraft, *, now: datetime) -> PacsPeer:
    """Add or change a sender. Raises `Invalid`. Side effects: its row, one audit row."""
    check_peer(draft)
    with unit_of_work(viewer, AuditAction.PACS_EDIT, now=now) as work:
        peer = PacsPeer() if peer_id is None else get_peer(peer_id)
        if work.session.get(Hospital, draft.hospital_id) is None:
            raise Invalid({"hospital_id": "hospital_unknown"})
        _refuse_second(work, draft, peer_id)
        peer.hospital_id, peer.ae_title = draft.hospital_id, draft.ae_title
        peer.address, peer.active = draft.address, draft.active
        work.session.add(peer)
        work.about(peer)
    return peer


def _refuse_second(work: Work, draft: PeerDraft, own_id: int | None) -> None:
    same = select(PacsPeer.id).where(
        PacsPeer.ae_title == draft.ae_title,
        PacsPeer.address == draft.address,
        PacsPeer.id != (own_id or 0),
    )
    if work.session.scalar(same) is not None:
        raise Invalid({"ae_title": "peer_twice"})
