import re

from mdt.rules import codes


def test_every_region_but_a_province_stands_under_one_that_ships():
    regions = codes.regions()

    assert [r.code for r in regions.values() if r.level == "province"] == ["220000", "360000"]
    assert [r.code for r in regions.values() if r.parent and r.parent not in regions] == []
    assert regions["360726"].label == codes.Label("安远县", "Anyuan County")


def test_lists_are_complete():
    sizes = {
        "icd10": len(codes.icd10_names()),
        "superseded": len(codes.icd10_superseded()),
        "morphology": len(codes.morphologies()),
        "sites": len(codes.site_ranges()),
        "regions": len(codes.regions()),
        "id_types": len(codes.id_types()),
        "treatments": len(codes.treatment_types()),
        "paired": len(codes.paired_sites()),
        "bases": "".join(codes.diagnosis_bases()),
        "sides": "".join(codes.lateralities()),
        "sexes": "".join(codes.sexes()),
        "levels": "".join(codes.hospital_attributes()["level"]),
    }

    assert sizes == {
        "icd10": 669,
        "superseded": 15,
        "morphology": 678,
        "sites": 161,
        "regions": 182,
        "id_types": 12,
        "treatments": 33,
        "paired": 37,
        "bases": "0123456789",
        "sides": "1239",
        "sexes": "0129",
        "levels": "1239",
    }


def test_every_pattern_of_an_identity_document_is_a_regular_expression():
    assert re.fullmatch(codes.id_types()["03"].pattern, "E12345678")
    for kind in codes.id_types().values():
        re.compile(kind.pattern)


def test_flags_are_read_as_flags():
    assert codes.morphologies()["8140/3"].common is True
    assert codes.morphologies()["8000/0"].common is False
    assert codes.treatment_types()["SURG"].counts_as_first_treatment is True
    assert codes.treatment_types()["TCM"].counts_as_first_treatment is False


def test_label_speaks_two_languages():
    label = codes.Label("肺", "Lung")

    assert [label.in_language(code) for code in ("zh", "zh_Hans_CN", "en", "en_GB")] == [
        "肺",
        "肺",
        "Lung",
        "Lung",
    ]
