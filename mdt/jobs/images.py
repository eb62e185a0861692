"""Images: what has no served form, or one that does not hold any more, gets one."""

from mdt.rules.calendar import utc_now
from mdt.services.identity_marks import mark_unjudged
from mdt.services.served_images import prepare_images

#: A minute's worth on a slow machine: other jobs wait meanwhile.
_AT_A_TIME = 256


def prepare() -> None:
    """Make the served form of some images, once it is clear who may see them."""
    mark_unjudged(now=utc_now())
    prepare_images(now=utc_now(), most=_AT_A_TIME)
