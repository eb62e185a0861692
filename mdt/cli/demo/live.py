"""The conference that is going on: three counties, the first case under discussion."""

from collections.abc import Sequence
from datetime import date, timedelta

from mdt.cli.demo.boards import Board
from mdt.cli.demo.cases import CaseFile
from mdt.cli.demo.demo import Demo, Story
from mdt.cli.demo.opinions import plan_fields, stage_fields
from mdt.cli.demo.variants import accepted
from mdt.services.file_intake import Description
from mdt.services.invitations import invite_observer

TEAM = "胸部肿瘤MDT协作组"
#: Disciplines of the chair and of every named specialist.
_PANEL = (
    "radiology", "pathology", "thoracic_surgery", "gi_surgery", "medical_oncology",
    "radiation_oncology", "tcm_oncology",
)  # fmt: skip
_OBSERVER = "observer"
_AGO = timedelta(minutes=20)
_MINUTES = (30, 15, 15)
#: How much of the opinion stands already.
_WRITTEN = ("diagnosis", "imaging_review", "pathology_review", "patient_wish", "intent", "basis")


def tell_live(demo: Demo, stories: Sequence[Story]) -> Board:
    """Plan it yesterday, begin it a little while ago, and leave it running."""
    cases = [_ready(demo, story) for story in stories]
    starts_at = (demo.now - _AGO).replace(second=0, microsecond=0)
    board = Board(demo, TEAM, starts_at, _PANEL)
    eve = starts_at - timedelta(hours=20)
    board.plan(eve, title="胸部肿瘤MDT：望禾、松澜、竹沅三县联合讨论", minutes=60)
    for case, minutes in zip(cases, _MINUTES, strict=True):
        board.list_case(case, eve, minutes)
    observer = demo.people.users[_OBSERVER]
    first = cases[0]
    invite_observer(board.desk(eve), board.id, board.items[first.id], observer, now=eve)
    board.everybody_comes(eve + timedelta(hours=1))
    board.answer([_OBSERVER], eve + timedelta(hours=2))
    board.start(starts_at + timedelta(minutes=2))
    _discuss(board, first)
    board.everybody_leaves()
    return board


def _ready(demo: Demo, story: Story) -> CaseFile:
    """Accepted, with images attached yesterday."""
    case = accepted(demo, story)
    now = demo.at(demo.day(1), 10)
    read_on = next(one["date"] for one in story["reports"] if one["type"] == "pathology_report")
    described = Description("slide_image", date.fromisoformat(read_on))
    case.attach("病理切片镜下.jpg", demo.papers.slide(story), now, described)
    if story.get("lesion_mm"):
        slices = demo.papers.slices(story)
        names = {f"CT{number:04d}.dcm": one for number, one in enumerate(slices, 1)}
        case.attach_all(names, now)
    return case


def _discuss(board: Board, case: CaseFile) -> None:
    """Half an hour of discussion and half an opinion."""
    demo, story = board.demo, case.story
    session = story["sessions"][0]
    now = board.starts_at + timedelta(minutes=4)
    board.take_up(case.id, now)
    doctor = demo.doctor(story, now).username
    said = f"{story['history_zh']}我们想请教：{story['questions_zh'][0]}"
    board.say(doctor, case.id, said, now + timedelta(minutes=1))
    end = board.discuss(case.id, session, now + timedelta(minutes=3))
    board.say("tcm", case.id, "舌淡红苔薄白，脉细，可配合健脾益气，不影响术前治疗。", end)
    board.say(board.chair, case.id, "请记录：先按单站N2处理，术前治疗后再评估手术。", end)
    fields = plan_fields(demo, story, session)
    written = {name: fields[name] for name in _WRITTEN}
    agreed = stage_fields(story["stage_submitted"])
    steps = [
        {
            "modality": "chemotherapy",
            "what": "术前含铂双药化疗2–3周期，之后复查CT",
            "where": "县级医院",
            "who": "县肿瘤科",
            "when": "1周内",
        },
        {
            "modality": "immunotherapy",
            "what": "与术前化疗同期的免疫治疗",
            "where": "县级医院",
            "who": "县肿瘤科",
            "when": "与化疗同日",
        },
    ]
    board.write_plan(case.id, {**written, "stage": agreed, "steps": steps}, end)
