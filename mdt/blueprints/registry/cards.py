from flask import Response, render_template

from mdt.blueprints.registry.blueprint import bp
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.registry.card import CARD_TITLE
from mdt.services.register_card import make_card, print_card
from mdt.web.downloads import PDF, inline
from mdt.web.guards import requires


@bp.get("/registry/<int:tumour_id>/card")
@requires(Permission.REGISTRY_READ)
def show_card(viewer: Viewer, tumour_id: int) -> str:
    card = make_card(viewer, tumour_id, "page", now=utc_now())
    return render_template("registry/card.html", card=card, title=CARD_TITLE)


@bp.get("/registry/<int:tumour_id>/card.pdf")
@requires(Permission.REGISTRY_READ)
def card_file(viewer: Viewer, tumour_id: int) -> Response:
    return inline(print_card(viewer, tumour_id, now=utc_now()), PDF, f"register-card-{tumour_id}")
