"""A backup of this installation, and a restored one, both written down in the trail."""

from datetime import datetime
from pathlib import Path

from mdt.adapters import backups, devices
from mdt.extensions import db, sealing
from mdt.rules.audit import AuditAction
from mdt.services.audit_log import record_act


def make_backup(folder: Path, *, now: datetime) -> backups.Manifest:
    """Copy database and storage into an empty folder.

    Raises `BackupError`. Side effects: one audit row, which the copy holds too.
    """
    record_act(None, AuditAction.BACKUP_MAKE, now=now)
    return backups.make_backup(_here(), folder, now=now)


def restore_backup(folder: Path, *, now: datetime) -> backups.Manifest:
    """Put a backup into this installation, which must be empty.

    Raises `BackupError`. Side effects: the database and the storage, one audit row.
    """
    db.session.remove()
    db.engine.dispose()
    manifest = backups.restore_backup(_here(), folder)
    record_act(None, AuditAction.BACKUP_RESTORE, now=now, made_at=manifest.made_at)
    return manifest


def _here() -> backups.Place:
    database_url = devices.settings().database_url
    return backups.Place(database_url, devices.storage(), sealing.keyring.key_id)
