"""The whole journey in browsers: the register, a case, its board and opinion, and the rate again.

Four people, each in a browser of their own: the doctor of a county hospital, the coordinator and
the chair of a team far away, the province's quality manager. Experts of the team join them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, expect
from pydicom.data import get_testdata_file
from reportlab.pdfgen.canvas import Canvas

from mdt.rules.calendar import local_date, local_time, utc_now
from tests.e2e.people import (
    ChairPage,
    ClinicianPage,
    CoordinatorPage,
    ExpertPage,
    Person,
    QualityPage,
)
from tests.live_server import LiveServer
from tests.register_files import OTHER_WOMAN, ROW, WOMAN, rows_to_csv
from tests.samples import sample
from tests.unit.adapters.pdf_text import page_texts

HOSPITAL = "安远示范医院（虚构）"
PATIENT = "张**"
EXPERTS = ("oncologist", "radiologist", "pathologist")
PAPERS = ("远程医疗知情同意书", "敏感个人信息单独同意书")
QUESTION = "能否直接手术？\n如何安排术前治疗？"
REMARK = "4R淋巴结短径14毫米，请看这一幅"
ANSWER = ("建议先行新辅助治疗，", "两个周期后再评估手术。")
STEP = "含铂双药联合免疫治疗两个周期"


@dataclass(frozen=True)
class Images:
    """What the doctor uploads: a folder and single files; the series to show, and its length."""

    folder: Path
    files: tuple[Path, ...]
    series: str
    count: int


@dataclass(frozen=True)
class Journey:
    """Who takes part, with what, on which days; papers are made in ``folder``."""

    clinician: ClinicianPage
    coordinator: CoordinatorPage
    chair: ChairPage
    quality: QualityPage
    experts: tuple[ExpertPage, ...]
    images: Images
    folder: Path
    today: date

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody."""
        return (self.clinician, self.coordinator, self.chair, self.quality, *self.experts)

    @property
    def diagnosed(self) -> date:
        """A day of this quarter, not after today."""
        quarter = date(self.today.year, (self.today.month - 1) // 3 * 3 + 1, 1)
        return max(quarter, self.today - timedelta(days=10))


@pytest.fixture(params=["pydicom", "phantom"])
def images(request: pytest.FixtureRequest) -> Images:
    """Files of pydicom's own package; the CT of a phantom where the samples are."""
    if request.param == "phantom":
        return Images(sample("dicom/ct_head_phantom_philips_58"), (), "STEREOTAXIS", 58)
    small = Path(str(get_testdata_file("CT_small.dcm")))
    folder = small.parent / "dicomdirtests" / "98892001"
    return Images(folder, (small,), "SmartScore - Gated 0.5 sec", 5)


@pytest.fixture
def journey(
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    images: Images,
    tmp_path: Path,
) -> Journey:
    """Everybody has signed in."""
    live_server.restart()  # of another journey's conference it remembers who is there
    live_server.start_worker()

    def enter(kind: type[Person], username: str) -> Person:
        context = new_context(viewport={"width": 1366, "height": 768})
        return kind(context, live_server.url, username)

    return Journey(
        clinician=enter(ClinicianPage, "clinician"),
        coordinator=enter(CoordinatorPage, "coordinator"),
        chair=enter(ChairPage, "chair"),
        quality=enter(QualityPage, "quality"),
        experts=tuple(enter(ExpertPage, username) for username in EXPERTS),
        images=images,
        folder=tmp_path,
        today=local_date(utc_now()),
    )


def test_journey_from_the_register_to_the_rate(journey: Journey):
    import_register(journey)
    before = rate_of(journey)
    number = write_case(journey)
    attach_files(journey)
    journey.clinician.submits()
    look_at_images(journey)
    list_case(journey, number)
    hold_conference(journey)
    write_opinion(journey)
    sign_opinion(journey)
    adopt_opinion(journey)
    after = rate_of(journey)
    check_tumour_behind_the_rate(journey)
    assert (before, after) == (("—", "2"), ("1", "2"))
    assert [one.faults for one in journey.people] == [[]] * len(journey.people)


def import_register(journey: Journey) -> None:
    """Four tumours: the patient's, another of stage III, one below it, one without a stage."""
    on = {"diagnosis_date": journey.diagnosed.isoformat()}
    register = journey.folder / "登记.csv"
    register.write_bytes(
        rows_to_csv(
            {**on, "n": "N2a"},
            {**on, **WOMAN, "icd10": "C16.2", "staging_edition": "8", "t": "T4a", "n": "N2"},
            {**on, **OTHER_WOMAN, "icd10": "C34.3", "n": "N0"},
            {**on, **WOMAN, "icd10": "C50.4", "staging_edition": "8", "t": "", "n": "", "m": ""},
        )
    )
    journey.quality.imports(register)
    journey.quality.sees("共 4 行：接收 4 行，未变 0 行，全部读入")


def rate_of(journey: Journey) -> tuple[str, str]:
    """Numerator and denominator of the hospital, strict, as the report shows them."""
    line = journey.quality.reads_coverage(HOSPITAL)
    return line["已讨论"], line["III期及以上"]


def write_case(journey: Journey) -> str:
    """Fill in the form; gives the case's number."""
    doctor, day = journey.clinician, journey.diagnosed.isoformat()
    ask = "非小细胞肺癌 · 肺癌MDT协作组"
    number = doctor.starts_case(ask, ROW["id_number"], ROW["name"])
    doctor.drafts("患者", {"病案号": ROW["mrn"]})
    doctor.drafts(
        "诊断",
        {
            "ICD-10 编码": "C34.1",
            "病理形态学编码": "8140/3",
            "确诊日期": day,
            "诊断（文字）": "右肺上叶腺癌，纵隔淋巴结转移",
        },
        {"诊断依据": "病理（原发）"},
        ["右侧", "初诊"],
    )
    doctor.drafts("分期", {"分期原文": "cT2aN2M0", "分期日期": day})
    stage = doctor.region("分期")
    expect(stage).to_contain_text("可能的分期组：IIIA、IIIB")
    doctor.drafts("分期", choices={"N": "N2a"})
    expect(stage).to_contain_text("按肺癌（非小细胞，第9版），T2a N2a M0 为 IIIA")
    expect(stage).to_contain_text("III期及以上")
    doctor.drafts(
        "病情",
        {"主诉": "咳嗽、痰中带血一个月", "现病史": "CT示右肺上叶肿块", "合并症说明": "无"},
        {"体力状况 ECOG": "1 能从事轻体力活动"},
    )
    doctor.drafts("治疗与意愿", {"既往抗肿瘤治疗": "无", "本院拟定方案": "拟手术"})
    doctor.drafts("问题与团队", {"请会诊的问题": QUESTION}, marks=["优先"])
    return number


def attach_files(journey: Journey) -> None:
    """Upload images, pathology and the scans of both consents."""
    doctor, day = journey.clinician, journey.diagnosed
    doctor.opens_files()
    doctor.uploads(journey.images.folder)
    if journey.images.files:
        doctor.uploads(*journey.images.files)
    report = make_pdf(journey.folder / f"病理报告 {day}.pdf", "Adenocarcinoma")
    doctor.uploads(report, make_picture(journey.folder / f"病理切片 {day}.png"))
    doctor.stands_for_headers("模体与教学影像，检查号与报告一致")
    doctor.releases_everything()
    doctor.follows("返回填写病例")
    for paper in PAPERS:
        scan = make_pdf(journey.folder / f"{paper}签字页.pdf", "Signed by the patient")
        doctor.records_consent(paper, day, scan)


def make_pdf(path: Path, words: str) -> Path:
    """A page with a line of words."""
    canvas = Canvas(str(path))
    canvas.drawString(72, 720, words)
    canvas.save()
    return path


def make_picture(path: Path) -> Path:
    """A picture with something on it."""
    picture = Image.new("RGB", (640, 480), "white")
    ImageDraw.Draw(picture).ellipse((200, 120, 440, 360), fill="plum", outline="purple")
    picture.save(path)
    return path


def look_at_images(journey: Journey) -> None:
    """Page through the series."""
    doctor, images = journey.clinician, journey.images
    doctor.opens_series(images.series)
    doctor.sees_picture(images.series, 1, images.count)
    doctor.pages_on(1, images.count)
    doctor.sees_picture(images.series, 2, images.count)
    doctor.follows("返回病例")


def list_case(journey: Journey, number: str) -> None:
    """Accept the case, plan a conference for now and put it there; everybody says yes."""
    desk = journey.coordinator
    desk.accepts(number)
    desk.plans_conference(local_time(utc_now() + timedelta(minutes=20)), "二号会议室")
    desk.lists_case(number, "外院结果互认", "增强扫描与化验在当地已做，会上口头补充")
    for person in (journey.chair, journey.clinician, *journey.experts):
        person.answers_invitation()
    desk.opens("会议")
    desk.sees("2 人未答复")


def hold_conference(journey: Journey) -> None:
    """Discuss the case over its images, write the answer, end case and conference."""
    chair, doctor, images = journey.chair, journey.clinician, journey.images
    chair.starts_conference()
    for person in (doctor, *journey.experts):
        person.enters_room()
    chair.sees_company(people=5, disciplines=4)
    chair.takes_up(PATIENT)
    doctor.sees("由您演示，大家跟随您翻看")
    doctor.shows_series(images.series, images.count, 3)
    chair.sees_picture(images.series, 3, images.count)
    doctor.says(REMARK)
    chair.hears("林县医", REMARK)
    chair.types_opinion("对讨论问题的答复", ANSWER[0])
    doctor.reads_opinion("对讨论问题的答复", ANSWER[0])
    chair.types_opinion("对讨论问题的答复", ANSWER[1])
    chair.sees_saved()
    doctor.page.reload()
    doctor.hears("林县医", REMARK)
    doctor.sees_picture(images.series, 3, images.count)
    doctor.reads_opinion("对讨论问题的答复", "".join(ANSWER))
    chair.concludes()
    doctor.sees("现在没有您参加的病例在讨论")
    chair.closes()
    doctor.sees("会议已结束，内容只能查看。")
    for person in (doctor, *journey.experts):
        person.leaves_room()
    doctor.follows("非小细胞肺癌 IIIA")
    doctor.turns_to("讨论")
    doctor.sees(REMARK)


def write_opinion(journey: Journey) -> None:
    """Complete what was begun in the room and send it out for signing."""
    chair = journey.chair
    chair.opens_opinion()
    expect(chair.page.get_by_label("对讨论问题的答复")).to_have_value("".join(ANSWER))
    chair.drafts("讨论结论", marks=["推荐方案"])
    chair.drafts("诊断与分期", {"商定的诊断": "右肺上叶腺癌 cT2aN2aM0"}, {"商定的分期": "IIIA"})
    chair.drafts("诊疗方案", marks=["新辅助"])
    cells = {"内容": STEP, "地点": HOSPITAL, "执行人": "肿瘤内科", "时间": "2周内"}
    chair.adds_step("化疗", cells)
    chair.drafts("检查与复阅意见", {"影像复阅意见": "4R淋巴结肿大", "病理复阅意见": "腺癌"})
    chair.sends_out()


def sign_opinion(journey: Journey) -> None:
    """Chair and experts sign; the paper says what was agreed, and is found valid."""
    chair = journey.chair
    for person in (chair, *journey.experts):
        person.signs()
    chair.page.reload()
    chair.sees("第1版 · 已签署")
    pdf = chair.reads_pdf()
    text = "".join("".join(page_texts(pdf)).split())
    assert [part in text for part in (ROW["name"], "".join(ANSWER), STEP)] == [True, True, True]
    file = journey.folder / "意见书.pdf"
    file.write_bytes(pdf)
    chair.verifies(file)


def adopt_opinion(journey: Journey) -> None:
    """Adopt it under the sentence on liability, and write the first follow-up."""
    doctor, day = journey.clinician, journey.today.isoformat()
    doctor.takes("意见已签署，请确认是否采纳")
    doctor.follows("确认是否采纳")
    doctor.sees("诊断与治疗方案由邀请方决定，并由邀请方承担相应责任")
    doctor.fills("是否采纳", marks=["全部采纳"])
    doctor.presses("确认")
    doctor.presses("确认并记录")
    doctor.sees("已记录对意见书的决定。")
    doctor.fills(
        "随访",
        {"随访日期": day, "首次治疗日期": day, "情况说明": "已按方案开始化疗"},
        {"首次治疗方式": "化疗"},
        ["进行中", "存活"],
    )
    doctor.presses("保存随访")
    doctor.sees("随访已保存。")
    doctor.sees("随访中")


def check_tumour_behind_the_rate(journey: Journey) -> None:
    """The one tumour of the numerator is the patient's."""
    lines = journey.quality.opens_figure(HOSPITAL, "1")
    expect(lines).to_have_count(1)
    cells = lines.get_by_role("cell").all_inner_texts()
    assert cells == [
        journey.diagnosed.isoformat(),
        "男性，64 岁",
        HOSPITAL,
        "C34.1 上叶，支气管或肺的恶性肿瘤（右侧）",
        "T2a N2a M0",
        "III期及以上",
        "—",
        f"已讨论 {journey.today.isoformat()}",
        "—",
    ]
