"""Coverage, written once more: plainly, slowly, from the published text of its definitions.

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


# What version 1 says; a province's definition comes as a dictionary of the same fields.
_VERSION_1 = {
    "stage_rule": "clinical_first",
    "systems": None,
    "grace_days": None,
    "outside_boards": False,
    "opinions_alone": False,
    "min_disciplines": 0,
    "exclusions": ["recurrence", "in_situ", "not_malignant", "death_certificate", "not_stageable"],
    "early_death_days": 30,
    "pending_days": 30,
    "target": "1/2",
}
_SHIPPED = {
    "strict": _VERSION_1,
    "lenient": {**_VERSION_1, "grace_days": 30, "outside_boards": True},
}


def _reason(row, definition):
    for reason in _reasons_that_hold(row, definition["early_death_days"]):
        if reason in definition["exclusions"]:
            return reason
    return None


def _reasons_that_hold(row, early_death_days):
    letter, number = row.icd10[0], int(row.icd10[1:3])
    in_situ = letter == "D" and number <= 9
    if row.case_type in ("recurrence", "retreatment"):
        yield "recurrence"
    if in_situ:
        yield "in_situ"
    if (letter != "C" or number > 97) and not in_situ:
        yield "not_malignant"
    if row.diagnosis_basis == "0" or row.diagnosis_basis == "8":
        yield "death_certificate"
    if letter == "C" and number in (91, 92, 93, 94, 95, 70, 71, 72):
        yield "not_stageable"
    if row.emergency:
        yield "emergency"
    if row.death_date and _days(row.diagnosis_date, row.death_date) <= early_death_days:
        yield "early_death"


def _three_or_above(row, tables, definition):
    systems = definition["systems"]
    if systems is not None and (row.staging_system or "none") not in systems:
        return "unknown"
    basis = row.stage_basis or "c"
    if basis == "c":
        treated = row.first_treatment_date
        if treated and row.stage_date and row.stage_date > treated:
            return "unknown"
        return tables[row.id]
    if basis == "p" and definition["stage_rule"] == "clinical_first":
        return tables[row.id] if row.first_treatment_type == "surgery" else "unknown"
    return "unknown"


def _board(row, definition):
    days = [
        b.date_of_discussion
        for b in row.boards
        if b.meeting and b.quorum and b.signed and not b.deferred
        if b.disciplines >= definition["min_disciplines"]
    ]
    if definition["outside_boards"] and row.external_mdt_date:
        days.append(row.external_mdt_date)
    if definition["opinions_alone"]:
        days += [b.date_of_discussion for b in row.boards if _is_alone(b)]
    treated, grace = row.first_treatment_date, definition["grace_days"]
    before_treatment = any(treated is None or day <= treated for day in days)
    if grace is None:
        return before_treatment
    last = row.diagnosis_date + timedelta(days=grace)
    return before_treatment or any(day <= last for day in days)


def _is_alone(board):
    return board.signed and not board.meeting and not board.deferred


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
    definition = _SHIPPED[definition] if isinstance(definition, str) else definition
    for row in rows:
        reason = _reason(row, definition)
        if reason:
            excluded[reason] = excluded.get(reason, 0) + 1
            members.setdefault(f"excluded:{reason}", []).append(row.id)
            continue
        answer = _three_or_above(row, tables, definition)
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
                waited = _days(row.diagnosis_date, on)
                if row.first_treatment_date is None and waited <= definition["pending_days"]:
                    members["pending"].append(row.id)
                if any(_is_alone(b) for b in row.boards):
                    members["signed_without_meeting"].append(row.id)
    figures = _rates(
        len(members["numerator"]),
        len(members["denominator"]),
        len(members["unstaged"]) - len(members["unstaged_with_board"]),
        len(members["unstaged_with_board"]),
        Fraction(definition["target"]),
    )
    figures["unstaged"] = len(members["unstaged"])
    figures["pending"] = len(members["pending"])
    figures["signed_without_meeting"] = len(members["signed_without_meeting"])
    figures["excluded"] = excluded
    return {"figures": figures, "members": {key: sorted(ids) for key, ids in members.items()}}


def _days(since: date, until: date) -> int:
    return until.toordinal() - since.toordinal()


def _rates(num, den, unstaged_without, unstaged_with, target):
    figures = {
        "numerator": num,
        "denominator": den,
        "rate": None,
        "ci_low": None,
        "ci_high": None,
        "low": None,
        "high": None,
        "meets_target": num > target * den,
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
