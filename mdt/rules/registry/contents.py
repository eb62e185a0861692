"""What the cells of a column say of what it is: beside its heading, or where that says nothing."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from mdt.rules.identity import check_character, normalise_id_number
from mdt.rules.registry.values import CODED, read_code, read_date

#: So many of the cells that say anything must fit.
_MOST = 0.5
_ID_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)
_SHAPES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "icd10": re.compile(r"[A-Z]\d{2}(\.?[\dX].*)?", re.ASCII),
        "morphology": re.compile(r"M?-?\d{4}(/\d)?", re.ASCII),
        "residence_code": re.compile(r"\d{6}(\d{6})?", re.ASCII),
        "t": re.compile(r"[CPYRA]{0,2}T?(IS.*|[X0-4].*)", re.ASCII),
        "n": re.compile(r"[CPYRA]{0,2}N?[X0-3].*", re.ASCII),
        "m": re.compile(r"[CPYRA]{0,2}M?[X01].*", re.ASCII),
    }
)
#: Columns that their cells give away whatever stands above them.
_TELLING = ("id_number", "icd10", "morphology", "sex", "case_type", "hospital_code")


def fits(column: str, cells: Sequence[str], hospital_codes: Collection[str] = ()) -> bool | None:
    """Whether cells may be of a column; ``None`` where they do not say."""
    said = [_plain(cell) for cell in cells if cell.strip()]
    test = _test(column, hospital_codes)
    if not said or test is None:
        return None
    return sum(map(test, said)) >= _MOST * len(said)


def telling_columns(cells: Sequence[str], hospital_codes: Collection[str] = ()) -> list[str]:
    """The columns that these cells can be taken for without any heading."""
    said = [_plain(cell) for cell in cells if cell.strip()]
    if not said:
        return []
    return [
        column
        for column in _TELLING
        # A bare figure may be of any list of codes.
        if not (column in CODED and any(cell.isdigit() for cell in said))
        and not (column == "morphology" and not all("/" in cell for cell in said))
        and not (column == "hospital_code" and not hospital_codes)
        and fits(column, said, hospital_codes)
    ]


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().upper()


def _test(column: str, hospital_codes: Collection[str]) -> Callable[[str], bool] | None:
    if column.endswith("_date"):
        return _is_date
    if column == "id_number":
        return _is_id_number
    if column == "hospital_code":
        known = {code.upper() for code in hospital_codes}
        return known.__contains__ if known else None
    if column in CODED:
        return lambda cell: read_code(column, cell) is not None
    shape = _SHAPES.get(column)
    return None if shape is None else lambda cell: shape.fullmatch(cell) is not None


def _is_date(cell: str) -> bool:
    try:
        return read_date(cell) is not None
    except ValueError:
        return False


def _is_id_number(cell: str) -> bool:
    number = normalise_id_number(cell)
    return _ID_NUMBER.fullmatch(number) is not None and check_character(number[:17]) == number[17]
