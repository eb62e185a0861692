"""Names of the work that is put in the queue; each has one handler in ``mdt.jobs``."""

from enum import StrEnum


class JobName(StrEnum):
    """What a worker can be asked to do."""

    IMAGES_PREPARE = "images:prepare"
    INBOX_CLEAR = "inbox:clear"
    REGISTER_CHECK = "register:check"
    REGISTER_IMPORT = "register:import"
    REGISTER_TEND = "register:tend"
    SLIDES_PREPARE = "slides:prepare"
    STORAGE_SWEEP = "storage:sweep"
    UPLOADS_CLEAR = "uploads:clear"
    UPLOADS_TAKE = "uploads:take"


#: What a worker does as it starts and once a minute.
REGULAR = (
    JobName.REGISTER_TEND,
    JobName.UPLOADS_CLEAR,
    JobName.UPLOADS_TAKE,
    JobName.IMAGES_PREPARE,
    JobName.SLIDES_PREPARE,
)
#: Seconds until it looks once more: nobody who was at work before holds an import for so long.
LOOK_AGAIN = 12
#: What a worker does every night.
NIGHTLY = (JobName.INBOX_CLEAR, JobName.STORAGE_SWEEP)
