"""What a document is and from which day, guessed from its file name; a person may correct both."""

import re
import unicodedata
from datetime import date

from mdt.rules.attachments import FileRefused, Kind, Refusal, accepted_kinds
from mdt.rules.content import document_types

OTHER = "other"
#: Images find their own way; this type is not offered for documents.
DICOM_STUDY = "dicom_study"

#: The first that is found in the name; narrower words stand before wider ones.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"监护人|近亲属.*同意|关系证明", "consent_guardian"),
    (r"个人信息|隐私", "consent_privacy"),
    (r"基因.*同意", "consent_gene"),
    (r"(远程|会诊).*(同意|知情)|知情同意", "consent_remote"),
    (r"(治疗|手术).*同意", "consent_treatment"),
    (r"免疫组化|\bIHC\b", "ihc_report"),
    (r"冰冻", "frozen_report"),
    (r"流式|染色体|核型", "flow_cytometry"),
    (r"细胞学|TCT", "cytology_report"),
    (r"病理.*(会诊|复阅)|(会诊|复阅).*病理", "pathology_review"),
    (r"基因|\bNGS\b|分子检测|\bPCR\b|\bFISH\b", "molecular_report"),
    (r"切片|镜下", "slide_image"),
    (r"病理|活检", "pathology_report"),
    (r"(影像|阅片|读片).*(会诊|复阅)|(会诊|复阅).*影像", "imaging_review"),
    (r"\bPET", "pet_report"),
    (r"骨扫描|\bECT\b|核医学|骨显像", "nm_report"),
    (r"钼靶|乳腺X", "mg_report"),
    (r"心脏超声|心脏彩超|超声心动|心超", "echo_report"),
    (r"内镜.*(图|照)|(胃镜|肠镜|支气管镜|喉镜).*(图片|照片)", "endoscopy_image"),
    (r"内镜|胃镜|肠镜|支气管镜|气管镜|喉镜|鼻咽镜|膀胱镜", "endoscopy_report"),
    (r"磁共振|核磁|\bMRI?\b|MRCP", "mr_report"),
    (r"\bCT[AV]?\b|平扫|增强", "ct_report"),
    (r"超声|彩超|B超|\bUS\b", "us_report"),
    (r"X线|X光|胸片|平片|\b[DC]R\b", "xr_report"),
    (r"肺功能", "lung_function_report"),
    (r"心电|\bECG\b|\bEKG\b", "ecg_report"),
    (r"手术记录|手术.*记录", "operation_record"),
    (r"出院", "discharge_summary"),
    (r"放疗|放射治疗", "radiotherapy_record"),
    (r"介入|TACE|消融", "intervention_record"),
    (r"化疗|靶向|免疫治疗", "chemo_record"),
    (r"中医|舌象", "tcm_record"),
    (r"既往.*MDT|MDT意见|会诊意见", "previous_mdt"),
    (r"病案首页|首页", "case_front_page"),
    (r"转诊", "referral_form"),
    (r"评分|量表|ECOG|NRS", "scale_form"),
    (r"检验|化验|血常规|生化|肿瘤标志|标志物|凝血|肝功|肾功|尿常规", "lab_report"),
)
_PATTERNS = tuple((re.compile(words, re.IGNORECASE), code) for words, code in _WORDS)
# Letters and digits of a name run together with Chinese ones, which count as letters for \b.
_LATIN_EDGE = re.compile(r"(?<=[A-Za-z0-9])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[A-Za-z0-9])|_")
_DAY = re.compile(
    r"(?<!\d)(20\d\d)\s*(?:[-._/]|年)\s*(\d{1,2})\s*(?:[-._/]|月)\s*(\d{1,2})(?!\d)"
    r"|(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)"
)


def guess_kind(file_name: str) -> str:
    """The document type that a file name speaks of, else ``other``."""
    text = _LATIN_EDGE.sub(" ", unicodedata.normalize("NFKC", _stem(file_name)))
    for pattern, code in _PATTERNS:
        if pattern.search(text):
            return code
    return OTHER


def guess_date(file_name: str, today: date) -> date | None:
    """The day in a file name (``2026-11-03``, ``20261103``, ``2026年11月3日``), not after today."""
    for found in _DAY.finditer(unicodedata.normalize("NFKC", _stem(file_name))):
        numbers = [int(part) for part in found.groups() if part is not None]
        try:
            day = date(*numbers)
        except ValueError:
            continue
        if day <= today:
            return day
    return None


def offered_kinds() -> tuple[str, ...]:
    """Codes of the types that a document can have."""
    return tuple(one.code for one in document_types() if one.code != DICOM_STUDY)


def check_kind(code: str, kind: Kind) -> None:
    """Raise `FileRefused` where a document of this type does not come as such a file."""
    found = next((one for one in document_types() if one.code == code), None)
    if found is not None and kind not in accepted_kinds(found.formats):
        raise FileRefused(Refusal.WRONG_KIND_FOR_TYPE)


def _stem(file_name: str) -> str:
    return file_name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
