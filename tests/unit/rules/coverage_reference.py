"""Coverage, definition version 1, written once more: plainly, slowly, from the published text.

Shares nothing with ``mdt.rules.coverage`` but the fields of its rows. The stage tables are not
written again: a row brings what its stage says (``tables``), this file decides whether it counts.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction


def reference_report(rows, tables, *, by, first, last, definition, on, by2=None):
    """The figures and members of each row and of the total, as plain dictionaries.

    By two groupings the rows stand under pairs of codes.
    """
    lines = {}
    everything = []
    for row in rows:
        if not first <= row.diagnosis_date <= last:
            continue
        if row.duplicate_of not in (None, row.id):
            continue
        everything.append(row)
        code = _group(row, by)
        lines.setdefault((code, _group(row, by2)) if by2 else code, []).append(row)
    return {
        "rows": {code: _figures(group, tables, definition, on) for code, group in lines.items()},
        "total": _figures(everything, tables, definition, on),
    }


def _group(row, by):
    if by == "hospital":
        return row.hospital_code
    if by == "county":
        for code in (row.county_code, row.city_code, row.province_code):
            if code:
                return code
    if by == "city":
        return row.city_code or row.province_code
    if by == "province":
        return row.province_code
    text = row.diagnosis_date.isoformat()
    if by == "year":
        return text[:4]
    if by == "month":
        return text[:7]
    if by == "quarter":
        quarters = {"01": 1, "02": 1, "03": 1, "04": 2, "05": 2, "06": 2, "07": 3, "08": 3}
        return f"{text[:4]}-Q{quarters.get(text[5:7], 3 if text[5:7] == '09' else 4)}"
    return _SITES[row.icd10[:3]]


# The site groups of the codes that the tests draw.
_SITES = {
    "C16": "stomach",
    "C34": "lung",
    "C71": "cns",
    "C91": "leukaemia_lymphoid",
    "D05": "in_situ",
    "D17": "other",
    "D45": "mpn_mds",
}


def _reason(row):
    if row.case_type in ("recurrence", "retreatment"):
        return "recurrence"
    letter, number = row.icd10[0], int(row.icd10[1:3])
    if letter == "D" and number <= 9:
        return "in_situ"
    if letter != "C" or number > 97:
        return "not_malignant"
    if row.diagnosis_basis == "0" or row.diagnosis_basis == "8":
        return "death_certificate"
    if number in (91, 92, 93, 94, 95, 70, 71, 72):
        return "not_stageable"
    return None


def _three_or_above(row, tables):
    basis = row.stage_basis or "c"
    if basis == "c":
        treated = row.first_treatment_date
        if treated and row.stage_date and row.stage_date > treated:
            return "unknown"
        return tables[row.id]
    if basis == "p" and row.first_treatment_type == "surgery":
        return tables[row.id]
    return "unknown"


def _board(row, definition):
    inside = [
        b.date_of_discussion
        for b in row.boards
        if b.meeting and b.quorum and b.signed and not b.deferred
    ]
    treated = row.first_treatment_date
    strict = any(treated is None or day <= treated for day in inside)
    if definition == "strict":
        return strict
    within_30 = row.diagnosis_date + timedelta(days=30)
    outside = row.external_mdt_date
    return (
        strict
        or any(day <= within_30 for day in inside)
        or (outside is not None and (treated is None or outside <= treated))
        or (outside is not None and outside <= within_30)
    )


def _figures(rows, tables, definition, on):
    members = {
        "numerator": [],
        "denominator": [],
        "below": [],
        "unstaged": [],
        "unstaged_with_board": [],
        "pending": [],
        "signed_without_meeting": [],
    }
    excluded = {}
    for row in rows:
        reason = _reason(row)
        if reason:
            excluded[reason] = excluded.get(reason, 0) + 1
            members.setdefault(f"excluded:{reason}", []).append(row.id)
            continue
        answer = _three_or_above(row, tables)
        board = _board(row, definition)
        if answer == "no":
            members["below"].append(row.id)
        elif answer == "unknown":
            members["unstaged"].append(row.id)
            if board:
                members["unstaged_with_board"].append(row.id)
        else:
            members["denominator"].append(row.id)
            if board:
                members["numerator"].append(row.id)
            else:
                if row.first_treatment_date is None and _days(row.diagnosis_date, on) <= 30:
                    members["pending"].append(row.id)
                if any(b.signed and not b.meeting and not b.deferred for b in row.boards):
                    members["signed_without_meeting"].append(row.id)
    figures = _rates(
        len(members["numerator"]),
        len(members["denominator"]),
        len(members["unstaged"]) - len(members["unstaged_with_board"]),
        len(members["unstaged_with_board"]),
    )
    figures["unstaged"] = len(members["unstaged"])
    figures["pending"] = len(members["pending"])
    figures["signed_without_meeting"] = len(members["signed_without_meeting"])
    figures["excluded"] = excluded
    return {"figures": figures, "members": {key: sorted(ids) for key, ids in members.items()}}


def _days(since: date, until: date) -> int:
    return until.toordinal() - since.toordinal()


def _rates(num, den, unstaged_without, unstaged_with):
    figures = {
        "numerator": num,
        "denominator": den,
        "rate": None,
        "ci_low": None,
        "ci_high": None,
        "low": None,
        "high": None,
        "meets_target": 2 * num > den,
    }
    if den == 0:
        return figures
    figures["rate"] = _four(Fraction(num, den))
    figures["low"] = _four(Fraction(num, den + unstaged_without))
    figures["high"] = _four(Fraction(num + unstaged_with, den + unstaged_with))
    figures["ci_low"], figures["ci_high"] = _wilson(num, den)
    return figures


def _four(value) -> float:
    with localcontext() as context:
        context.prec = 60
        if isinstance(value, Fraction):
            value = Decimal(value.numerator) / Decimal(value.denominator)
        return float(value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN))


def _wilson(num, den):
    """Wilson (1927): the roots of (p - num/den)^2 = z^2 p (1 - p) / den."""
    with localcontext() as context:
        context.prec = 60
        z2 = Decimal("1.959963984540054235524594430520551527955550") ** 2
        n, share = Decimal(den), Decimal(num) / Decimal(den)
        a, b, c = 1 + z2 / n, -(2 * share + z2 / n), share * share
        root = (b * b - 4 * a * c).sqrt()
        low, high = (-b - root) / (2 * a), (-b + root) / (2 * a)
        return _four(abs(low)), _four(high)
