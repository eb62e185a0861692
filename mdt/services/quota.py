"""How much of its share of the storage a hospital has used."""

from dataclasses import dataclass

from mdt.adapters import devices
from mdt.queries.storage_use import hospital_bytes
from mdt.rules.errors import Refused

_NEARLY = 0.9
_GIGABYTE = 10**9


class HospitalFull(Refused):
    """The hospital has no room for more files."""


@dataclass(frozen=True)
class Room:
    """Bytes that a hospital's files take, and how many they may take; 0: any."""

    used: int
    limit: int

    @property
    def nearly_full(self) -> bool:
        """Somebody should see to it."""
        return bool(self.limit) and self.used >= _NEARLY * self.limit

    @property
    def percent(self) -> int:
        """How full it is."""
        return 100 * self.used // self.limit if self.limit else 0


def room_of(hospital_id: int) -> Room:
    """What a hospital has used, as of half a minute ago at most."""
    limit = devices.settings().hospital_bytes
    if not limit:
        return Room(0, 0)
    kept = devices.remembered_use()
    used = kept.get(hospital_id)
    if used is None:
        used = kept.keep(hospital_id, hospital_bytes(hospital_id))
    return Room(used, limit)


def check_room(hospital_id: int, more: int = 0) -> None:
    """Raise `HospitalFull` where ``more`` bytes have no room; they count from now on."""
    room = room_of(hospital_id)
    if room.limit and room.used + max(more, 1) > room.limit:
        raise HospitalFull("hospital_full", limit=room.limit // _GIGABYTE)
    devices.remembered_use().add(hospital_id, more)
