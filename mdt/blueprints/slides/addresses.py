"""Addresses of slides and of their tiles, and what a viewer is told of a slide.

A tile's address names the slide's revision: drawn anew, it is another address.
"""

from typing import Any

from flask import url_for
from flask_babel import gettext

from mdt.blueprints.slides.blueprint import bp
from mdt.queries.slides import SlideLine
from mdt.rules.slides import OVERLAP, TILE, magnifications, objective_of
from mdt.web.messages import sentence


@bp.app_template_global()
def slide_title(slide: SlideLine) -> str:
    """What the hospital typed, else which slide of the case it is."""
    return slide.described or gettext("切片 %(n)s", n=slide.number)


@bp.app_template_global()
def slide_thumbnail_url(slide: SlideLine) -> str | None:
    """The coarsest tile, which is the whole slide; none before it is drawn."""
    if not slide.shown:
        return None
    return url_for(
        "slides.show_tile",
        case_id=slide.case_id,
        slide_id=slide.id,
        level=0,
        column=0,
        row=0,
        v=slide.revision,
    )


@bp.app_template_global("slide_source")
def source_of(slide: SlideLine) -> dict[str, Any]:
    """A slide for the viewer's pane (``frontend/viewer/slides/pane.js``)."""
    root = url_for("slides.list_case_slides", case_id=slide.case_id).removesuffix(".json")
    facts = slide.facts
    return {
        "id": slide.id,
        "slide": slide.id,
        "address": f"{root}/{slide.id}.json",
        "title": slide_title(slide),
        "stain": slide.stain,
        "block": slide.block,
        "state": slide.state.value,
        "percent": slide.percent,
        "width": facts.width,
        "height": facts.height,
        "mpp": facts.mpp,
        "objective": objective_of(facts),
        "magnifications": magnifications(facts),
        "presets": [{"label": f"{step}×", "magnification": step} for step in magnifications(facts)],
        "tile": TILE,
        "overlap": OVERLAP,
        "top": slide.pyramid.top if facts.width else 0,
        "level": slide.level,
        "tiles": f"{root}/{slide.id}/tiles/{{level}}/{{x}}_{{y}}.jpg?v={slide.revision}",
        "thumbnail": slide_thumbnail_url(slide),
    }


@bp.app_template_global()
def slide_failure(slide: SlideLine) -> str:
    """Why a slide cannot be read, and what to do."""
    return sentence(slide.failure)
