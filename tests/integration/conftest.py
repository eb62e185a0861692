"""Who acts in most of these tests, and on what; a file that needs another has its own."""

import pytest

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
