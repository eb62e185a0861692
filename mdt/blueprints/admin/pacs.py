from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from mdt.blueprints.admin import choices
from mdt.blueprints.admin.blueprint import bp
from mdt.queries import pacs
from mdt.queries.inbox import count_received
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.pacs import PeerDraft
from mdt.services.pacs_peers import save_peer
from mdt.web.forms import BaseForm
from mdt.web.guards import requires
from mdt.web.submit import accepted


class PeerForm(BaseForm):
    hospital_id = SelectField(_("医院"), validators=[InputRequired()])
    ae_title = StringField(_("AE 标题"), validators=[InputRequired()])
    address = StringField(_("地址"), validators=[Length(max=49, message=_("最多%(max)d个字。"))])
    active = BooleanField(_("启用"), default=True)

    def offer(self) -> None:
        """Fill in the choices."""
        self.hospital_id.choices = choices.with_none(choices.hospitals())

    def draft(self) -> PeerDraft:
        """What was filled in."""
        return PeerDraft(
            int(self.hospital_id.data),
            self.ae_title.data or "",
            self.address.data or "",
            self.active.data,
        )


@bp.get("/pacs")
@requires(Permission.PLACES_MANAGE)
def list_peers(viewer: Viewer) -> str:
    return render_template(
        "admin/pacs.html",
        found=pacs.list_peers(),
        received=count_received(now=viewer.as_of),
        hospitals=dict(choices.hospitals()),
    )


@bp.route("/pacs/new", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def add_peer(viewer: Viewer) -> str | Response | tuple[str, int]:
    return _edit(viewer, PeerForm(), None)


@bp.route("/pacs/<int:peer_id>", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def edit_peer(viewer: Viewer, peer_id: int) -> str | Response | tuple[str, int]:
    peer = pacs.get_peer(peer_id)
    return _edit(viewer, PeerForm(obj=peer), peer)


def _edit(viewer: Viewer, form: PeerForm, peer: Any) -> str | Response | tuple[str, int]:
    form.offer()
    number = peer.id if peer else None
    saved = accepted(form, lambda: save_peer(viewer, number, form.draft(), now=utc_now()))
    if saved:
        flash(gettext("已保存：%(name)s", name=saved.ae_title), "success")
        return redirect(url_for("admin.list_peers"))
    page = render_template("admin/pacs_peer.html", form=form, peer=peer)
    return page, 422 if form.errors else 200
