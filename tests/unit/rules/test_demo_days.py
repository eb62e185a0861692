"""Demo cases on days that fit: days move, people do not."""

from datetime import date, timedelta

from mdt.rules.content.demo import demo_cases, demo_prepared_on, demo_variants
from mdt.rules.demo_days import moved, recent_cases, recent_variants
from mdt.rules.identity import IdNumber, check_id_number

TODAY = date(2027, 3, 4)


def test_every_day_moves_but_those_of_the_patient():
    case = {
        "patient": {"birth_date": "1964-03-18"},
        "diagnosis_date": "2026-12-30",
        "sessions": [{"date": "2026-09-22", "text": "10月13日开始，2周后复查"}],
        "ecog": 1,
        "tcm": None,
    }
    assert moved(case, 3) == {
        "patient": {"birth_date": "1964-03-18"},
        "diagnosis_date": "2027-01-02",
        "sessions": [{"date": "2026-09-25", "text": "10月16日开始，2周后复查"}],
        "ecog": 1,
        "tcm": None,
    }


def test_the_cases_are_as_old_as_when_they_were_written():
    later = (TODAY - demo_prepared_on()).days
    for before, after in zip(demo_cases(), recent_cases(TODAY), strict=True):
        wanted = date.fromisoformat(before["diagnosis_date"]) + timedelta(days=later)
        assert after["diagnosis_date"] == wanted.isoformat()
        assert after["patient"] == before["patient"]


def test_variants_are_staged_as_long_ago_as_they_say():
    for row, story in zip(demo_variants(), recent_variants(TODAY), strict=True):
        staged = date.fromisoformat(story["stage_submitted"]["stage_date"])
        assert (TODAY - staged).days == row["staged_days_ago"]
        assert story["patient"] == row["patient"]


def test_no_two_stories_share_a_patient_and_every_number_is_right():
    numbers = [c["patient"]["id_number"] for c in (*demo_cases(), *demo_variants())]
    assert len(set(numbers)) == len(numbers) == 34
    assert {number[:4] for number in numbers} == {"3699", "2299"}
    assert all(isinstance(check_id_number(number, TODAY), IdNumber) for number in numbers)


def test_a_variant_that_takes_the_last_session_has_one():
    base = {case["id"]: case for case in demo_cases()}
    for row, story in zip(demo_variants(), recent_variants(TODAY), strict=True):
        if row.get("take") == "last":
            last = base[row["base"]]["sessions"][-1]
            assert [one["no"] for one in story["sessions"]] == [last["no"]]
