"""The live room's doors are all guarded, and the browser knows every kind of event."""

import json
import subprocess
from pathlib import Path

from mdt.extensions import socketio
from mdt.realtime.base import GuardedNamespace
from mdt.rules.access import Permission
from mdt.rules.events import LiveEventKind
from tools.toolchain import node_folder

STATE = Path(__file__).parents[2] / "frontend" / "room" / "state.js"


def test_every_kind_of_event_has_a_handler_in_the_browser():
    folder = node_folder()
    assert folder, "make test-fast finds or installs Node.js"
    script = (
        f"import({json.dumps(STATE.as_uri())})"
        ".then((m) => console.log(JSON.stringify(Object.keys(m.HANDLERS).sort())))"
    )
    answer = subprocess.run(
        [folder / "node", "-e", script], capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == sorted(kind.value for kind in LiveEventKind)


def test_every_socket_door_is_a_guarded_namespace(app):
    server = socketio.server
    assert server.handlers == {}
    assert server.namespace_handlers != {}
    for namespace in server.namespace_handlers.values():
        assert isinstance(namespace, GuardedNamespace), namespace


def test_every_socket_handler_declares_a_permission(app):
    for namespace in socketio.server.namespace_handlers.values():
        own = {n: h for n, h in vars(type(namespace)).items() if n.startswith("on_")}
        assert own != {}
        for name, handler in own.items():
            assert isinstance(handler.mdt_policy, Permission), name
