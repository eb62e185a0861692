"""What is printed of pictures with an opinion: key images and lesions, as when it was sent out.

Which ones, their captions and the numbers are fixed then, and signed with the text. The pixels are
drawn when the file is made, of what is served at that moment: what was blacked out since is black,
and what waits since, or was struck out, is not printed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mdt.adapters import plan_pdf_pictures as pdf
from mdt.models.cases import Case
from mdt.queries.key_images import KeyImageFacts, list_key_images, place_for_all
from mdt.queries.lesions import LesionFacts, Measurement, lesion_table
from mdt.rules.access import Viewer
from mdt.rules.attachments import FileRefused
from mdt.rules.lesions import Sums
from mdt.rules.viewer_state import MOST_PRINTED
from mdt.services.imaging import draw_place
from mdt.services.key_images import drawing_of

#: Longest edge in pixels: half a page's width at some 250 dpi.
_SIZE = 800
Pictures = Mapping[str, Any]


def pictures_now(viewer: Viewer, case_id: int) -> dict[str, Any] | None:
    """What would be printed now of a case that the viewer sees; nothing where there is nothing.

    Only what waits for nobody: everybody who signs sees it, and whoever reads the print may.
    """
    images = list_key_images(viewer, case_id, for_all=True)[:MOST_PRINTED]
    table = lesion_table(viewer, case_id, for_all=True)
    if not images and not table.lesions:
        return None
    return {
        "key_images": [_kept_image(one) for one in images],
        "lesions": [_kept_lesion(one) for one in table.lesions],
        "sums": _kept_sums(table.sums),
    }


def _kept_image(one: KeyImageFacts) -> dict[str, Any]:
    return {
        "id": one.id,
        "series": one.picture.series_id,
        "instance": one.instance_id,
        "frame": one.picture.frame,
        "state": one.state,
        "caption": one.caption,
        "title": " ".join(
            part
            for part in (one.modality, one.study_date.isoformat() if one.study_date else "")
            if part
        ),
    }


def _kept_lesion(one: LesionFacts) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "current": _kept_length(one.current),
        "prior": _kept_length(one.prior) if one.prior else None,
        "change": one.diameters.change,
    }


def _kept_length(one: Measurement) -> dict[str, Any]:
    return {
        "mark": one.mark.id,
        "mm": round(one.length, 1),
        "on": one.on.isoformat() if one.on else "",
    }


def _kept_sums(sums: Sums) -> dict[str, Any]:
    return {
        "count": sums.count,
        "current": sums.current,
        "prior": sums.prior,
        "change": sums.change,
    }


def printed_pictures(case: Case, pictures: Pictures | None) -> pdf.PicturesPart:
    """The pictures of a loaded case's opinion, key images drawn in their windows."""
    if not pictures:
        return pdf.NO_PICTURES
    return pdf.PicturesPart(
        key_images=tuple(
            pdf.KeyImageLine(one["title"], one["caption"], _drawn(case, one))
            for one in pictures["key_images"]
        ),
        lesions=tuple(_lesion_lines(pictures["lesions"])),
        sums=_sums_words(pictures["sums"]),
    )


def _drawn(case: Case, one: Pictures) -> bytes:
    if one["instance"] is None:
        return b""
    place = place_for_all(case, one["instance"], one["frame"])
    if place is None:
        return b""
    try:
        return draw_place(place, drawing_of(one["state"], _SIZE))
    except FileRefused:
        return b""


def _lesion_lines(kept: Sequence[Pictures]) -> Iterable[pdf.LesionLine]:
    for one in kept:
        prior = _length(one["prior"]) if one["prior"] else "未测量"
        change = _change(one["change"])
        yield pdf.LesionLine(one["name"], _length(one["current"]), prior, change)


def _sums_words(sums: Pictures) -> str:
    """The sums of diameters; empty where no lesion was measured twice."""
    if not sums["count"]:
        return ""
    return (
        f"两次均已测量的{sums['count']}个病灶径线之和：既往 {sums['prior']:g} mm，"
        f"本次 {sums['current']:g} mm，变化 {_change(sums['change'])}。"
        "按 RECIST 1.1 计算径线之和；疗效判定还须结合非靶病灶和新病灶。"
    )


def _length(one: Pictures) -> str:
    return f"{one['mm']:g} mm（{one['on']}）" if one["on"] else f"{one['mm']:g} mm"


def _change(percent: float | None) -> str:
    return "—" if percent is None else f"{percent:+.1f}%"
