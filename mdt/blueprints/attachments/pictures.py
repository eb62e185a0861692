"""Addresses of drawn pictures.

They name how many the series has, and how often some of them were changed: when slices are added,
the same number is another picture, and so another address.
"""

from flask import url_for

from mdt.blueprints.attachments.blueprint import bp
from mdt.queries.attachments import SeriesFacts
from mdt.rules.drawing import PICTURE_SIZES
from mdt.web.own_addresses import own_code


def picture_url(
    series: SeriesFacts, number: int, size: int | None = None, by: str | None = None
) -> str:
    """Where the ``number``-th picture (from 1) of a series is drawn.

    ``by`` makes the address one person's own, so that the browser keeps it longer.
    """
    return url_for(
        "attachments.show_image",
        case_id=series.case_id,
        series_id=series.id,
        number=number,
        size=size,
        v=series.pictures,
        by=by,
    )


@bp.app_template_global()
def thumbnail_url(series: SeriesFacts) -> str | None:
    """The small picture that stands for a series; none for one without pictures."""
    if not series.image_count:
        return None
    return picture_url(series, series.middle, PICTURE_SIZES[0])


def frame_urls(series: SeriesFacts) -> list[str]:
    """Every picture of a series, in the order of paging, for who is asking."""
    by = own_code()
    return [picture_url(series, number, by=by) for number in range(1, series.image_count + 1)]
