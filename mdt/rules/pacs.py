"""Who may send images over the hospital's network, and how long they wait to be taken."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Protocol, TypeVar

from mdt.rules.errors import Invalid

#: Longest that a study waits in the inbox after its last object came.
INBOX_LIFE = timedelta(days=30)
# PS3.5 table 6.2-1: up to 16 characters of the default repertoire, without backslash.
_TITLE = re.compile(r"[!-\[\]-~](?:[ -\[\]-~]{0,14}[!-\[\]-~])?")


@dataclass(frozen=True)
class PeerDraft:
    """A sender as it stands in the form; ``address`` is an IP address, a network, or empty."""

    hospital_id: int
    ae_title: str
    address: str = ""
    active: bool = True


class Addressed(Protocol):
    """What has the address from which it sends; empty: any."""

    @property
    def address(self) -> str:
        """IP address or network."""
        ...


Peer = TypeVar("Peer", bound=Addressed)


def is_title(text: str) -> bool:
    """Whether this can be the title of a DICOM application entity."""
    return _TITLE.fullmatch(text) is not None


def check_peer(draft: PeerDraft) -> None:
    """Raise `Invalid` for a title or an address that no sender can have."""
    fields = {}
    if not is_title(draft.ae_title):
        fields["ae_title"] = "ae_title_shape"
    if draft.address:
        try:
            ip_network(draft.address)
        except ValueError:
            fields["address"] = "peer_address_shape"
    if fields:
        raise Invalid(fields)


def choose_peer(peers: Iterable[Peer], address: str) -> Peer | None:
    """Which of the peers of one title sends from this address: the most closely named one."""
    sender = _plain(ip_address(address))
    sizes = [(_size(one.address, sender), one) for one in peers]
    fitting = [(size, one) for size, one in sizes if size is not None]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None


def _size(address: str, sender: IPv4Address | IPv6Address) -> int | None:
    """How closely an address names the sender, in bits; nothing where it is another's."""
    if not address:
        return -1
    network = ip_network(address)
    return network.prefixlen if sender in network else None


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address as such, also where a socket of both families met it."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
