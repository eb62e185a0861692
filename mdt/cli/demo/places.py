"""Invented cities, counties, hospitals, an alliance in each province, agreements."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mdt.rules.people import AgreementTerm, HospitalDraft
from mdt.rules.regions import RegionRow
from mdt.services import places, regions

#: Divisions in unassigned numbers under the two real provinces.
REGIONS = (
    ("369900", "云澜市（虚构）", "Yunlan City (invented)", "city", "360000"),
    ("369901", "云澜市示范区（虚构）", "Yunlan District (invented)", "county", "369900"),
    ("369921", "望禾县（虚构）", "Wanghe County (invented)", "county", "369900"),
    ("369931", "松澜县（虚构）", "Songlan County (invented)", "county", "369900"),
    ("369700", "竹溪市（虚构）", "Zhuxi City (invented)", "city", "360000"),
    ("369941", "竹沅县（虚构）", "Zhuyuan County (invented)", "county", "369700"),
    ("229900", "雪岭市（虚构）", "Xueling City (invented)", "city", "220000"),
    ("229901", "雪岭市示范区（虚构）", "Xueling District (invented)", "county", "229900"),
    ("229921", "桦澄县（虚构）", "Huacheng County (invented)", "county", "229900"),
    ("229931", "雪岭市城郊区（虚构）", "Xueling Suburb (invented)", "county", "229900"),
    ("229941", "松桁县（虚构）", "Songheng County (invented)", "county", "229900"),
)

_TERTIARY = (
    "medical_oncology", "radiation_oncology", "thoracic_surgery", "gi_surgery", "radiology",
    "pathology", "tcm_oncology",
)  # fmt: skip
_COUNTY = ("general_surgery", "medical_oncology", "radiology")

#: code, Chinese name, English name, region, tier, level, grade, kind.
HOSPITALS = (
    ("DEMO-JX-P1", "江西示范肿瘤医院（虚构）", "Jiangxi Example Cancer Hospital (invented)",
     "369901", "tertiary", "level_3", "grade_a", "cancer"),
    ("DEMO-JX-C1", "望禾县人民医院（虚构）", "Wanghe County People's Hospital (invented)",
     "369921", "county", "level_2", "grade_a", "general"),
    ("DEMO-JX-C2", "松澜县中医院（虚构）", "Songlan County Hospital of TCM (invented)",
     "369931", "county", "level_2", "grade_a", "tcm"),
    ("DEMO-JX-C3", "竹沅县人民医院（虚构）", "Zhuyuan County People's Hospital (invented)",
     "369941", "county", "level_2", "grade_b", "general"),
    ("DEMO-JL-P1", "吉林示范大学附属医院（虚构）", "Jilin Example University Hospital (invented)",
     "229901", "tertiary", "level_3", "grade_a", "general"),
    ("DEMO-JL-C1", "桦澄县人民医院（虚构）", "Huacheng County People's Hospital (invented)",
     "229921", "county", "level_2", "grade_a", "general"),
    ("DEMO-JL-C2", "雪岭市中心医院（虚构）", "Xueling Central Hospital (invented)",
     "229931", "county", "level_2", "grade_a", "general"),
    ("DEMO-JL-C3", "松桁县医院（虚构）", "Songheng County Hospital (invented)",
     "229941", "county", "level_2", "grade_b", "general"),
)  # fmt: skip

ALLIANCES = (
    ("江西示范肿瘤专科联盟（虚构）", "Jiangxi Example Cancer Alliance (invented)", "DEMO-JX"),
    ("吉林示范肿瘤专科联盟（虚构）", "Jilin Example Cancer Alliance (invented)", "DEMO-JL"),
)

#: The hospital whose medical affairs office approves a case before it goes out.
APPROVES_ITSELF = "DEMO-JX-C3"


@dataclass
class Places:
    """Numbers of what was made, by code."""

    hospitals: dict[str, int] = field(default_factory=dict)


def make_places(*, now: datetime) -> Places:
    """Regions (the shipped ones and invented ones), hospitals, alliances, agreements."""
    shipped = regions.shipped_regions()
    invented = [RegionRow(*row) for row in REGIONS]
    regions.import_regions(None, [*shipped, *invented], now=now)
    made = Places()
    for code, zh, en, region, tier, level, grade, kind in HOSPITALS:
        draft = HospitalDraft(
            code, zh, region, tier, level, grade, kind, en,
            disciplines=_TERTIARY if tier == "tertiary" else _COUNTY,
        )  # fmt: skip
        settings = places.HospitalSettings(draft, own_approval=code == APPROVES_ITSELF)
        made.hospitals[code] = places.save_hospital(None, None, settings, now=now).id
    for zh, en, prefix in ALLIANCES:
        _make_alliance(made, zh, en, prefix, now)
    return made


def _make_alliance(made: Places, zh: str, en: str, prefix: str, now: datetime) -> None:
    lead = made.hospitals[f"{prefix}-P1"]
    members = [made.hospitals[f"{prefix}-C{n}"] for n in (1, 2, 3)]
    alliance = places.save_alliance(
        None, None, places.AllianceDraft(zh, en, lead, (lead, *members)), now=now
    )
    today = now.date()
    for number, member in enumerate(members, start=1):
        term = AgreementTerm(
            member,
            lead,
            date(today.year - 2, 1, 1),
            today + timedelta(days=700),
            f"{prefix}-XY-{number:02d}",
        )
        places.save_agreement(
            None, None, term, signed_on=date(today.year - 3, 12, 20),
            alliance_id=alliance.id, now=now,
        )  # fmt: skip
