"""Closed periods of coverage: closing and signing, today's figures beside, why they changed."""

from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.reports.blueprint import bp
from mdt.blueprints.reports.forms import CloseForm
from mdt.queries import coverage_freezes as queries
from mdt.queries.coverage_definitions import known_definitions
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.coverage import FIGURES, Period, period_name, read_period
from mdt.rules.coverage.changes import Reason
from mdt.rules.coverage.closing import closable_periods
from mdt.rules.errors import Invalid, NotFound
from mdt.services import coverage_changes, coverage_freezes
from mdt.services.coverage_freezes import FreezeRequest
from mdt.web.guards import requires
from mdt.web.messages import fields_for, sentence
from mdt.web.shown import read_shown, seal_shown
from mdt.web.submit import accepted
from mdt.web.templating import label_of, language
from mdt.web.words.definitions import definition_choices, version_name, version_word
from mdt.web.words.freezes import REASONS, fact_change, figure_word
from mdt.web.words.matches import corrections_in_words, event_in_words
from mdt.web.words.registry import words_for_templates


def _period_word(period: Period) -> str:
    return period_name(period).in_language(language())


def _key(period: Period) -> str:
    return f"{period.first}_{period.last}"


@bp.get("/reports/freezes")
@requires(Permission.REPORT_READ)
def list_freezes(viewer: Viewer) -> str:
    return _list(viewer)


def _list(viewer: Viewer, refused: str = "") -> str:
    found = queries.list_freezes(viewer)
    scopes = queries.scopes_of(found)
    return render_template(
        "reports/freezes.html",
        refused=refused,
        found=[(one, scopes[one.id], _line(one)) for one in found],
        scopes=queries.own_scopes(viewer),
        periods=[(_key(one), _period_word(one)) for one in closable_periods(_today(viewer))],
        definitions=definition_choices(known_definitions(viewer)),
        period_of=lambda one: _period_word(coverage_freezes.period_of(one)),
        **_words(),
    )


def _today(viewer: Viewer) -> Any:
    return local_date(viewer.as_of)


def _line(freeze: Any) -> Any:
    definition = coverage_freezes.definition_of(freeze)
    return coverage_freezes.lines_of(freeze.figures, definition, language())[1]


def _words() -> dict[str, Any]:
    return {
        "label_of": label_of,
        "version_name": version_name,
        "version_word": version_word,
        "figure_word": figure_word,
        "reasons": REASONS,
        "fact_change": fact_change,
        "in_words": corrections_in_words,
        "event_in_words": event_in_words,
        **words_for_templates(),
    }


@bp.route("/reports/freezes/new", methods=["GET", "POST"])
@requires(Permission.REPORT_FREEZE)
def close_period(viewer: Viewer) -> str | Response | tuple[str, int]:
    try:
        asked = _asked()
        coverage_freezes.check_closing(viewer, asked, now=utc_now())
    except Invalid as error:
        return _list(viewer, " ".join(fields_for(error.fields).values())), 422
    form = CloseForm()
    shown = read_shown(form.seen.data or "") if form.is_submitted() else None
    freeze_id = accepted(form, lambda: _close(viewer, asked, form, shown))
    if freeze_id:
        flash(gettext("已关账并签名。以后的更正不会改动它，可随时查看与今天的差别。"), "success")
        return redirect(url_for("reports.show_freeze", freeze_id=freeze_id))
    return _closing_page(viewer, asked, form, shown)


def _close(
    viewer: Viewer, asked: FreezeRequest, form: CloseForm, shown: dict[str, Any] | None
) -> int:
    return coverage_freezes.close_period(
        viewer,
        asked,
        password=form.password.data or "",
        seen=coverage_freezes.fingerprint(shown) if shown else "",
        after_revision=form.after_revision.data or 0,
        reason=form.reason.data or "",
        now=utc_now(),
    )


def _closing_page(
    viewer: Viewer, asked: FreezeRequest, form: CloseForm, shown: dict[str, Any] | None
) -> tuple[str, int]:
    """The figures as they were shown, or anew where they or the revision before are others now."""
    changed = {sentence(code) for code in ("freeze_changed", "freeze_figures")}
    anew = shown is None or changed & set(form.form_errors)
    closing = coverage_freezes.look_before_closing(
        viewer, asked, now=utc_now(), language=language(), shown=None if anew else shown
    )
    if anew:
        form.seen.data = seal_shown(closing.shown)
        revision = closing.before.revision if closing.before else 0
        # What was sent would be written into the page again.
        form.after_revision.data, form.after_revision.raw_data = revision, None
    page = render_template(
        "reports/close_period.html",
        form=form,
        closing=closing,
        period=_period_word(closing.period),
        **_words(),
    )
    return page, 422 if form.errors else 200


def _asked() -> FreezeRequest:
    first, _, last = request.values.get("period", "").partition("_")
    period = read_period({"from": first, "to": last})
    if period is None:
        raise Invalid({"period": "freeze_period"})
    definition = request.values.get("definition") or "strict"
    return FreezeRequest(request.values.get("scope", ""), period, definition)


@bp.get("/reports/freezes/<int:freeze_id>")
@requires(Permission.REPORT_READ)
def show_freeze(viewer: Viewer, freeze_id: int) -> str:
    found = coverage_freezes.show_freeze(viewer, freeze_id, now=utc_now(), language=language())
    period = coverage_freezes.period_of(found.freeze)
    again = {
        "scope": found.scope.key, "period": _key(period),
        "definition": found.freeze.definition_code,
    }  # fmt: skip
    own = {one.key for one in queries.own_scopes(viewer)}
    return render_template(
        "reports/freeze.html",
        found=found,
        period=_period_word(period),
        same=coverage_freezes.same_counts,
        close_again=f"/reports/freezes/new?{urlencode(again)}" if found.scope.key in own else "",
        live=_live_address(found.scope, period, found.freeze),
        **_words(),
    )


def _live_address(scope: queries.FreezeScope, period: Period, freeze: Any) -> str:
    """The report as of today, by the same definition."""
    asked = {"from": period.first, "to": period.last, "definition": freeze.definition_name}
    return f"/reports/coverage?{urlencode(asked)}"


@bp.get("/reports/freezes/<int:freeze_id>/changes")
@requires(Permission.REPORT_READ)
def show_changes(viewer: Viewer, freeze_id: int) -> str:
    reason = request.args.get("reason", "")
    if reason and reason not in set(Reason):
        raise NotFound
    found = coverage_changes.show_changes(
        viewer,
        freeze_id,
        request.args.get("until", type=int),
        reason=reason,
        page=request.args.get("page", 1, type=int),
        now=utc_now(),
    )
    until = {"until": found.until.id} if found.until else {}
    base = f"/reports/freezes/{freeze_id}/changes"

    def address(**more: str) -> str:
        return f"{base}?{urlencode({**until, **more})}"

    used = {*found.old, *found.new, *(name for one in found.sums.values() for name in one)}
    return render_template(
        "reports/freeze_changes.html",
        found=found,
        reason=reason,
        period=_period_word(coverage_freezes.period_of(found.freeze)),
        figures=[name for name in FIGURES if name in used],
        address=address,
        url=address(**({"reason": reason} if reason else {})),
        **_words(),
    )


@bp.get("/reports/freezes/<int:freeze_id>/rows")
@requires(Permission.REPORT_READ)
def list_frozen(viewer: Viewer, freeze_id: int) -> str:
    figure, hospital = request.args.get("figure", ""), request.args.get("hospital", "")
    if figure not in FIGURES:
        raise NotFound
    found = coverage_changes.list_frozen(
        viewer,
        freeze_id,
        figure,
        hospital,
        page=request.args.get("page", 1, type=int),
        now=utc_now(),
    )
    asked = {"figure": figure, **({"hospital": hospital} if hospital else {})}
    return render_template(
        "reports/freeze_rows.html",
        found=found,
        figure=figure,
        period=_period_word(coverage_freezes.period_of(found.freeze)),
        url=f"/reports/freezes/{freeze_id}/rows?{urlencode(asked)}",
        **_words(),
    )
