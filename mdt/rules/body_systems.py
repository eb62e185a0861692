"""Systems of organs by which a choice of tumour types is grouped."""

from collections.abc import Mapping
from types import MappingProxyType

from mdt.rules.codes import Label

_LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "thorax": Label("胸部", "Thorax"),
        "digestive": Label("消化", "Digestive"),
        "urology": Label("泌尿与男性生殖", "Urological"),
        "gynaecology": Label("妇科", "Gynaecological"),
        "breast": Label("乳腺", "Breast"),
        "head_neck": Label("头颈与甲状腺", "Head, neck and thyroid"),
        "blood": Label("血液与淋巴", "Blood and lymph"),
        "nerves": Label("神经", "Nervous system"),
        "bone_skin": Label("骨、软组织与皮肤", "Bone, soft tissue and skin"),
        "other": Label("其他", "Other"),
    }
)
_SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "lung_nsclc": "thorax",
        "lung_sclc": "thorax",
        "oesophagus": "digestive",
        "stomach": "digestive",
        "colon": "digestive",
        "rectum": "digestive",
        "liver_hcc": "digestive",
        "biliary": "digestive",
        "pancreas": "digestive",
        "gist": "digestive",
        "kidney": "urology",
        "bladder": "urology",
        "prostate": "urology",
        "cervix": "gynaecology",
        "endometrium": "gynaecology",
        "ovary": "gynaecology",
        "breast": "breast",
        "nasopharynx": "head_neck",
        "oral_oropharynx": "head_neck",
        "larynx_hypopharynx": "head_neck",
        "thyroid": "head_neck",
        "lymphoma": "blood",
        "myeloma": "blood",
        "cns": "nerves",
        "melanoma": "bone_skin",
        "sarcoma": "bone_skin",
    }
)


def _code(tumour_type: str) -> str:
    return _SYSTEMS.get(tumour_type, "other")


def body_system(tumour_type: str) -> Label:
    """The system of a tumour type; what has none of its own is ``其他``."""
    return _LABELS[_code(tumour_type)]


def by_system(tumour_type: str) -> int:
    """The place of its system, by which types are sorted; types of one system stay as they are."""
    return list(_LABELS).index(_code(tumour_type))
