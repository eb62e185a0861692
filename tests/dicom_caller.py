"""A PACS for tests: opens associations with the listener, and leaves no connection behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification

ECHO = (Verification, "1.2.840.10008.1.2")


@contextmanager
def calling(port: int) -> Iterator[Any]:
    """Give ``call(title, (class, syntax, ...), ...)``, which asks for an association."""
    opened, connections = [], []

    def note(event: Any) -> None:
        connections.append(event.assoc.dul.socket.socket)

    def call(title: str, *contexts: tuple[str, ...], called: str = "MDT") -> Any:
        entity = AE(title)
        for abstract, *syntaxes in contexts or (ECHO,):
            entity.add_requested_context(abstract, syntaxes)
        opened.append(
            entity.associate(
                "127.0.0.1", port, ae_title=called, evt_handlers=[(evt.EVT_CONN_OPEN, note)]
            )
        )
        return opened[-1]

    try:
        yield call
    finally:
        for one in opened:
            if one.is_established:
                one.release()
        # The library leaves those open that the other side has closed.
        for one in connections:
            one.close()
