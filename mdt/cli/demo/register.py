"""The invented register: some six hundred tumours of six quarters, a file for each hospital."""

import csv
import io
import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from mdt.cli.demo.demo import DOCTORS, Demo, Story
from mdt.cli.demo.names import RARE_NAMES, invented_name
from mdt.cli.demo.places import HOSPITALS
from mdt.cli.demo.register_sites import SITES, Site
from mdt.rules.demo_drafts import demo_draft
from mdt.rules.identity import check_character
from mdt.rules.registry import COLUMNS
from mdt.rules.staging import derive
from mdt.services.demo_history import date_register_rows
from mdt.services.registry import ImportReport, import_register

Cells = dict[str, str]

_SEED = 20260101
_QUARTERS = 6
_ROWS = {"tertiary": 88, "county": 66}
_NO_STAGE, _RECURRENCE, _UNTREATED, _OUTSIDE_BOARD = 0.08, 0.05, 0.06, 0.05
_PATHOLOGICAL, _EMERGENCY, _DEAD, _LATE_STAGE = 0.35, 0.03, 0.08, 0.02
#: A first treatment begins so many days after the diagnosis.
_WAIT = (5, 45)
#: Days after the diagnosis on which rows came in, one behind the other; some are late.
_ENTERED_AFTER = (6, 12, 9, 21, 15, 8, 27, 11, 18, 5, 24, 14, 41, 10, 20, 7, 16, 29, 13, 58)
#: The same person and tumour at the county and at the tertiary hospital.
_TWICE = (("DEMO-JX-C1", "DEMO-JX-P1"), ("DEMO-JL-C2", "DEMO-JL-P1"))
_SPOILT = (
    {"id_number": "369921197001011230"},
    {"diagnosis_date": "2026-13-05"},
    {"icd10": "C78.0"},
    {"icd10": "I10"},
    {"case_type": "待定"},
)
_SPOILT_IN = "DEMO-JX-C1"
_LABS = ("本院", "区域中心", "省内其他", "省内第三方", "省外")
_REFERRALS = ("未转诊", "未转诊", "未转诊", "市内", "省内", "省内", "省外")
_STORY_SYSTEMS = {"liver_cnlc": "CNLC", "cervix_9": "FIGO", "lung_sclc_valg": "VALG"}


def first_day(today: date) -> date:
    """The first day of the quarter with which the register begins."""
    month = today.year * 12 + (today.month - 1) // 3 * 3 - 3 * (_QUARTERS - 1)
    return date(month // 12, month % 12 + 1, 1)


def import_registers(demo: Demo, stories: Iterable[Story]) -> list[ImportReport]:
    """Send each hospital's file, as its doctor would, yesterday; most rows were there before."""
    chance = random.Random(_SEED)  # noqa: S311 -- invented data
    told = list(stories)
    files = {code: list(_rows(demo, chance, code, tier)) for code, _, _, _, tier, *_ in HOSPITALS}
    _meet_twice(files)
    for name, rows in zip(RARE_NAMES, files.values(), strict=False):
        rows[3]["name"] = name
    for code, rows in files.items():
        rows += [_row_of(story) for story in told if story["requesting_hospital"] == code]
    files[_SPOILT_IN] += [
        {**row, **spoilt} for row, spoilt in zip(files[_SPOILT_IN], _SPOILT, strict=False)
    ]
    now = demo.at(demo.day(1), 17, 40)
    reports = [
        import_register(
            demo.viewer(DOCTORS[code], now),
            _as_file(rows, chinese=code.startswith("DEMO-JX")),
            hospital_code=code,
            now=now,
        )
        for code, rows in files.items()
    ]
    date_register_rows(_ENTERED_AFTER, latest=now, now=now)
    return reports


def _as_file(rows: Iterable[Mapping[str, str]], *, chinese: bool) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS.values() if chinese else COLUMNS)
    writer.writerows([row.get(name, "") for name in COLUMNS] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _rows(demo: Demo, chance: random.Random, code: str, tier: str) -> Iterator[Cells]:
    begin, end = first_day(demo.today), demo.day(2)
    region = next(hospital[3] for hospital in HOSPITALS if hospital[0] == code)
    for number in range(_ROWS[tier]):
        site = chance.choices(SITES, [one.weight for one in SITES])[0]
        day = begin + timedelta(days=chance.randint(0, (end - begin).days))
        person = _person(chance, site, region, number, day)
        yield {"hospital_code": code, **person, **_tumour(chance, site, day, demo.day(2))}


def _person(chance: random.Random, site: Site, region: str, number: int, day: date) -> Cells:
    sex = "1" if chance.random() < site.men else "2"
    year = day.year - chance.randint(*site.ages)
    born = date(year, 1, 1) + timedelta(days=chance.randint(0, 360))
    # Odd numbers are men's; those of the told cases lie below 300.
    first = f"{region}{born:%Y%m%d}{300 + 2 * number + (sex == '1'):03d}"
    return {
        "name": invented_name(chance, sex, year),
        "id_type": "居民身份证",
        "id_number": first + check_character(first),
        "sex": "男" if sex == "1" else "女",
        "birth_date": born.isoformat(),
        "residence_code": region,
        "mrn": f"DEMO{region[-2:]}{number:05d}",
    }


def _tumour(chance: random.Random, site: Site, day: date, until: date) -> Cells:
    late = chance.random() < site.advanced
    waits = day + timedelta(days=chance.randint(*_WAIT))
    treated = waits if waits <= until and chance.random() > _UNTREATED else None
    treatment = chance.choice(site.treatments[late]) if treated else ""
    cells = {
        "icd10": chance.choice(site.codes),
        "morphology": site.morphology,
        "laterality": chance.choice(site.sides) if site.sides else "",
        "case_type": _case_type(chance),
        "diagnosis_date": day.isoformat(),
        "diagnosis_basis": site.basis,
        "first_treatment_date": treated.isoformat() if treated else "",
        "first_treatment_type": treatment,
        "emergency": "是" if chance.random() < _EMERGENCY else "否",
        "pathology_date": day.isoformat() if site.basis == "7" else "",
        "referral": chance.choice(_REFERRALS),
    }
    cells |= _gene_test(chance, site)
    cells |= _stage(chance, site, day, treated, late=late, treatment=treatment)
    cells["stage_date"] = min(cells.get("stage_date", ""), until.isoformat())
    return cells | _later(chance, day, treated, until, late=late)


def _case_type(chance: random.Random) -> str:
    if chance.random() < _RECURRENCE:
        return chance.choice(("复发", "复发", "复治"))
    return "初诊"


def _gene_test(chance: random.Random, site: Site) -> Cells:
    if not site.gene_test:
        return {}
    if chance.random() > site.gene_test:
        return {"gene_test": "否"}
    return {"gene_test": "是", "gene_lab": chance.choices(_LABS, (2, 3, 3, 4, 1))[0]}


def _stage(
    chance: random.Random,
    site: Site,
    day: date,
    treated: date | None,
    *,
    late: bool,
    treatment: str,
) -> Cells:
    if not site.system or chance.random() < _NO_STAGE:
        return {}
    cells = {"staging_system": site.system, "staging_edition": site.edition, "stage_basis": "c"}
    staged = day + timedelta(days=chance.randint(0, 4))
    if treated and treatment == "surgery" and not late and chance.random() < _PATHOLOGICAL:
        cells["stage_basis"], staged = "p", treated + timedelta(days=8)
    elif treated and chance.random() < _LATE_STAGE:
        staged = treated + timedelta(days=3)
    cells["stage_date"] = staged.isoformat()
    if site.table:
        t, n, m = chance.choice(site.late if late and site.late else site.early)
        age_group = {"age_group": "<55"} if site.table.startswith("thyroid") else {}
        group = derive(site.table, t, n, m, age_group).stage
        return cells | {"t": t, "n": n, "m": m, "stage_group": group}
    return cells | {"stage_group": chance.choice(site.groups[late])}


def _later(
    chance: random.Random, day: date, treated: date | None, until: date, *, late: bool
) -> Cells:
    """A board outside the system, a death."""
    cells: Cells = {}
    if late and chance.random() < _OUTSIDE_BOARD:
        meets = min(treated or until, day + timedelta(days=6))
        cells["external_mdt_date"] = meets.isoformat()
    died = day + timedelta(days=chance.randint(60, 400))
    if late and died <= until and chance.random() < _DEAD:
        cells["death_date"] = died.isoformat()
    return cells


def _meet_twice(files: Mapping[str, list[Cells]]) -> None:
    """Two people go on to the tertiary hospital, which registers the same tumour again."""
    for here, there in _TWICE:
        first = next(row for row in files[here] if row["icd10"].startswith(("C16", "C34")))
        day = date.fromisoformat(first["diagnosis_date"]) + timedelta(days=3)
        files[there].append(
            {
                **first,
                "hospital_code": there,
                "mrn": f"{first['mrn']}P",
                "diagnosis_date": day.isoformat(),
                "pathology_date": day.isoformat(),
                "stage_date": (first.get("stage_date") and day.isoformat()) or "",
            }
        )


def _row_of(story: Story) -> Cells:
    """The row of a patient whose case is told."""
    draft, treated = demo_draft(story), story["first_treatment"]
    told = story["state"] == "following"
    table = draft.staging_table
    return {
        "hospital_code": story["requesting_hospital"],
        "name": draft.name,
        "id_type": "居民身份证",
        "id_number": draft.id_number,
        "sex": draft.sex,
        "birth_date": story["patient"]["birth_date"],
        "residence_code": draft.residence_code,
        "mrn": draft.mrn,
        "icd10": draft.icd10,
        "morphology": draft.morphology,
        "laterality": draft.laterality,
        "case_type": "初诊",
        "diagnosis_date": story["diagnosis_date"],
        "diagnosis_basis": draft.diagnosis_basis,
        "staging_system": _STORY_SYSTEMS.get(table, "TNM" if draft.t else ""),
        "staging_edition": story["stage_submitted"]["edition"] or "",
        "stage_basis": "c",
        "t": draft.t,
        "n": draft.n,
        "m": draft.m,
        "stage_group": draft.stage_text,
        "stage_date": story["stage_submitted"]["stage_date"],
        "first_treatment_date": treated["date"] if told and treated else "",
        "first_treatment_type": treated["type"] if told and treated else "",
        "pathology_date": story["pathology_date"] or "",
        "emergency": "否",
        "referral": "未转诊",
    }
