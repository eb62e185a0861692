"""Objects that come over the network by DICOM's C-STORE: who may send, and how much at a time.

Nothing of an object is parsed here: its bytes are handed on as they came, with a file header in
front. pynetdicom holds each in memory until it is whole and trusts the lengths that a peer states,
so the line counts what arrives and breaks off where it is too much.
"""

import errno
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from mdt.rules.attachments import MEBIBYTE, SIZE_LIMITS, Kind

log = logging.getLogger(__name__)

#: What the archive takes: native, deflated, RLE, JPEG, JPEG-LS, JPEG 2000, HTJ2K; no video.
TRANSFER_SYNTAXES = frozenset(
    f"1.2.840.10008.1.2{end}"
    for end in (
        "", ".1", ".1.99", ".2", ".5", ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.81",
        ".4.90", ".4.91", ".4.201", ".4.202", ".4.203",
    )
)  # fmt: skip
_UNCOMPRESSED = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"]
_PDU_ANNOUNCED = 128 * 1024
# A peer may answer to more contexts than it has objects to send.
_LARGEST_PDU = MEBIBYTE
_PDU_SECONDS = 60.0
_QUIET_SECONDS = 60.0
# (result, source, reason), PS3.8 table 9-21.
_UNKNOWN_SENDER = (0x01, 0x01, 0x03)
_TRY_AGAIN = (0x02, 0x03, 0x01)
_NOT_AUTHORISED = 0x0124


class Answer(IntEnum):
    """What a sender is told of an object (PS3.4 table B.2-1)."""

    STORED = 0x0000
    NO_ROOM = 0xA700
    NOT_AS_ANNOUNCED = 0xA900
    UNREADABLE = 0xC000


@dataclass(frozen=True)
class ReceivedObject:
    """An object as a DICOM file with a preamble of zeros; the UIDs are what its sender calls it."""

    data: bytes = field(repr=False)
    sop_class_uid: str
    sop_uid: str


class Desk(Protocol):
    """Who decides about senders and objects; asked from several threads at once."""

    def admit(self, title: str, address: str) -> Any | None:
        """Who calls by this title from this address; nothing for somebody unknown."""
        ...

    def take(self, sender: Any, received: ReceivedObject) -> Answer:
        """Keep an object of a sender that was admitted; durable where it says ``STORED``."""
        ...


@dataclass(frozen=True)
class Limits:
    """Bytes of one object, of all that arrive at one moment, and how many may send then."""

    object_bytes: int = SIZE_LIMITS[Kind.DICOM]
    all_bytes: int = 2 * SIZE_LIMITS[Kind.DICOM]
    associations: int = 8


class Listener:
    """Answers C-STORE and C-ECHO as ``title`` until it is stopped."""

    def __init__(self, title: str, desk: Desk, limits: Limits | None = None) -> None:
        self._desk = desk
        self._limits = limits or Limits()
        self._senders: WeakKeyDictionary[Association, Any] = WeakKeyDictionary()
        # Settings of the whole process. Objects of any class are taken; nothing of them is logged.
        _config.UNRESTRICTED_STORAGE_SERVICE = True
        _config.LOG_HANDLER_LEVEL = "none"
        self._entity = AE(title)
        self._entity.require_called_aet = True
        self._entity.maximum_associations = self._limits.associations
        self._entity.maximum_pdu_size = _PDU_ANNOUNCED
        self._entity.network_timeout = _QUIET_SECONDS
        self._entity.add_supported_context(Verification, _UNCOMPRESSED)

    def start(self, host: str, port: int) -> int:
        """Begin to listen; give the port, a free one for 0. Raises `OSError`."""
        handlers: list[Any] = [(evt.EVT_REQUESTED, self._admit), (evt.EVT_C_STORE, self._take)]
        server: _Server = self._entity.make_server(  # type: ignore[assignment]
            (host, port), evt_handlers=handlers, server_class=_Server
        )
        server.limits = self._limits
        self._entity._servers.append(server)
        threading.Thread(target=server.serve_forever, name="dicom", daemon=True).start()
        number: int = server.server_address[1]
        return number

    def stop(self) -> None:
        """Break off what is being sent, and listen no more."""
        self._entity.shutdown()

    def _admit(self, event: evt.Event) -> None:
        # An error that left this method would let the peer in.
        association = event.assoc
        try:
            request: Any = association.requestor.primitive
            title = request.calling_ae_title.strip()
            address = association.requestor.address
            sender = self._desk.admit(title, address)
            _offer(request.presentation_context_definition_list)
        except Exception:
            log.exception("a peer could not be looked up")
            _reject(association, _TRY_AGAIN)
            return
        if sender is None:
            log.warning("refused a peer that calls itself %r at %s", title, address)
            _reject(association, _UNKNOWN_SENDER)
            return
        self._senders[association] = sender

    def _take(self, event: evt.Event) -> int:
        sender = self._senders.get(event.assoc)
        if sender is None:
            return _NOT_AUTHORISED
        line: Any = event.assoc.dul.socket
        try:
            request: Any = event.request
            received = ReceivedObject(
                event.encoded_dataset(),
                str(request.AffectedSOPClassUID),
                str(request.AffectedSOPInstanceUID),
            )
            return int(self._desk.take(sender, received))
        except Exception:
            # A sender tries again after this answer, and gives up after others.
            log.exception("an object could not be taken")
            return int(Answer.NO_ROOM)
        finally:
            line.let_go()


def _offer(contexts: Iterable[PresentationContext]) -> None:
    """Leave of what a peer proposes the transfer syntaxes that are taken, in its own order."""
    for one in contexts:
        taken: list[Any] = [syntax for syntax in one.transfer_syntax if syntax in TRANSFER_SYNTAXES]
        if taken:
            one.transfer_syntax = taken
        else:
            # Storage is accepted whatever its syntax; an echo in this one is not.
            one.abstract_syntax = Verification


def _reject(association: Association, reason: tuple[int, int, int]) -> None:
    association.acse.send_reject(*reason)
    association.kill()


class _Line(AssociationSocket):
    """A peer's connection, which says how much of it is in memory."""

    held = 0

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes, fewer at the end; `OSError` for too many or too slow ones."""
        self._make_room(nr_bytes)
        found = bytearray(nr_bytes)
        give_up, count = time.monotonic() + _PDU_SECONDS, 0
        with memoryview(found) as view:
            while count < nr_bytes:
                self.socket.settimeout(max(give_up - time.monotonic(), 0.01))  # type: ignore[union-attr]
                read = self.socket.recv_into(view[count:])  # type: ignore[union-attr]
                if not read:
                    break
                count += read
        self.socket.settimeout(_PDU_SECONDS)  # type: ignore[union-attr]
        return found if count == nr_bytes else found[:count]

    def close(self) -> None:
        """Close it, also where the peer has gone: that alone is left undone else."""
        connection = self.socket
        super().close()
        if connection is not None:
            connection.close()

    def let_go(self) -> None:
        """The object that was arriving is handed on. Who sends more meanwhile has it counted."""
        if self.assoc.dimse.msg_queue.empty():
            self.held = 0

    def _make_room(self, size: int) -> None:
        server: _Server = self.assoc._server  # type: ignore[assignment]
        if size > _LARGEST_PDU:
            raise OSError(errno.EMSGSIZE, "a longer PDU than was agreed")
        if self.held + size > server.limits.object_bytes + _LARGEST_PDU:
            raise OSError(errno.EMSGSIZE, "an object that is too large")
        if server.held() + size > server.limits.all_bytes:
            raise OSError(errno.ENOBUFS, "too much arrives at once")
        self.held += size


class _Door(RequestHandler):
    """A new connection."""

    def handle(self) -> None:
        """Begin an association, or hang up where far too many are open."""
        server: _Server = self.server  # type: ignore[assignment]
        if len(server.active_associations) >= 2 * server.limits.associations:
            self.request.close()
            return
        super().handle()

    def _create_association(self) -> Association:
        association = super()._create_association()
        # The first one has announced the connection already: that must not come twice.
        association.dul.socket.__class__ = _Line
        return association


class _Server(ThreadedAssociationServer):
    """The listening socket."""

    limits = Limits()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options["request_handler"] = _Door
        super().__init__(*arguments, **options)

    def held(self) -> int:
        """Bytes in memory of all objects that are arriving."""
        lines = [one.dul.socket for one in self.active_associations]
        return sum(one.held for one in lines if isinstance(one, _Line))
