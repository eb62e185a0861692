"""A draft of county A, and its doctor at the browser."""

import pytest

from tests.attachment_kit import draft


@pytest.fixture
def doctor(person):
    return person("clinician")


@pytest.fixture
def case_id(app, world):
    return draft(app, world)
