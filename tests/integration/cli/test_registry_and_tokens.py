"""Registers and tokens from the command line."""

import re

import pytest

from mdt.extensions import db
from mdt.models.tumours import Tumour
from tests.register_files import NOBODY, WOMAN, rows_to_csv


@pytest.fixture
def run(app, world):
    def invoke(*words):
        return app.test_cli_runner().invoke(args=list(words))

    return invoke


def count(app):
    with app.app_context():
        statement = db.select(db.func.count(Tumour.id)).execution_options(mdt_scoped=True)
        return db.session.scalar(statement)


def test_a_file_that_was_read_ends_with_0_refused_rows_or_not(app, run, tmp_path):
    file = tmp_path / "register.csv"
    file.write_bytes(rows_to_csv({}, {"icd10": "I10"}, {**WOMAN, "hospital_code": "T-JX-B"}))
    answer = run("registry", "import", str(file), "--hospital", "T-JX-A")
    assert answer.exit_code == 0
    first, *problems = answer.output.splitlines()
    assert first == (
        "3 rows: 1 accepted, 0 unchanged, 2 refused; 0 matched with a case, 0 possible duplicates."
    )
    assert [line.partition(":")[0] for line in problems] == [
        "row 3, icd10 'I10'",
        "row 4, hospital_code 'T-JX-B'",
    ]
    assert count(app) == 1
    again = run("registry", "import", str(file), "--hospital", "T-JX-A").output
    assert "0 accepted, 1 unchanged" in again


def test_many_warnings_are_summed_up(run, tmp_path):
    file = tmp_path / "register.csv"
    file.write_bytes(rows_to_csv(*[NOBODY] * 30))
    answer = run("registry", "import", str(file), "--hospital", "T-JX-A")
    assert len(answer.output.splitlines()) == 22
    assert answer.output.endswith("30 warnings in all: identity_missing 30.\n")


def test_a_file_that_cannot_be_read_and_an_unknown_hospital_are_failures(app, run, tmp_path):
    file = tmp_path / "register.csv"
    file.write_text("a,b\n1,2\n")
    unreadable = run("registry", "import", str(file), "--hospital", "T-JX-A")
    assert (unreadable.exit_code, "register_columns_missing" in unreadable.output) == (2, True)
    file.write_bytes(rows_to_csv({}))
    unknown = run("registry", "import", str(file), "--hospital", "NOWHERE")
    assert (unknown.exit_code, "NOWHERE" in unknown.output) == (1, True)
    assert count(app) == 0


def test_a_token_is_printed_alone_and_works(app, run):
    answer = run("tokens", "create", "--user", "quality", "--scope", "reports")
    assert answer.exit_code == 0
    assert re.fullmatch(r"mdt_[\w-]{40,}\n", answer.output)
    headers = {"Authorization": f"Bearer {answer.output.strip()}"}
    assert app.test_client().get("/reports/coverage.json", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        ("--user", "nobody", "--scope", "reports"),
        ("--user", "quality", "--scope", "everything"),
        ("--user", "quality"),
        ("--user", "quality", "--scope", "reports", "--days", "0"),
    ],
)
def test_a_token_is_for_a_person_and_a_known_scope(run, words):
    answer = run("tokens", "create", *words)
    assert (answer.exit_code != 0, "mdt_" in answer.output) == (True, False)
