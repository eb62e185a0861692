"""A report over rows that are judged one by one, as the database counts them all at once."""

from mdt.rules.coverage import FIGURES, CoverageRow, Placed, group_code, judge
from mdt.rules.coverage import summarise as sum_up
from mdt.rules.icd10 import site_group

ALWAYS = (
    "numerator", "denominator", "below", "unstaged", "unstaged_with_board", "pending",
    "signed_without_meeting",
)  # fmt: skip


def placed(row: CoverageRow) -> Placed:
    """Where a row stands."""
    return Placed(
        row.hospital_code,
        row.county_code,
        row.city_code,
        row.province_code,
        row.diagnosis_date,
        site_group(row.icd10).group,
    )


def figures(judged):
    """The figures behind which a tumour stands; none for a duplicate."""
    if judged.duplicate:
        return []
    if judged.excluded:
        return [f"excluded:{judged.excluded}"]
    discussed = judged.board_in_time
    if judged.unstaged:
        return ["unstaged", "unstaged_with_board"] if discussed else ["unstaged"]
    if not judged.in_denominator:
        return ["below"]
    alone = judged.signed_without_meeting and not discussed
    return [
        "denominator",
        *(["numerator"] if discussed else []),
        *(["pending"] if judged.pending else []),
        *(["signed_without_meeting"] if alone else []),
    ]


def summarise(rows, *, by, period, definition, on, by2=None, **more):
    """The product's report over these rows."""
    counted = [
        (codes(row, by, by2), _counts(figures(judge(row, definition=definition, on=on))))
        for row in rows
        if row.diagnosis_date in period
    ]
    return sum_up(counted, by=by, by2=by2, period=period, definition=definition, on=on, **more)


def codes(row, *groupings):
    """The codes of the groups in which a row stands."""
    return tuple(group_code(placed(row), by) for by in groupings if by is not None)


def _counts(names):
    return [1 if figure in names else 0 for figure in FIGURES]


def members(rows, *, period, definition, on):
    """The ids of the rows behind each figure, in their order."""
    found = {name: [] for name in ALWAYS}
    for row in rows:
        if row.diagnosis_date in period:
            for name in figures(judge(row, definition=definition, on=on)):
                found.setdefault(name, []).append(row.id)
    return found
