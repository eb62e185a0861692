"""Scans and images of the demo cases, drawn in other processes while the story is being told."""

import multiprocessing
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from typing import Any, Self

from mdt.adapters.demo_images import pathology_picture, scanned_report, synthetic_chest_ct
from mdt.cli.demo.places import HOSPITALS

_HOSPITAL = {code: zh for code, zh, *_ in HOSPITALS}
_SEX = {"M": "男", "F": "女"}
_CONSENTS = {
    "remote": (
        "远程多学科会诊知情同意书",
        "本人已了解远程会诊的目的、方式和参加人员，知晓受邀方意见供邀请方参考，",
        "诊断与治疗由邀请方决定并负责。同意将病历资料用于本次会诊。",
    ),
    "privacy": (
        "个人信息处理同意书",
        "本人同意为会诊与随访处理本人的姓名、证件号码、病历、影像与病理资料，",
        "知晓资料只供参加会诊的人员查阅，可随时撤回同意。",
    ),
    "guardian": (
        "监护人（近亲属）同意书及关系证明",
        "本人为患者的监护人或近亲属，关系证明附后，",
        "已了解会诊的目的与风险，代为同意远程会诊及资料使用。",
    ),
}
#: What every patient signs.
_COMMON = ("remote", "privacy")
_WORKERS = 2
_CT_SIZE = 384
_SLIDE_SIZE = (1280, 960)


def chest_ct(**particulars: Any) -> list[bytes]:
    """The slices of a chest CT, all at once: a generator does not cross processes."""
    return list(synthetic_chest_ct(**particulars))


class Papers:
    """Files by what they are; asked for ahead of time, waited for when they are attached.

    ``detail`` is the share of rows and columns that pictures have: with less they are drawn, and
    come in, sooner.
    """

    def __init__(self, detail: float = 1.0) -> None:
        self._detail = detail
        # Started anew, not forked: this process holds threads and connections.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(_WORKERS, mp_context=context)
        self._drawn: dict[tuple[str, ...], Future[Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def order(self, stories: Iterable[Mapping[str, Any]], until: date) -> None:
        """Begin to draw what these cases will ask for."""
        for story in stories:
            self._order_consents(story["requesting_hospital"])
            for number, report in enumerate(story["reports"]):
                if date.fromisoformat(report["date"]) <= until:
                    self._report(story, number)
        for hospital in _HOSPITAL:
            self._order_consents(hospital)

    def _order_consents(self, hospital: str) -> None:
        for kind in _COMMON:
            self._consent(hospital, kind)

    def order_images(self, stories: Iterable[Mapping[str, Any]]) -> None:
        """Begin to draw chests and microscope pictures."""
        for story in stories:
            if story.get("lesion_mm"):
                self._ct(story)
            self._slide(story)

    def report(self, story: Mapping[str, Any], number: int) -> bytes:
        """One of the case's reports, as a scan."""
        return bytes(self._report(story, number).result())

    def consent(self, hospital: str, kind: str) -> bytes:
        """A signed paper, as a scan."""
        return bytes(self._consent(hospital, kind).result())

    def consent_scans(self, hospitals: Iterable[str]) -> dict[str, dict[str, bytes]]:
        """The papers that every case has, of each hospital."""
        return {code: {kind: self.consent(code, kind) for kind in _COMMON} for code in hospitals}

    def slices(self, story: Mapping[str, Any]) -> list[bytes]:
        """A chest CT of the case, as DICOM files."""
        return list(self._ct(story).result())

    def slide(self, story: Mapping[str, Any]) -> bytes:
        """A picture of the case's biopsy."""
        return bytes(self._slide(story).result())

    def _once(self, key: tuple[str, ...], draw: Callable[..., Any], **how: Any) -> Future[Any]:
        if key not in self._drawn:
            self._drawn[key] = self._pool.submit(draw, **how)
        return self._drawn[key]

    def _report(self, story: Mapping[str, Any], number: int) -> Future[Any]:
        one, patient = story["reports"][number], story["patient"]
        lines = (
            _HOSPITAL[story["requesting_hospital"]],
            one["title_zh"],
            f"姓名：{patient['name']}    性别：{_SEX[patient['sex']]}    报告日期：{one['date']}",
            f"病案号：{patient['mrn']}",
            "---",
            *one["text_zh"].splitlines(),
            "---",
            "报告医师：（见原件）        审核医师：（见原件）",
        )
        key = ("report", story["id"], str(number))
        return self._once(key, scanned_report, lines=lines, seed=_seed(*key), detail=self._detail)

    def _consent(self, hospital: str, kind: str) -> Future[Any]:
        key = ("consent", hospital, kind)
        title, *words = _CONSENTS[kind]
        lines = (_HOSPITAL[hospital], title, "---", *words, "---", "签名：（见原件）")
        return self._once(key, scanned_report, lines=lines, seed=_seed(*key), detail=self._detail)

    def _ct(self, story: Mapping[str, Any]) -> Future[Any]:
        patient = story["patient"]
        taken = next(one["date"] for one in story["reports"] if one["type"] == "ct_report")
        return self._once(
            ("ct", story["id"]),
            chest_ct,
            patient_name=patient["name"],
            patient_id=patient["mrn"],
            sex=patient["sex"],
            birth_date=date.fromisoformat(patient["birth_date"]),
            study_date=date.fromisoformat(taken),
            seed=_seed(story["id"]),
            hospital=_HOSPITAL[story["requesting_hospital"]],
            lesion_mm=story["lesion_mm"],
            size=round(_CT_SIZE * self._detail),
        )

    def _slide(self, story: Mapping[str, Any]) -> Future[Any]:
        key = ("slide", story["id"])
        width, height = (round(length * self._detail) for length in _SLIDE_SIZE)
        return self._once(key, pathology_picture, seed=_seed(*key), width=width, height=height)


def _seed(*words: str) -> int:
    """The same number on every machine, unlike ``hash``."""
    return sum(place * ord(letter) for place, letter in enumerate("/".join(words), 1))
