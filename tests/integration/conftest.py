"""Who acts in most of these tests, and on what; a file that needs another has its own."""

from datetime import UTC, datetime

import pytest

from mdt.extensions import db
from mdt.models.people import User
from mdt.services.accounts import create_token
from tests.attachment_kit import draft
from tests.desk import plan


@pytest.fixture
def doctor(person):
    """The doctor of county A at the browser."""
    return person("clinician")


@pytest.fixture
def case_id(app, world):
    """A draft of county A."""
    return draft(app, world)


@pytest.fixture
def desk(person):
    """The coordinator of the team at the browser."""
    return person("coordinator")


@pytest.fixture
def conference(desk, world):
    """A conference of the team."""
    return plan(desk, world)


@pytest.fixture
def token(app, world):
    """``token("clinician", "register")`` makes headers with a token of this person and scope."""

    def make(username, *scopes):
        with app.app_context():
            user = db.session.get(User, world.users[username])
            made = create_token(user, scopes, days=1, now=datetime.now(UTC))
        return {"Authorization": f"Bearer {made}"}

    return make
