"""Register files: the dry run, the import, and looking after both."""

from mdt.rules.calendar import utc_now
from mdt.services.register_tending import tend_imports
from mdt.services.register_work import check_file, import_file


def check(import_id: int) -> None:
    """Try a file."""
    check_file(import_id, clock=utc_now)


def read_in(import_id: int) -> None:
    """Write a file that was tried into the register."""
    import_file(import_id, clock=utc_now)


def tend() -> None:
    """Ask again for what was lost, and clear away what is over."""
    tend_imports(clock=utc_now)
