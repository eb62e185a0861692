"""A draft of county A with two series of a study, taken by its doctor."""

import pytest

from tests.attachment_kit import ct, send


@pytest.fixture
def root(case_id):
    return f"/cases/{case_id}/dicom-web"


@pytest.fixture
def filled(doctor, case_id):
    send(doctor, case_id, *ct(3), *ct(2, series=2, Modality="MR"))
    return case_id
