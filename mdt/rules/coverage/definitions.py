"""The definitions of coverage that ship, version 1, as data.

A province may supersede one with a new version; a report names the version that it was made by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from mdt.rules.codes import Label


@dataclass(frozen=True, slots=True)
class Definition:
    """What counts as a board in time, and the words that say so on every report.

    ``grace_days`` after the diagnosis a board still counts although treatment has begun (``None``:
    never); ``outside_boards`` says whether a board held outside this system counts; a tumour
    without treatment is pending for ``pending_days`` after its diagnosis.
    """

    code: str
    version: str
    label: Label
    text: Label
    grace_days: int | None
    outside_boards: bool
    pending_days: int = 30
    target: Fraction = Fraction(1, 2)


_COMMON = Label(
    "统计单位为一个原发肿瘤，按确诊日期计入期间，归台账登记机构；疑似重复在人工判定前均计入，判定后只计保留的一条。"
    "依次剔除并列出例数：复发或复治、原位癌（D00–D09）、非恶性、"
    "死亡补发病或尸检发现（诊断依据 0 或 8）、不适用分期（C70–C72、C91–C95）。"
    "分期以台账为准：首次治疗当日及以前的临床分期（未填分期日期或尚未治疗的计入，未填分期依据按临床）；"
    "否则首次治疗为手术时用病理分期；否则为未分期；治疗后（y）、复发（r）、尸检（a）分期不用。"
    "T、N、M 能推出分期时按推出的分期，否则按填写的分期；"
    "未填版本而各版本结论不同的为未分期；乳腺癌用解剖分期。"
    "分母：III 期及以上。未分期另列。",
    "The unit is one primary tumour, counted by its diagnosis date at the hospital of the register "
    "row; possible duplicates all count until a person has decided, then only the kept row. "
    "Excluded in this order, each with its count: recurrence or retreatment, in situ (D00-D09), "
    "not malignant, death certificate or autopsy (basis 0 or 8), not stageable (C70-C72, C91-C95). "
    "The stage is the register's: the clinical stage of the day of the first treatment or before "
    "(also without a stage date, or with no treatment yet; an empty basis is clinical), else the "
    "pathological stage where the first treatment was surgery, else unknown; y, r and a stages "
    "never. T, N and M decide where they can, else the group given; where no edition is given and "
    "the editions differ, unknown; breast by anatomic stage. "
    "Denominator: stage III or above. Unstaged tumours stand beside it.",
)
_STRICT = Label(
    "分子（严格）：在首次治疗当日及以前（尚未治疗的不限时间）经本系统达到法定人数的会议讨论、且意见书已签署；"
    "确诊前的讨论也计入；缓议、取消、未签署及未开会而签署的意见不计。",
    "Numerator (strict): discussed in a conference of this system with quorum, the opinion signed, "
    "on the day of the first treatment or before, or at any time where there is no treatment yet; "
    "a board before the diagnosis counts. Deferred, cancelled, unsigned, or signed with no "
    "meeting: never.",
)
_LENIENT = Label(
    "分子（宽松）：符合严格口径；或治疗虽已开始，但在确诊后 30 天内经上述会议讨论；"
    "或本系统以外的多学科讨论（院内MDT日期）符合上述任一时间条件。",
    "Numerator (lenient): strict, or such a board within 30 days after the diagnosis even if "
    "treatment had begun, or a board outside this system that meets either condition of time.",
)
_CLOSING = Label(
    "待定：尚未治疗、尚未讨论、确诊至报告日不超过 30 天。"
    "区间下限＝分子÷（分母＋无讨论的未分期），上限＝（分子＋有讨论的未分期）÷（分母＋有讨论的未分期）。"
    "置信区间：Wilson 法，95%。达标：比例超过 50%。",
    "Pending: no treatment, no board, and at most 30 days since the diagnosis on the day of the "
    "report. Band: low = numerator / (denominator + unstaged without a board), high = (numerator "
    "+ unstaged with a board) / (denominator + unstaged with a board). Interval: Wilson, 95 %. "
    "Target met: more than 50 %.",
)


def _text(numerator: Label) -> Label:
    parts = (_COMMON, numerator, _CLOSING)
    return Label("".join(part.zh for part in parts), " ".join(part.en for part in parts))


STRICT = Definition(
    "strict",
    "1",
    Label("严格口径", "Strict"),
    _text(_STRICT),
    grace_days=None,
    outside_boards=False,
)
LENIENT = Definition(
    "lenient",
    "1",
    Label("宽松口径", "Lenient"),
    _text(_LENIENT),
    grace_days=30,
    outside_boards=True,
)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {definition.code: definition for definition in (STRICT, LENIENT)}
)
"""The definitions in force, by code."""
