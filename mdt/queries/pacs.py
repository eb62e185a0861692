"""Machines that may send images."""

from collections.abc import Sequence

from sqlalchemy import select

from mdt.extensions import db
from mdt.models.inbox import PacsPeer
from mdt.rules.errors import NotFound
from mdt.rules.pacs import choose_peer


def list_peers() -> Sequence[PacsPeer]:
    """All of them, by hospital."""
    statement = select(PacsPeer).order_by(PacsPeer.hospital_id, PacsPeer.ae_title, PacsPeer.address)
    return db.session.scalars(statement).all()


def get_peer(peer_id: int) -> PacsPeer:
    """One of them; raise `NotFound`."""
    found = db.session.get(PacsPeer, peer_id)
    if found is None:
        raise NotFound
    return found


def find_peer(title: str, address: str) -> PacsPeer | None:
    """The active one that calls itself so and sends from this address."""
    statement = select(PacsPeer).where(PacsPeer.ae_title == title, PacsPeer.active)
    peers = [one for one in db.session.scalars(statement) if one.hospital.active]
    return choose_peer(peers, address)
