"""A backup of this installation, and a restored one, both written down in the trail."""

from datetime import datetime
from pathlib import Path

from mdt.adapters import backups, devices
from mdt.extensions import db, sealing
from mdt.queries.uploads import list_waiting
from mdt.rules.audit import AuditAction
from mdt.services.audit_log import record_act
from mdt.services.unit_of_work import begin_reading


def make_backup(folder: Path, *, now: datetime) -> backups.Manifest:
    """Copy database, storage and the uploads that wait for the virus scanner into an empty folder.

    Raises `BackupError`. Side effects: one audit row, which the copy holds too.
    """
    record_act(None, AuditAction.BACKUP_MAKE, now=now)
    return backups.make_backup(_here(), folder, lambda: _waiting(now), now=now)


def restore_backup(folder: Path, *, now: datetime) -> backups.Manifest:
    """Put a backup into this installation, which must be empty.

    Raises `BackupError`. Side effects: the database and the storage, one audit row.
    """
    db.session.remove()
    db.engine.dispose()
    manifest = backups.restore_backup(_here(), folder)
    record_act(None, AuditAction.BACKUP_RESTORE, now=now, made_at=manifest.made_at)
    return manifest


def _waiting(now: datetime) -> list[str]:
    begin_reading()
    found = [upload_id for upload_id, _, _ in list_waiting(now=now)]
    # Copying may take hours: no transaction stays open for it.
    begin_reading()
    return found


def _here() -> backups.Place:
    database_url = devices.settings().database_url
    keyring = sealing.keyring
    return backups.Place(database_url, devices.storage(), devices.parts(), keyring.key_id)
