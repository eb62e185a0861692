"""A draft of county A, its doctor at the desk, and a phone that nobody is signed in at."""

import pytest

from tests.attachment_kit import draft
from tests.phone_kit import Phone


@pytest.fixture
def doctor(person):
    return person("clinician")


@pytest.fixture
def case_id(app, world):
    return draft(app, world)


@pytest.fixture
def phone(app, case_id):
    return Phone(app, case_id)
