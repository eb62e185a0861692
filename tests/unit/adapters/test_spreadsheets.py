import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from mdt.adapters.spreadsheets import (
    Limits,
    TableRow,
    UnreadableSpreadsheet,
    neutralise,
    read_table,
    write_csv,
    write_xlsx,
)

TEXT = '机构代码,姓名\r\nJX01,张三\r\n\r\nJX02,"李,四"\r\n'
ROWS = [
    TableRow(2, {"机构代码": "JX01", "姓名": "张三"}),
    TableRow(4, {"机构代码": "JX02", "姓名": "李,四"}),
]


def workbook(rows, *, hidden_first=False):
    book = Workbook()
    sheet = book.active
    if hidden_first:
        sheet.append(["not this one"])
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("data")
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def code_of(content, limits=None):
    with pytest.raises(UnreadableSpreadsheet) as caught:
        read_table(content, limits or Limits())
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_of_offices(encoding):
    table = read_table(TEXT.encode(encoding))

    assert (table.header, list(table.rows)) == (("机构代码", "姓名"), ROWS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter):
    text = f"a{delimiter}b{delimiter}c\n1{delimiter}2{delimiter}3\n"

    table = read_table(text.encode())

    assert list(table.rows) == [TableRow(2, {"a": "1", "b": "2", "c": "3"})]


def test_rare_characters_survive_gb18030():
    table = read_table("name\n𠮷𬭩\n".encode("gb18030"))

    assert list(table.rows) == [TableRow(2, {"name": "𠮷𬭩"})]


def test_blank_lines_before_the_header_are_skipped_and_counted():
    table = read_table(b"\n,,\na,b,\n1,2,\n")

    assert (table.header, list(table.rows)) == (("a", "b"), [TableRow(4, {"a": "1", "b": "2"})])


def test_short_and_long_rows_are_kept_apart():
    table = read_table(b"a,b\n1\n1,2,3,\n")

    assert list(table.rows) == [
        TableRow(2, {"a": "1"}),
        TableRow(3, {"a": "1", "b": "2"}, surplus=("3",)),
    ]


def test_repeated_heading_keeps_its_first_column():
    table = read_table(b"a,a\n1,2\n")

    assert (table.header, list(table.rows)) == (("a", "a"), [TableRow(2, {"a": "1"})])


def test_line_break_inside_a_cell_is_one_row():
    table = read_table(b'a,b\n"1\n2",3\n4,5\n')

    assert [row.number for row in table.rows] == [2, 3]


def test_xlsx_cells_keep_their_types():
    moment = datetime.fromisoformat("2026-09-01T08:30")
    content = workbook(
        [
            ["text", "number", "day", "moment", "empty"],
            ["369921196203050015", 20260901, date(2026, 9, 1), moment, None],
            [],
            ["x", 1.5, None, None, None],
        ]
    )

    table = read_table(content)

    assert table.header == ("text", "number", "day", "moment", "empty")
    assert list(table.rows) == [
        TableRow(
            2,
            {
                "text": "369921196203050015",
                "number": 20260901.0,
                "day": date(2026, 9, 1),
                "moment": moment,
                "empty": None,
            },
        ),
        TableRow(4, {"text": "x", "number": 1.5, "day": None, "moment": None, "empty": None}),
    ]


def test_first_visible_sheet_is_read():
    content = workbook([["a"], ["1"]], hidden_first=True)

    assert list(read_table(content).rows) == [TableRow(2, {"a": "1"})]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n,,\n  \n", "empty"),
        (workbook([]), "empty"),
        (b"a,b\n\x81", "encoding"),
        (b"%PDF-1.7\n\x00\x01\x02", "not_a_table"),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\xff\xfe\x81\n", "not_a_table"),
        (b"\xff\xd8\xff\xe0\x81", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_table"),
        (b'a,b\n"never closed,1\n', "malformed"),
        (b"PK\x03\x04 no archive", "malformed"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "old_excel"),
    ],
)
def test_unreadable_file_is_named_by_its_own_code(content, code):
    assert code_of(content) == code


def test_archive_without_a_workbook_is_no_table():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert code_of(buffer.getvalue()) == "not_a_table"


def test_workbook_with_broken_parts_is_malformed():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not xml")

    assert code_of(buffer.getvalue()) == "malformed"


@pytest.mark.parametrize("make", [lambda rows: write_csv(rows[0], rows[1:]), workbook])
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=2), None),
        (Limits(rows=1), "too_many_rows"),
        (Limits(columns=3), None),
        (Limits(columns=2), "too_many_columns"),
        (Limits(size=20), "too_large"),
    ],
)
def test_limits_stop_a_file_before_its_first_row(make, limits, code):
    content = make([["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]])

    if code:
        assert code_of(content, limits) == code
    else:
        assert len(list(read_table(content, limits).rows)) == 2


def test_far_corner_of_a_sheet_is_refused_before_memory_is_asked_for_it():
    book = Workbook()
    book.active["A1"] = "a"
    book.active["XFD1048576"] = "far"
    buffer = io.BytesIO()
    book.save(buffer)

    assert code_of(buffer.getvalue()) == "too_many_rows"


def test_archive_that_unpacks_too_far_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 10_000)

    assert code_of(buffer.getvalue(), Limits(unpacked_size=9_999)) == "too_large"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        (-5, -5),
        (-0.5, -0.5),
        ("a=b", "a=b"),
        ("", ""),
        (None, None),
        (date(2026, 9, 1), date(2026, 9, 1)),
    ],
)
def test_formulas_are_neutralised_and_numbers_stay(cell, written):
    assert neutralise(cell) == written


def test_csv_is_written_for_excel():
    content = write_csv(["名称", "=率"], [["江西, 某县", 0.4583], ["=1+1", None]])

    assert content == "\ufeff名称,'=率\r\n\"江西, 某县\",0.4583\r\n'=1+1,\r\n".encode()


def test_xlsx_is_written_without_formulas():
    content = write_xlsx(
        ["name", "value"], [["=1+1", -3], ["a\x00b", date(2026, 9, 1)]], title="覆盖率/2026"
    )

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("覆盖率 2026")
    assert sheet.to_python() == [
        ["name", "value"],
        ["'=1+1", -3.0],
        ["ab", date(2026, 9, 1)],
    ]
    kinds = {cell.data_type for row in load_workbook(io.BytesIO(content)).active for cell in row}
    assert "f" not in kinds


def test_what_is_written_is_read_again():
    rows = [["1", "二"], ["3", "four"]]
    expected = [TableRow(n, dict(zip("ab", row, strict=True))) for n, row in enumerate(rows, 2)]

    assert list(read_table(write_csv("ab", rows)).rows) == expected
    assert list(read_table(write_xlsx("ab", rows, title="a")).rows) == expected
