"""Storage: what no row names is swept away."""

import logging

from mdt.adapters.storage import StorageUnavailable
from mdt.rules.calendar import utc_now
from mdt.services.stored_blobs import TooMuchToSweep, sweep_blobs

log = logging.getLogger(__name__)


def sweep() -> None:
    """Delete blobs that no row has named for a day; tomorrow again."""
    try:
        swept = sweep_blobs(now=utc_now())
    except TooMuchToSweep as refused:
        log.error(  # noqa: TRY400 -- it says everything
            "%(unnamed)s of %(blobs)s blobs have no row: nothing swept, see `storage sweep`",
            refused.details,
        )
    except StorageUnavailable as error:
        log.warning("the storage was not swept: %s", error)
    else:
        if swept.unnamed or swept.unfinished:
            log.info("swept %s blobs, %s unfinished", swept.unnamed, swept.unfinished)
