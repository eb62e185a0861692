"""The quality of the registers behind the rates, by hospital: page and CSV."""

from typing import Any
from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import render_template, request

from mdt.blueprints.reports.blueprint import bp
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.coverage import CoverageRequest, Period, period_name, quick_periods, read_request
from mdt.rules.coverage.quality import CHECK_LABELS, UNLIKELY, QualityLine, quality_definitions
from mdt.rules.errors import Invalid
from mdt.services import register_quality
from mdt.web.downloads import CSV, attachment
from mdt.web.guards import requires
from mdt.web.messages import fields_for
from mdt.web.templating import language
from mdt.web.words.registry import QUICK_PERIODS


def _asked(viewer: Viewer) -> Period:
    days = {name: request.args.get(name, "") for name in ("from", "to")}
    return read_request(days, today=local_date(viewer.as_of)).period


@bp.get("/reports/quality")
@requires(Permission.REPORT_READ)
def show_quality(viewer: Viewer) -> str | tuple[str, int]:
    try:
        period = _asked(viewer)
    except Invalid as error:
        return _page(viewer, request.args.to_dict(), errors=fields_for(error.fields)), 422
    found = register_quality.show_quality(viewer, period, now=utc_now(), language=language())
    return _page(
        viewer,
        _days(period),
        found=found,
        period=period,
        title=period_name(period).in_language(language()),
        definitions=quality_definitions(language()),
        cell=lambda key, line: _cell_address(period, key, line),
        check=lambda key, line: _check_address(period, key, line),
        unlikely=UNLIKELY,
        checks=CHECK_LABELS,
    )


def _page(viewer: Viewer, given: dict[str, str], **shown: Any) -> str:
    quick = quick_periods(local_date(viewer.as_of))
    return render_template(
        "reports/quality.html",
        given=given,
        query=urlencode(given),
        quick={code: (one, urlencode(_days(one))) for code, one in quick.items()},
        quick_words=QUICK_PERIODS,
        **shown,
    )


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _cell_address(period: Period, key: str, line: QualityLine) -> str:
    """The list of coverage that stands behind a figure."""
    row = {"row": line.code} if line.code else {}
    arguments = CoverageRequest(period).as_arguments() | {"cell": key} | row
    return f"/reports/coverage/list?{urlencode(arguments)}"


def _check_address(period: Period, key: str, line: QualityLine) -> str:
    """The rows of the register that stand behind a figure."""
    wanted = {"check": key, "hospital": line.code}
    kept = {name: value for name, value in wanted.items() if value}
    return f"/registry?{urlencode(_days(period) | kept)}"


@bp.get("/reports/quality.csv")
@requires(Permission.REPORT_READ, scope="reports")
def quality_csv(viewer: Viewer) -> FlaskResponse:
    period = _asked(viewer)
    content = register_quality.export_quality(viewer, period, now=utc_now(), language=language())
    return attachment(content, CSV, f"quality-{period.first}-{period.last}")
