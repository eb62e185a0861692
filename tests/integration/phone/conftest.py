"""A phone that nobody is signed in at."""

import pytest

from tests.phone_kit import Phone


@pytest.fixture
def phone(app, case_id):
    return Phone(app, case_id)
