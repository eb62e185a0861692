"""Sentences for what is wrong with a cell: what it is, what is expected, an example."""

from collections.abc import Mapping
from types import MappingProxyType

from mdt.rules.codes import Label
from mdt.rules.registry.columns import COLUMNS, REQUIRED
from mdt.rules.registry.values import CODED, expected_values

_CHECKED = {
    # Refused.
    "hospital_code_missing": (
        "机构代码为空。请填写本系统中登记的机构代码。",
        "The hospital code is empty. Enter the code of a hospital of this system.",
    ),
    "hospital_code_unknown": (
        "没有这个机构代码，或该机构的台账不由您管理。请核对，或联系系统管理员。",
        "There is no hospital with this code, or its register is not yours to manage. Check the "
        "code, or ask the administrator.",
    ),
    "icd10_missing": (
        "诊断编码为空。请填写肿瘤的 ICD-10 编码，如 C34.1。",
        "The diagnosis code is empty. Enter the tumour's ICD-10 code, such as C34.1.",
    ),
    "icd10_unreadable": (
        "诊断编码无法识别。请按 C34.1、C34.100x001 或 C20.x00 的格式填写。",
        "The diagnosis code cannot be read. Write it as C34.1, C34.100x001 or C20.x00.",
    ),
    "icd10_not_neoplasm": (
        "诊断编码不是肿瘤。台账只收 C00–C97 和 D00–D48，如 C16.9。",
        "The diagnosis code is no neoplasm. The register takes C00-C97 and D00-D48, such as C16.9.",
    ),
    "icd10_metastasis": (
        "C77–C79 是转移灶。请填写原发肿瘤的编码，原发不明填 C80.9。",
        "C77-C79 are metastases. Enter the primary tumour; C80.9 where it is unknown.",
    ),
    "case_type_missing": (
        "初诊复诊为空。请填写：初诊、复发或复治。",
        "The case type is empty. Enter new, recurrence or retreatment.",
    ),
    "case_type_unknown": (
        "初诊复诊无法识别。请填写：初诊、复发或复治。",
        "The case type is not known. Enter new, recurrence or retreatment.",
    ),
    "diagnosis_date_missing": (
        "确诊日期为空。请填写日期，如 2026-09-01。",
        "The diagnosis date is empty. Enter a date such as 2026-09-01.",
    ),
    "date_unreadable": (
        "日期无法识别或不存在。请按 2026-09-01、2026/9/1、20260901 或 2026年9月1日 填写。",
        "This is no date that can be read. Write 2026-09-01, 2026/9/1 or 20260901.",
    ),
    "id_number_check_digit": (
        "身份证号校验码错误，至少有一位数字不对。请对照证件重新录入。",
        "The check digit of the identity number is wrong: a digit was mistyped. Copy it again "
        "from the card.",
    ),
    # Warned about; the row counts.
    "id_number_15_digits": (
        "这是旧版15位身份证号，无法校验。请补录18位号码。",
        "This is an old number of 15 digits. Enter the number of 18.",
    ),
    "id_number_shape": (
        "身份证号不是18位，无法校验。请对照证件核对，或改选证件类型。",
        "The identity number does not have 18 characters. Check it, or the type of document.",
    ),
    "id_number_lost_digits": (
        "身份证号被表格软件转成了数值，末几位已丢失。请将该列设为文本后重新录入。",
        "The spreadsheet turned the identity number into a quantity and lost its last digits. "
        "Format the column as text and enter it again.",
    ),
    "id_number_birth_date": (
        "身份证号中的出生日期不存在。请核对号码。",
        "The birth date inside the identity number does not exist. Check the number.",
    ),
    "id_number_future_birth": (
        "身份证号中的出生日期晚于今天。请核对号码。",
        "The birth date inside the identity number lies in the future. Check the number.",
    ),
    "id_number_pattern": (
        "证件号码与所选证件类型的格式不符。请核对。",
        "The number does not look like one of this type of document. Check both.",
    ),
    "sex_differs_from_id": (
        "性别与身份证号不一致。已按填写的性别记录，请核对。",
        "The sex differs from the identity number. The sex as entered is kept; check it.",
    ),
    "birth_date_differs_from_id": (
        "出生日期与身份证号不一致。已按填写的日期记录，请核对。",
        "The birth date differs from the identity number. The date as entered is kept; check it.",
    ),
    "sex_against_site": (
        "性别与肿瘤部位不符。请核对性别和诊断编码。",
        "The sex does not go with the tumour's site. Check the sex and the diagnosis code.",
    ),
    "residence_code_unknown": (
        "现住址区划不在区划表中。请填写6位区划代码，如 360726。",
        "This region is not in the list. Enter a region code of 6 digits, such as 360726.",
    ),
    "icd10_unlisted": (
        "ICD-10 中没有这个编码。请核对，如 C34.1。",
        "ICD-10 has no such code. Check it; an example is C34.1.",
    ),
    "icd10_superseded": (
        "该编码已被 ICD-10 取消。请改用现行编码。",
        "ICD-10 has dropped this code. Use its successor.",
    ),
    "icd10_multiple_primary": (
        "C97 表示多个原发肿瘤。请为每个原发肿瘤单独填一行。",
        "C97 means several primaries. Enter one row for each of them.",
    ),
    "morphology_unreadable": (
        "形态学编码无法识别。请按 8140/3 的格式填写。",
        "The morphology code cannot be read. Write it as 8140/3.",
    ),
    "morphology_unlisted": (
        "形态学编码不在编码表中。请核对，如 8140/3。",
        "This morphology code is not in the list. Check it; an example is 8140/3.",
    ),
    "morphology_against_code": (
        "形态学的行为码与诊断编码不符（恶性应为 /3，原位为 /2）。请核对。",
        "The behaviour of the morphology does not go with the diagnosis code (/3 malignant, "
        "/2 in situ). Check both.",
    ),
    "date_in_future": (
        "日期晚于今天。请核对年份。",
        "The date lies in the future. Check the year.",
    ),
    "date_before_birth": (
        "日期早于出生日期。请核对这两个日期。",
        "The date lies before the birth date. Check both.",
    ),
    "death_before_diagnosis": (
        "死亡日期早于确诊日期。请核对这两个日期。",
        "The date of death lies before the diagnosis. Check both.",
    ),
    "treatment_before_diagnosis": (
        "首次治疗日期早于确诊日期。请核对这两个日期；确实先治疗后确诊（如术后病理确诊）的不用改。",
        "The first treatment lies before the diagnosis. Check both dates; leave them where the "
        "diagnosis did follow the treatment, as from the specimen of an operation.",
    ),
    "first_treatment_type_missing": (
        "有首次治疗日期但没有首次治疗方式。病理分期只有在首次治疗为手术时才计入。",
        "There is a first treatment without its type. A pathological stage counts only where the "
        "first treatment was surgery.",
    ),
    "first_treatment_date_missing": (
        "有首次治疗方式但没有日期，统计时按尚未治疗处理。请补充日期。",
        "There is a type of first treatment without a date, so the tumour counts as untreated. "
        "Add the date.",
    ),
    "cells_beyond_header": (
        "该行的内容多于表头的列数，多出的未读取；可能是某格中的逗号没有加引号。请核对该行各列是否错位。",
        "The row has more cells than the header, which were not read: perhaps a comma that should "
        "be quoted. Check that its columns are not shifted.",
    ),
    "identity_missing": (
        "没有证件号码、病案号或姓名加出生日期。该行计入统计，但以后更正时无法找回，也无法与病例关联。"
        "请补充病案号或证件号码。",
        "There is no identity number, no record number and no name with a birth date. The row "
        "counts, but a later correction will not find it and no case can be matched. Add one.",
    ),
    "row_repeated": (
        "与本文件中另一行完全相同，只计一次。如确为两个原发肿瘤，请填写各自的编码或侧别。",
        "The same row stands in this file already and counts once. Two primaries differ in their "
        "code or side: enter it.",
    ),
    "row_replaces_date": (
        "同一患者、同一部位已有一条确诊日期相差 60 天以内的记录，已按更正处理并替换。"
        "如确为另一个原发肿瘤，请在同一文件中同时列出两行。",
        "A tumour of this person at this site, diagnosed within 60 days, was on file: this row was "
        "taken as its correction and replaced it. If it is another primary, enter both rows in "
        "one file.",
    ),
    "cell_too_long": (
        "内容过长，只保存了前面的部分。请缩短。",
        "The text is too long; only its beginning was kept. Shorten it.",
    ),
    "stage_after_treatment": (
        "临床分期日期晚于首次治疗，该分期不计入，按未分期统计。",
        "The clinical stage was set after the first treatment: it does not count, and the tumour "
        "stands as unstaged.",
    ),
    "stage_pathological_without_surgery": (
        "首次治疗不是手术，病理分期不计入，按未分期统计。请补充治疗前的临床分期。",
        "The first treatment was not surgery: the pathological stage does not count, and the "
        "tumour stands as unstaged. Add the clinical stage before treatment.",
    ),
    "stage_not_initial": (
        "治疗后（y）、复发（r）或尸检（a）分期不是初诊分期，不计入，按未分期统计。",
        "A stage after therapy (y), at recurrence (r) or autopsy (a) is not the initial one: it "
        "does not count, and the tumour stands as unstaged.",
    ),
    "staging_system_against_site": (
        "该分期系统不用于这个部位。请核对分期系统和诊断编码。",
        "This staging system is not used for this site. Check the system and the diagnosis code.",
    ),
    "staging_edition_against_site": (
        "本系统没有该部位这个版本的分期表，统计用填写的分期。请核对版本，TNM 填 8 或 9。",
        "There is no table of this edition for this site; the group entered counts. Check the "
        "edition; for TNM enter 8 or 9.",
    ),
    "staging_edition_against_date": (
        "该分期版本在评估日期时尚未启用。请核对版本和日期。",
        "This edition was not in force on the day of staging. Check the edition and the date.",
    ),
    "stage_group_unreadable": (
        "分期无法识别。请填写如 IIIA、Ⅲ期 或 三期。",
        "The stage group cannot be read. Write it as IIIA or III.",
    ),
    "stage_group_against_site": (
        "该部位的分期表中没有这个分期。请核对。",
        "The staging table of this site has no such group. Check it.",
    ),
    "stage_group_against_tnm": (
        "填写的分期与 T、N、M 推出的分期不一致；统计按 T、N、M。请核对。",
        "The group entered differs from the one that follows from T, N and M, which counts. "
        "Check both.",
    ),
    "stage_category_unreadable": (
        "T、N、M 无法识别或不属于该部位。请填写如 T2、N1、M0。",
        "T, N or M cannot be read, or this site has no such category. Write T2, N1, M0.",
    ),
}


def _unknown_value(column: str) -> tuple[str, str]:
    heading = COLUMNS[column]
    return (
        f"{heading}的取值无法识别，按未填写处理。"
        f"可填：{'、'.join(expected_values(column, 'zh'))}。",
        f"This value of {column} is not known and is left out. Use one of: "
        f"{', '.join(expected_values(column, 'en'))}.",
    )


def _messages() -> Mapping[str, Label]:
    words = {f"{column}_unknown": _unknown_value(column) for column in CODED}
    words["staging_system_unknown"] = (
        "分期系统无法识别，按填写的文字保留。可填：TNM、CNLC、FIGO、ANN_ARBOR、VALG、RISS 等。",
        "This staging system is not known; it is kept as written. Use TNM, CNLC, FIGO, "
        "ANN_ARBOR, VALG, RISS or another of the list.",
    )
    words["stage_basis_unknown"] = (
        "分期依据无法识别，该分期不计入，按未分期统计。请填写 c（临床）或 p（病理）。",
        "This basis of the stage is not known: the stage does not count, and the tumour stands "
        "as unstaged. Enter c (clinical) or p (pathological).",
    )
    return MappingProxyType({code: Label(*pair) for code, pair in (words | _CHECKED).items()})


MESSAGES = _messages()
"""Each problem code with its sentence in both languages."""

_MAY_BE_EMPTY = Label("没有则留空。", "Leave it empty where there is none.")


def message_of(code: str, column: str) -> Label | None:
    """Say what is wrong with a cell; of a date that may be missing, that it may. None: unknown."""
    found = MESSAGES.get(code)
    if found is None or code != "date_unreadable" or column in REQUIRED:
        return found
    return Label(f"{found.zh}{_MAY_BE_EMPTY.zh}", f"{found.en} {_MAY_BE_EMPTY.en}")
