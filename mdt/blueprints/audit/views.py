from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.adapters.spreadsheets import write_csv
from mdt.blueprints.audit import lines
from mdt.blueprints.audit.forms import AuditFilterForm
from mdt.queries import audit as trail
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date, local_time, utc_now
from mdt.rules.errors import Refused
from mdt.services import audit_log
from mdt.web.downloads import CSV, attachment
from mdt.web.guards import requires

bp = Blueprint("audit", __name__)
MOST_EXPORTED = 50_000


@bp.get("/audit")
@requires(Permission.AUDIT_READ)
def show_audit(viewer: Viewer) -> str:
    now = utc_now()
    form = AuditFilterForm(request.args)
    form.offer_actions()
    wanted = form.wanted(local_date(now))
    page = max(request.args.get("page", 1, type=int), 1)
    audit_log.close_due_batch(now=now)
    found, total = trail.list_lines(wanted, page)
    audit_log.record_act(viewer, AuditAction.AUDIT_VIEW, now=now, page=page, **_said(wanted))
    return render_template(
        "audit/audit.html",
        form=form,
        found=found,
        words=lines,
        state=trail.trail_state(),
        page=page,
        pages=-(-total // trail.ROWS_PER_PAGE),
        total=total,
        here={field.name: request.args[field.name] for field in form if field.name in request.args},
    )


def _said(wanted: trail.AuditFilter) -> dict[str, str]:
    return {"days": f"{wanted.first} - {wanted.last}", "filter": wanted.action}


@bp.get("/audit/export.csv")
@requires(Permission.AUDIT_READ)
def export(viewer: Viewer) -> Response:
    now = utc_now()
    wanted = AuditFilterForm(request.args).wanted(local_date(now))
    count = trail.count_lines(wanted)
    if count > MOST_EXPORTED:
        raise Refused("audit_too_many", most=MOST_EXPORTED)
    content = write_csv(
        lines.export_header(),
        (
            lines.export_row(line, f"{local_time(line.row.at):%Y-%m-%d %H:%M:%S}")
            for line in trail.all_lines(wanted, MOST_EXPORTED)
        ),
    )
    audit_log.record_act(viewer, AuditAction.AUDIT_EXPORT, now=now, rows=count, **_said(wanted))
    return attachment(content, CSV, f"audit-{wanted.first}-{wanted.last}")


@bp.post("/audit/verify")
@requires(Permission.AUDIT_READ)
def verify(viewer: Viewer) -> Response:
    verdict = audit_log.verify_trail(viewer, now=utc_now())
    if verdict.sound:
        flash(gettext("核验完成：%(n)s 条记录完整，没有被改动。", n=verdict.rows), "success")
    else:
        first, last = verdict.broken_rows or (0, 0)
        flash(
            gettext("核验发现问题：第 %(a)s 至 %(b)s 号记录与封存时不符。", a=first, b=last),
            "danger",
        )
    return redirect(url_for("audit.show_audit"))
