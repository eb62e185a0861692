"""Numbers of cases: ``MDT2026-000123``, unique whoever else starts a case at the same moment."""

import uuid
from datetime import datetime

from mdt.rules.calendar import local_date


def provisional_number() -> str:
    """What stands in the row until the database has given its key; never seen by anybody."""
    return uuid.uuid4().hex[:20]


def case_number(case_id: int, started_at: datetime) -> str:
    """The number of the case with this key: gaps are no harm, two alike would be."""
    return f"MDT{local_date(started_at).year}-{case_id:06d}"
