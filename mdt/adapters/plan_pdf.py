"""The signed opinion as a Chinese PDF: 肿瘤多学科诊疗意见书, A4.

Plain data in, bytes out. Everything is words for people: codes are translated and times written
in Chinese local time by the caller.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from mdt.adapters.pdf_fonts import markup, register_fonts
from mdt.adapters.pdf_layout import (
    ACCENT,
    BODY,
    CELL,
    HOSPITAL,
    NOTICE,
    SMALL,
    SUBTITLE,
    TITLE,
    WARNING,
    ChineseParagraph,
    PageFrame,
    beside,
    boxed,
    build_pdf,
    grid,
    heading,
    labelled,
    qr_code,
    ruled_table,
    text,
)
from mdt.adapters.plan_pdf_pictures import NO_PICTURES, PicturesPart, picture_sections

DOCUMENT_TITLE = "肿瘤多学科诊疗意见书"
DRAFT_MARK = "草稿"
COPY_MARK = "阅览副本"
EMPTY = "未填写"
_NUMERALS = (*"一二三四五六七八九十", "十一", "十二")
_QR_SIZE = 25 * mm


@dataclass(frozen=True, slots=True)
class PatientLine:
    """Who it is about; ``id_masked`` is printed as it comes."""

    name: str
    sex: str
    age: str
    record_number: str
    id_masked: str


@dataclass(frozen=True, slots=True)
class ConferenceLine:
    """When and how it was discussed; ``held_at`` in words, local time."""

    number: str
    held_at: str
    mode: str
    chair: str


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """One person who took part."""

    name: str
    hospital: str
    discipline: str
    title: str


@dataclass(frozen=True, slots=True)
class StageLine:
    """The agreed stage; ``iii_plus`` is ``None`` where it cannot be told."""

    group: str
    categories: str
    system: str
    edition: str
    iii_plus: bool | None


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the plan, in order."""

    modality: str
    what: str
    where: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class DissentLine:
    """One opinion that differs, by name."""

    name: str
    discipline: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature; ``signed_at`` in words, local time."""

    name: str
    hospital: str
    discipline: str
    title: str
    signed_at: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """Which revision this one amends, and why."""

    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """Everything that is printed; an empty text is printed as 未填写: nobody said "none".

    ``made_at`` is aware: the time of the last signature or, in a draft, of the preview.
    ``against`` names those who voted against and of whom ``dissent`` holds nothing; ``owed`` who is
    still to sign, a slot each. ``reading_copy`` marks a print without identity for people who may
    not see it.
    """

    requesting_hospital: str
    consulting_hospital: str
    case_number: str
    patient: PatientLine
    conference: ConferenceLine
    questions: tuple[str, ...]
    case_summary: str
    attendance: tuple[AttendanceLine, ...]
    outcome: str
    diagnosis: str
    stage: StageLine
    intent: str
    steps: tuple[StepLine, ...]
    disclaimer: str
    content_hash: str
    verify_code: str
    verify_url: str
    made_at: datetime
    deferral_reason: str = ""
    answer: str = ""
    basis: str = ""
    further_tests: str = ""
    imaging_review: str = ""
    pathology_review: str = ""
    alternative: str = ""
    review_point: str = ""
    patient_wish: str = ""
    dissent: tuple[DissentLine, ...] = ()
    against: tuple[str, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    owed: tuple[str, ...] = ()
    signing_method: str = "系统内签署"
    revision: int = 1
    amends: Amendment | None = None
    quorum_note: str = ""
    pictures: PicturesPart = NO_PICTURES
    draft: bool = False
    reading_copy: bool = False


def render_plan(document: PlanDocument) -> bytes:
    """Set the opinion as a PDF with embedded fonts; the same document gives the same bytes.

    Raises `MissingGlyph` where a character cannot be printed.
    """
    register_fonts()
    story = [*_head(document), *_sections(document), *_end(document)]
    return build_pdf(story, _page(document))


def _page(document: PlanDocument) -> PageFrame:
    number, revision = f"病例编号 {document.case_number}", f"第 {document.revision} 版"
    code = f"核验码 {document.verify_code}" if document.verify_code else ""
    return PageFrame(
        title=f"{DOCUMENT_TITLE} {document.case_number}",
        author=document.consulting_hospital,
        head_left=document.consulting_hospital,
        head_right=f"{DOCUMENT_TITLE} · {DRAFT_MARK if document.draft else revision}",
        foot_left=" · ".join(part for part in (number, revision, code) if part),
        made_at=document.made_at,
        watermark=DRAFT_MARK if document.draft else COPY_MARK if document.reading_copy else "",
    )


def _head(document: PlanDocument) -> Iterator[Flowable]:
    patient, conference = document.patient, document.conference
    yield text(document.consulting_hospital, HOSPITAL)
    yield text(DOCUMENT_TITLE, TITLE)
    yield text(f"讨论会编号 {conference.number}　·　第 {document.revision} 版", SUBTITLE)
    yield Spacer(0, 5)
    if document.draft:
        yield text("本件尚未签署完成，仅供核对，不得作为诊疗依据。", NOTICE)
        yield Spacer(0, 3)
    if document.reading_copy:
        yield text("本件为隐去患者身份的阅览副本；签署件由邀请方和受邀方保存。", NOTICE)
        yield Spacer(0, 3)
    if document.amends:
        yield boxed(_amendment(document.amends), WARNING)
        yield Spacer(0, 5)
    yield grid(
        [("姓名", patient.name, "性别", patient.sex, "年龄", patient.age)],
        (11, 39, 11, 14, 11, 14),
    )
    yield grid(
        [
            ("病案号", patient.record_number, "证件号码", patient.id_masked),
            ("邀请方", document.requesting_hospital, "受邀方", document.consulting_hospital),
            ("讨论时间", conference.held_at, "讨论方式", conference.mode),
            ("主持人", conference.chair, "病例编号", document.case_number),
        ],
        (11, 39, 11, 39),
    )


def _amendment(amends: Amendment) -> list[Flowable]:
    return [
        text(f"本版修改第 {amends.revision} 版。原版保留，可在核验页查看其状态。"),
        labelled("修改理由", amends.reason),
    ]


def _sections(document: PlanDocument) -> Iterator[Flowable]:
    """Set each section under its numbered heading."""
    for numeral, (words, content) in zip(_NUMERALS, _section_list(document), strict=False):
        yield from heading(f"{numeral}、{words}")
        yield from content


def _section_list(document: PlanDocument) -> list[tuple[str, Iterable[Flowable]]]:
    return [
        ("讨论问题", _questions(document.questions)),
        ("病情摘要", _words(document.case_summary)),
        ("参加讨论人员", [_attendance(document.attendance), *_quorum(document.quorum_note)]),
        ("讨论结论", [boxed(list(_conclusion(document)), ACCENT)]),
        ("诊疗方案", _steps(document)),
        ("需补充的检查", _words(document.further_tests)),
        ("影像与病理复阅意见", _reviews(document)),
        *picture_sections(document.pictures),
        ("备选方案、复评与患者意愿", _remarks(document)),
        ("不同意见", list(_dissent(document))),
    ]


def _words(words: str) -> list[Flowable]:
    return [text(words.strip() or EMPTY)]


def _questions(questions: tuple[str, ...]) -> list[Flowable]:
    if not questions:
        return _words("")
    return [text(f"{n}. {question}") for n, question in enumerate(questions, start=1)]


def _attendance(people: tuple[AttendanceLine, ...]) -> Flowable:
    rows = [(p.name, p.title, p.discipline, p.hospital) for p in people]
    return ruled_table(("姓名", "职称", "学科", "医院"), rows, (18, 20, 24, 38))


def _quorum(note: str) -> list[Flowable]:
    return [Spacer(0, 2), text(note, SMALL)] if note else []


def _conclusion(document: PlanDocument) -> Iterator[Flowable]:
    yield labelled("结论", document.outcome)
    if document.deferral_reason:
        yield labelled("缓议理由", document.deferral_reason)
    yield labelled("诊断", document.diagnosis.strip() or EMPTY)
    yield _stage(document.stage)
    for label, words in (
        ("治疗目的", document.intent),
        ("对讨论问题的答复", document.answer),
        ("依据", document.basis),
    ):
        if words.strip():
            yield labelled(label, words)


def _stage(stage: StageLine) -> Flowable:
    source = "，".join(part for part in (stage.system, stage.edition) if part)
    words = "　".join(part for part in (stage.categories, stage.group or "未分期") if part)
    mark = {True: "是", False: "否", None: "不能判定"}[stage.iii_plus]
    colour = WARNING if stage.iii_plus else ACCENT
    return ChineseParagraph(
        markup("分期：", bold=True)
        + markup(f"{words}（{source}）　" if source else f"{words}　")
        + f'<font color="{colour.hexval()}">{markup(f"Ⅲ期及以上：{mark}", bold=True)}</font>',
        BODY,
    )


def _steps(document: PlanDocument) -> list[Flowable]:
    if not document.steps:
        return _words("")
    rows = [
        (str(n), s.modality, s.what, s.where, s.who, s.when)
        for n, s in enumerate(document.steps, start=1)
    ]
    head = ("序号", "项目", "内容", "地点", "执行人", "时间")
    return [ruled_table(head, rows, (7, 15, 37, 14, 14, 13))]


def _reviews(document: PlanDocument) -> list[Flowable]:
    return [
        labelled("影像复阅", document.imaging_review.strip() or EMPTY),
        labelled("病理复阅", document.pathology_review.strip() or EMPTY),
    ]


def _remarks(document: PlanDocument) -> list[Flowable]:
    return [
        labelled("备选方案", document.alternative.strip() or EMPTY),
        labelled("复评时间点", document.review_point.strip() or EMPTY),
        labelled("患者意愿", document.patient_wish.strip() or EMPTY),
    ]


def _dissent(document: PlanDocument) -> Iterator[Flowable]:
    if document.dissent:
        rows = [(d.name, d.discipline, d.kind, d.text) for d in document.dissent]
        yield ruled_table(("姓名", "学科", "类型", "意见"), rows, (16, 20, 22, 42))
    if document.against:
        yield labelled("投反对票而未写明不同意见", "、".join(document.against))
    elif not document.dissent:
        yield text("无不同意见。")


def _end(document: PlanDocument) -> Iterator[Flowable]:
    """Set signatures, disclaimer and the way to verify; they are kept together where they fit."""
    yield from heading(f"{_NUMERALS[len(_section_list(document))]}、签名")
    if document.signatures:
        rows = [
            (s.name, s.title, s.discipline, s.hospital, s.signed_at) for s in document.signatures
        ]
        head = ("姓名", "职称", "学科", "医院", "签署时间")
        yield ruled_table(head, rows, (14, 16, 18, 29, 23))
        yield Spacer(0, 2)
        yield text(f"签署方式：{document.signing_method}", SMALL)
    else:
        yield text("尚未签署")
    if document.owed:
        yield labelled("待签名", "；".join(document.owed))
    yield Spacer(0, 6)
    yield KeepTogether([boxed([text(document.disclaimer, CELL)], ACCENT), *_verification(document)])


def _verification(document: PlanDocument) -> list[Flowable]:
    if not document.verify_code:
        return [Spacer(0, 3), text("核验码在签署完成后生成。", SMALL)]
    words = [
        text(f"核验码：{document.verify_code}", CELL),
        text(f"核验网址：{document.verify_url}", SMALL),
        text(f"内容摘要（SHA-256）：{document.content_hash}", SMALL),
        text("扫描二维码或打开网址，可核验本意见书是否有效、是否已被新版修改。", SMALL),
    ]
    code = qr_code(document.verify_url, _QR_SIZE)
    return [Spacer(0, 3), beside(code, words, _QR_SIZE + 8)]
