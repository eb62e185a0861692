import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from mdt.cli.staging import staging_cli

pytestmark = pytest.mark.unit

VECTORS = Path(__file__).with_name("policy-vectors.csv")
HEADER = "key,t,n,m,factors_json\n"


@pytest.fixture
def run(tmp_path):
    app = Flask(__name__)
    app.cli.add_command(staging_cli)

    def run(content):
        file = tmp_path / "rows.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return app.test_cli_runner().invoke(args=["staging", "derive", str(file)])

    return run


def rows(result):
    assert (result.exit_code, result.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_the_worked_cases_come_back_with_their_answers(run):
    answered = rows(run(VECTORS.read_bytes()))
    assert len(answered) == 61
    for row in answered:
        assert (row["stage"], row["iii_plus"]) == (row["expected_stage"], row["expected_iii_plus"])


def test_columns_are_added_and_others_kept_in_order(run):
    result = run("note,key,t,n,m,factors_json\n一二,colorectal,TX,N1,M0,\n")
    assert result.stdout == (
        "note,key,t,n,m,factors_json,stage,possible,iii_plus\n"
        "一二,colorectal,TX,N1,M0,,undetermined,IIIA;IIIB;IIIC,yes\n"
    )


def test_answers_can_be_derived_again_without_doubling_columns(run):
    first = run(HEADER + "pancreas,T4,NX,M0,{}\n").stdout
    assert run(first).stdout == first


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_encodings_of_a_chinese_spreadsheet(run, encoding):
    content = "备注,key,t,n,m,factors_json\n胰腺,pancreas,T4,NX,M0,\n".encode(encoding)
    assert [(row["备注"], row["stage"]) for row in rows(run(content))] == [("胰腺", "III")]


def test_numbers_and_truth_values_in_factors(run):
    content = (
        HEADER + 'liver_cnlc,,,,"{""ps"": 0, ""child_pugh"": ""A"", ""extrahepatic"": true}"\n'
    )
    assert [row["stage"] for row in rows(run(content))] == ["IIIb"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER + "pancreas,T4,NX,M0,\nnose,T1,N0,M0,\n", "Line 3: unknown staging table 'nose'."),
        ("key,t,n\npancreas,T4,NX\n", "The header lacks: m, factors_json."),
        ("", "The header lacks: key, t, n, m, factors_json."),
        (HEADER + "pancreas,T4,NX,M0,{\n", "Line 2: factors_json is not JSON."),
        (HEADER + "pancreas,T4,NX,M0,[]\n", "Line 2: factors_json is not a JSON object."),
        (HEADER + "pancreas,T4,NX,M0,{},extra\n", "Line 2: more values than columns."),
        (b"\xff\xfe\x00", "The file is neither UTF-8 nor GB18030 text."),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_reason_and_no_rows(run, content, message):
    result = run(content)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: {message}\n"


def test_a_missing_file_is_a_usage_error(tmp_path):
    result = CliRunner().invoke(staging_cli, ["derive", str(tmp_path / "none.csv")])
    assert (result.exit_code, result.stdout) == (2, "")
