"""Access is declared everywhere, and what the enums name is used."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from flask import Flask

from mdt.app import UnguardedView, _check_guards, create_app
from mdt.cli.demo import demo_cli
from mdt.realtime.base import GuardedNamespace, needs
from mdt.realtime.conference_room import ConferenceRoom
from mdt.rules.access import ADMINISTRATORS, ROLE_PERMISSIONS, Permission, Role
from mdt.rules.audit import AuditAction
from mdt.rules.case_state import CaseState
from mdt.web.guards import BY_PHONE, PUBLIC
from mdt.web.templating import role_labels
from mdt.web.words.audit import ACTIONS, DETAILS
from tests.fixtures_app import settings_for

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "mdt").rglob("*.py"))
    if path.name != "audit.py" or path.parent.name not in {"rules", "words"}
)
#: What puts details into the trail.
WRITERS = frozenset({"about", "record_act", "record_refusal", "record_view"})
#: Nothing clinical, and nothing of anybody's patients.
FOR_EVERYBODY = frozenset({Permission.OWN_ACCOUNT, Permission.WORKLIST_READ})
FOR_ADMINISTRATORS = {
    Role.AUDIT: {Permission.AUDIT_READ},
    Role.SECURITY: {Permission.ACCOUNT_MANAGE},
    Role.SYSTEM: {Permission.PEOPLE_MANAGE, Permission.PLACES_MANAGE},
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(settings_for(tmp_path_factory.mktemp("access")))


def test_every_view_declares_its_policy(app):
    policies = {
        endpoint: getattr(view, "mdt_policy", None)
        for endpoint, view in app.view_functions.items()
        if endpoint != "static"
    }
    assert {one for one in policies if policies[one] is None} == set()
    assert set(policies.values()) - {PUBLIC, BY_PHONE} <= set(Permission)


def test_a_bare_view_stops_the_start():
    bare = Flask("bare")
    bare.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(UnguardedView, match="open"):
        _check_guards(bare)


def test_public_doors_are_few_and_known(app):
    public = {
        e for e, view in app.view_functions.items() if getattr(view, "mdt_policy", "") == PUBLIC
    }
    assert public == {
        "accounts.choose_language", "accounts.sign_in", "phone.enter", "phone.open_code",
        "system.healthz", "system.readyz", "verify.ask", "verify.compare", "verify.show",
    }  # fmt: skip


def test_doors_of_a_phone_are_few_and_known(app):
    found = {
        e for e, view in app.view_functions.items() if getattr(view, "mdt_policy", "") == BY_PHONE
    }
    assert found == {
        "phone.append", "phone.ask", "phone.begin", "phone.finish", "phone.state", "phone.take",
        "phone.take_pictures",
    }  # fmt: skip


def test_every_handler_of_the_room_declares_its_permission():
    handlers = {
        name: handler
        for name, handler in inspect.getmembers(ConferenceRoom, inspect.isfunction)
        if name.startswith("on_") and name not in {"on_connect", "on_disconnect"}
    }
    assert len(handlers) > 3
    assert {h.mdt_policy for h in handlers.values()} <= set(Permission)


def test_a_handler_that_declares_none_cannot_be_written():
    good = needs(Permission.CONFERENCE_JOIN)(lambda self, viewer, payload: None)
    type("Good", (GuardedNamespace,), {"on_this": good})
    with pytest.raises(TypeError, match="on_that declares no permission"):
        type("Bad", (GuardedNamespace,), {"on_this": good, "on_that": lambda *_: None})


@pytest.mark.parametrize("action", AuditAction)
def test_every_audit_action_is_written_somewhere(action):
    assert re.search(rf"\bAuditAction\.{action.name}\b", SOURCES)


def test_every_audit_action_has_words():
    assert set(ACTIONS) == set(AuditAction)


def test_every_permission_belongs_to_a_role_and_guards_something():
    given = FOR_EVERYBODY.union(*ROLE_PERMISSIONS.values())
    assert given == set(Permission)
    unused = [p.name for p in Permission if not re.search(rf"\bPermission\.{p.name}\b", SOURCES)]
    assert unused == []


def test_every_role_has_permissions_and_a_name(app):
    assert set(ROLE_PERMISSIONS) == set(Role)
    with app.test_request_context():
        assert set(role_labels()) == set(Role)


def test_administrators_hold_nothing_else():
    assert {role: set(ROLE_PERMISSIONS[role]) for role in ADMINISTRATORS} == FOR_ADMINISTRATORS
    powers = set().union(*FOR_ADMINISTRATORS.values())
    others = set().union(*(ROLE_PERMISSIONS[role] for role in set(Role) - ADMINISTRATORS))
    assert powers & others == set()


def test_every_state_of_a_case_has_a_badge():
    badges = (ROOT / "mdt/templates/components/badges.html").read_text(encoding="utf-8")
    labels, tones = (
        badges.split("macro case_state(state)")[0],
        badges.split("macro case_state(state)")[1],
    )
    for state in CaseState:
        assert re.search(rf"'{state.value}': p?(?:gettext|_)?\(", labels), state
        assert re.search(rf"'{state.value}': '\w+'", tones), state


def test_the_demo_is_a_command_and_not_a_door(app):
    assert demo_cli.name in app.cli.commands
    assert [rule for rule in app.url_map.iter_rules() if "demo" in rule.rule] == []


def test_details_in_the_trail_are_known_and_hold_nothing_clinical():
    """Each key has words for the auditor; a new one is looked at here before it is written."""
    written = {
        keyword.arg
        for path in (ROOT / "mdt").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _called(call) in WRITERS
        for keyword in call.keywords
        if keyword.arg not in {None, "case_id", "now"}
    }
    assert written - set(DETAILS) == set()


def _called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
