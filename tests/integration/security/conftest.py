"""One stage for all tests that only look, or put everything back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdt.app import create_app
from mdt.extensions import db
from tests.fixtures_app import settings_for
from tests.integration.security.stage import Stage, build_stage


@pytest.fixture(scope="session")
def stage(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two counties with everything a case can have, and one person of each role signed in."""
    instance = tmp_path_factory.mktemp("stage")
    settings = settings_for(instance)
    shutil.copy(migrated_sqlite, instance / "mdt.sqlite3")
    app = create_app(settings)
    yield build_stage(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
