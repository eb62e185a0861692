"""QIDO-RS: the studies, series and objects of a case that match a query."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mdt.queries.cases import get_case
from mdt.queries.dicomweb import (
    Place,
    SeriesSummary,
    ServedInstance,
    list_described,
    list_instances,
    summarise_series,
)
from mdt.rules.access import Viewer
from mdt.rules.dicom_matching import matches
from mdt.rules.image_words import known_code

Attributes = dict[str, dict[str, Any]]

_CHARSET, _AVAILABILITY, _URL = "00080005", "00080056", "00081190"
_STUDY, _SERIES, _INSTANCE = "0020000D", "0020000E", "00080018"
_STUDY_TAGS = (
    *("00080005", "00080020", "00080030", "00080050", "00080090", "00081030", "00100010"),
    *("00100020", "00100030", "00100040", "0020000D", "00200010"),
)
_SERIES_TAGS = ("00080005", "00080060", "0008103E", "0020000E", "00200011", "00180015")
# What an object's row knows, so that its metadata need not be opened.
_INSTANCE_TAGS = frozenset(
    {
        *("00080016", "00080018", "00080056", "00081190", "0020000D", "0020000E", "00200013"),
        *("00280008", "00280010", "00280011", "00083002"),
    }
)


@dataclass(frozen=True)
class Search:
    """A query: tags with the values wanted, further tags to give (``None``: all), a page."""

    filters: tuple[tuple[str, str], ...] = ()
    include: frozenset[str] | None = frozenset()
    limit: int | None = None
    offset: int = 0

    def page(self, found: Sequence[Attributes]) -> list[Attributes]:
        """The part of what was found that is asked for."""
        end = None if self.limit is None else self.offset + self.limit
        return list(found[self.offset : end])


def search_studies(viewer: Viewer, case_id: int, root: str, search: Search) -> list[Attributes]:
    """Studies of a case that match; `NotFound` for a case that the viewer may not see."""
    get_case(viewer, case_id)
    groups: dict[str, list[SeriesSummary]] = {}
    for one in summarise_series(viewer, Place(case_id)):
        groups.setdefault(one.study_uid, []).append(one)
    found = [_study(root, series, search) for series in groups.values()]
    return search.page([one for one, full in found if _fits(full, search)])


def search_series(viewer: Viewer, place: Place, root: str, search: Search) -> list[Attributes]:
    """Series of a case or of one study of it; as `search_studies`."""
    get_case(viewer, place.case_id)
    found = [_series(root, one, search) for one in summarise_series(viewer, place)]
    return search.page([one for one, full in found if _fits(full, search)])


def search_instances(viewer: Viewer, place: Place, root: str, search: Search) -> list[Attributes]:
    """Objects of a case, a study or a series; as `search_studies`."""
    get_case(viewer, place.case_id)
    wanted = {tag for tag, _ in search.filters} | (search.include or set())
    if search.include is not None and wanted <= _INSTANCE_TAGS:
        briefs = [_instance(root, one) for one in list_instances(viewer, place)]
        return search.page([one for one in briefs if _fits(one, search)])
    found = []
    for row, metadata in list_described(viewer, place):
        brief = _instance(root, row)
        whole = json.loads(metadata) | brief
        if _fits(whole, search):
            found.append(_with(brief, whole, search))
    return search.page(found)


def _fits(attributes: Mapping[str, Any], search: Search) -> bool:
    return all(matches(attributes.get(tag), value) for tag, value in search.filters)


def _with(brief: Attributes, whole: Attributes, search: Search) -> Attributes:
    """What is always given, and what was asked for besides; bulk data is not for lists."""
    more = whole.keys() if search.include is None else search.include & whole.keys()
    added = {tag: whole[tag] for tag in more if "BulkDataURI" not in whole[tag]}
    return dict(sorted((added | brief).items()))


def _study(
    root: str, series: Sequence[SeriesSummary], search: Search
) -> tuple[Attributes, Attributes]:
    first = series[0]
    whole: Attributes = json.loads(first.metadata)
    modalities = sorted({code for one in series if (code := known_code(one.modality))})
    brief = _some(whole, _STUDY_TAGS) | {
        _AVAILABILITY: _value("CS", "ONLINE"),
        "00080061": _value("CS", *modalities),
        _URL: _value("UR", f"{root}/studies/{first.study_uid}"),
        "00201206": _value("IS", len(series)),
        "00201208": _value("IS", sum(one.instances for one in series)),
    }
    return _with(brief, whole, search), whole | brief


def _series(root: str, one: SeriesSummary, search: Search) -> tuple[Attributes, Attributes]:
    whole: Attributes = json.loads(one.metadata)
    brief = _some(whole, (*_STUDY_TAGS, *_SERIES_TAGS)) | {
        _URL: _value("UR", f"{root}/studies/{one.study_uid}/series/{one.series_uid}"),
        "00201209": _value("IS", one.instances),
    }
    # The page's word for the modality, which its summary counts as well.
    code = known_code(one.modality)
    whole = whole | brief | {"00080061": _value("CS", *([code] if code else []))}
    return _with(brief, whole, search), whole


def _instance(root: str, one: ServedInstance) -> Attributes:
    address = f"{root}/studies/{one.study_uid}/series/{one.series_uid}/instances/{one.uid}"
    found = {
        "00080016": _value("UI", one.sop_class_uid),
        _INSTANCE: _value("UI", one.uid),
        _AVAILABILITY: _value("CS", "ONLINE"),
        _URL: _value("UR", address),
        "00083002": _value("UI", one.syntax_uid),
        _STUDY: _value("UI", one.study_uid),
        _SERIES: _value("UI", one.series_uid),
        "00200013": _value("IS", *(() if one.number is None else (one.number,))),
    }
    if one.rows and one.columns:
        found["00280008"] = _value("IS", one.frames)
        found["00280010"] = _value("US", one.rows)
        found["00280011"] = _value("US", one.columns)
    return found


def _some(whole: Attributes, tags: Iterable[str]) -> Attributes:
    return {tag: whole[tag] for tag in tags if tag in whole}


def _value(vr: str, *values: object) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}
