"""An invented opinion to print, with rare names and long texts."""

from datetime import UTC, datetime

from mdt.adapters.plan_pdf import (
    AttendanceLine,
    ConferenceLine,
    DissentLine,
    PatientLine,
    PlanDocument,
    SignatureLine,
    StageLine,
    StepLine,
)
from mdt.rules.followup import LIABILITY

TERTIARY, COUNTY = "江西示范肿瘤医院（虚构）", "望禾县人民医院（虚构）"


def opinion(**changes: object) -> PlanDocument:
    fields: dict[str, object] = {
        "requesting_hospital": COUNTY,
        "consulting_hospital": TERTIARY,
        "case_number": "MDT-2026-000128",
        "patient": PatientLine("演示𬭩", "男", "62岁", "DEMO02601", "3699**********0017"),
        "conference": ConferenceLine(
            "LUNG-2026-041",
            "2026年10月9日 周五 14:30–15:05",
            "远程视频（江西示范肿瘤医院多学科会诊中心）",
            "示范䶮",
        ),
        "questions": (
            "4R淋巴结是否需要EBUS证实？",
            "直接手术还是新辅助治疗后手术？",
            "基因检测标本不足，是否再取材？",
        ),
        "case_summary": (
            "男，62岁，吸烟40年，每日20支。2月前起刺激性咳嗽，近1周痰中带少量血丝，体重下降3 kg。"
            "胸部增强CT（2026-09-08）：右肺上叶后段不规则实性结节，约2.4 cm×2.1 cm，边缘毛刺，牵拉"
            "胸膜；右下气管旁（4R）淋巴结短径1.3 cm；双肺肺气肿。头颅增强MR未见异常强化灶。"
            "（右上肺）浸润性腺癌，TTF-1（+）、NapsinA（+）、p40（−）、Ki-67约40%。"
            "ECOG 1分；FEV1 1.72 L，占预计值68%；白细胞6.2×10⁹/L；"
            "¹⁸F-FDG PET-CT示仅4R轻度代谢增高。"
        ),
        "attendance": (
            AttendanceLine("示范䶮", TERTIARY, "胸外科", "主任医师"),
            AttendanceLine("示范𠮷", TERTIARY, "肿瘤内科", "副主任医师"),
            AttendanceLine("示范丙", TERTIARY, "放疗科", "副主任医师"),
            AttendanceLine("示范丁", TERTIARY, "医学影像科", "副主任医师"),
            AttendanceLine("示范戊", TERTIARY, "病理科", "主治医师"),
            AttendanceLine("示范己", COUNTY, "呼吸与危重症医学科", "主治医师"),
        ),
        "outcome": "推荐方案",
        "answer": (
            "EBUS仅4R阳性，属单站N2a，可手术；建议新辅助治疗后手术；EBUS标本已满足NGS和PD-L1检测。"
        ),
        "basis": "单站N2可切除；EGFR 19外显子缺失，PD-L1 20%。",
        "diagnosis": "右肺上叶腺癌（ICD-10 C34.1，ICD-O-3 8140/3）",
        "stage": StageLine("ⅡB期", "cT1c N2a M0", "AJCC/UICC", "第9版", iii_plus=False),
        "intent": "新辅助",
        "steps": (
            StepLine(
                "化疗",
                "术前含铂双药2–3周期，方案与剂量由主管医师按规范定；每周期复查血象和肝肾功能",
                "望禾县人民医院",
                "县肿瘤科",
                "2周内开始",
            ),
            StepLine("手术", "右上肺叶切除加系统淋巴结清扫", TERTIARY, "胸外科", "疗效评估后"),
            StepLine("靶向治疗", "术后EGFR阳性辅助靶向（按病理再定）", COUNTY, "县肿瘤科", "术后"),
            StepLine("营养支持", "高蛋白饮食与口服补充", COUNTY, "营养科", "即刻"),
        ),
        "further_tests": "术前心肺功能评估（6分钟步行试验、DLCO）。",
        "imaging_review": "PET-CT复阅：仅4R轻度代谢增高，无远处转移；肺气肿明显，注意术后肺功能。",
        "pathology_review": "4R穿刺见转移腺癌，与肺原发一致，NGS合格。",
        "alternative": "如新辅助不能耐受，直接手术后辅助。",
        "review_point": "术前评估时及术后病理出具后复议。",
        "patient_wish": "患者愿手术，希望在本省完成。",
        "dissent": (
            DissentLine(
                "示范丙",
                "放疗科",
                "对治疗顺序有不同意见",
                "若术后切缘阳性或多站阳性，应讨论纵隔放疗，不宜作为常规。",
            ),
        ),
        "signatures": (
            SignatureLine("示范䶮", TERTIARY, "胸外科（主持人）", "主任医师", "2026-10-09 15:12"),
            SignatureLine("示范𠮷", TERTIARY, "肿瘤内科", "副主任医师", "2026-10-09 15:14"),
            SignatureLine("示范丙", TERTIARY, "放疗科", "副主任医师", "2026-10-09 15:20"),
            SignatureLine("示范丁", TERTIARY, "医学影像科", "副主任医师", "2026-10-09 16:02"),
            SignatureLine("示范戊", TERTIARY, "病理科", "主治医师", "2026-10-09 16:40"),
        ),
        "disclaimer": LIABILITY["zh"],
        "content_hash": "9f2c4b7a" * 8,
        "verify_code": "K7QM-2R9D-XT4F",
        "verify_url": "https://mdt.example.org/verify/K7QM-2R9D-XT4F",
        "made_at": datetime(2026, 10, 9, 8, 40, tzinfo=UTC),
    }
    return PlanDocument(**{**fields, **changes})
