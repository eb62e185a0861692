"""Finding words in what doctors write: titles of reports, series descriptions, typed results.

Body parts follow ``dicom_cn_terms.csv``: the longest term wins, so that 胸椎 is the spine and not
the chest, and 不增强 is without contrast though it holds 增强.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache

from mdt.rules.content.files import code_rows

_LEG = ("LEG", "EXTREMITY")
_ARM = ("ARM", "EXTREMITY")
#: One examination of several regions covers each of them.
_COVERS: dict[str, tuple[str, ...]] = {
    "ABDOMENPELVIS": ("ABDOMEN", "PELVIS"),
    "CHESTABDOMEN": ("CHEST", "ABDOMEN"),
    "CHESTABDPELVIS": ("CHEST", "ABDOMEN", "PELVIS"),
    "HEADNECK": ("HEAD", "NECK"),
    "NECKCHEST": ("NECK", "CHEST"),
    **dict.fromkeys(("ANKLE", "CALF", "FEMUR", "FOOT", "KNEE", "LOWERLIMB", "THIGH"), _LEG),
    **dict.fromkeys(("ELBOW", "FOREARM", "HAND", "HUMERUS", "SHOULDER", "UPPERLIMB"), _ARM),
}
#: Compound ones that are complete only with each of their regions.
_COMPOUND = frozenset({"ABDOMENPELVIS", "CHESTABDOMEN", "CHESTABDPELVIS", "NECKCHEST"})
#: What of the list's notes on protocols says that a series shows nothing by itself.
_AIDS = frozenset({"scout", "dose_report", "screenshot"})
_LATIN_AIDS = (
    "scout", "localizer", "localiser", "topogram", "surview", "scanogram", "dose report",
    "dose info", "patient protocol", "screen save",
)  # fmt: skip
#: A study that names this beside its contrast has series of both sorts.
_PLAIN_TOO = ("平扫", "C-/C+", "C-C+")
#: A sentence with one of these tells of a result that is not there.
_NOT_THERE = re.compile(r"未(做|查|测|检|回|出|送|行|完成)|待|拟|不详|标本不足")
_SENTENCE_END = re.compile(r"[。；;\n]")
_LATIN = re.compile(r"[A-Z0-9]")


def plain(text: str) -> str:
    """Half-width, upper-case, one kind of dash: for comparing, not for showing."""
    return re.sub("[‐-―−]", "-", unicodedata.normalize("NFKC", text)).upper()


def names(text: str, term: str) -> bool:
    """The text holds the term; a Latin term must stand as a word (``ER`` is not in ``HER2``)."""
    wanted = plain(term)
    before = r"(?<![A-Z0-9])" if _LATIN.match(wanted[0]) else ""
    after = r"(?![A-Z])" if _LATIN.match(wanted[-1]) else ""
    return re.search(before + re.escape(wanted) + after, plain(text)) is not None


def names_any(text: str, terms: Collection[str]) -> bool:
    """The text holds one of the terms."""
    return any(names(text, term) for term in terms)


@lru_cache(maxsize=4096)
def results_only(text: str) -> str:
    """The text without the sentences that say that something was not done or is awaited."""
    sentences = _SENTENCE_END.split(text)
    return "\n".join(one for one in sentences if not _NOT_THERE.search(one))


@cache
def _body_terms() -> tuple[tuple[str, str], ...]:
    rows = code_rows("dicom_cn_terms")
    found = [(row["term_zh"], row["body_part_code"]) for row in rows if row["kind"] == "body_part"]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


@cache
def _contrast_terms() -> tuple[tuple[str, str], ...]:
    rows = code_rows("dicom_cn_terms")
    found = [(row["term_zh"], row["contrast"]) for row in rows if row["kind"] == "contrast"]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def _take_longest(text: str, terms: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """The pairs whose term is in the text, each stretch of text used for one term."""
    left, found = plain(text), []
    for term, meaning in terms:
        pattern = _pattern(term)
        if pattern.search(left):
            found.append((term, meaning))
            left = pattern.sub("\n", left)
    return found


@cache
def _pattern(term: str) -> re.Pattern[str]:
    """The term as text; Latin ones stand as words: CE is not in SLICE, and C- not in C-SPINE."""
    wanted = plain(term)
    before = r"(?<![A-Z0-9])" if _LATIN.match(wanted[0]) else ""
    after = r"(?![A-Z])" if _LATIN.match(wanted[-1]) or wanted[-1] in "+-" else ""
    return re.compile(before + re.escape(wanted) + after)


def covered(body_part: str) -> tuple[str, ...]:
    """A DICOM body part and, of a compound one, the regions that it covers."""
    return (body_part, *_COVERS.get(body_part, ()))


@cache
def body_part_codes() -> frozenset[str]:
    """Every code of a body part that the list knows, compound ones and what they cover too."""
    codes = {code for _, code in _body_terms()} | {*_COVERS, "THORAX"}
    return frozenset(part for code in codes for part in covered(code))


@lru_cache(maxsize=4096)
def is_aid(text: str) -> bool:
    """A title or description of what only helps: a scout, a dose report, a screenshot."""
    wanted = plain(text)
    return any(plain(term) in wanted for term in _aid_terms()) or names_any(text, _LATIN_AIDS)


@cache
def _aid_terms() -> tuple[str, ...]:
    rows = code_rows("dicom_cn_terms")
    return tuple(
        row["term_zh"] for row in rows if row["kind"] == "protocol" and row["note"] in _AIDS
    )


def is_compound(body_part: str) -> bool:
    """An examination that is complete only with each of its regions."""
    return body_part in _COMPOUND


@lru_cache(maxsize=4096)
def body_parts_in(text: str) -> frozenset[str]:
    """The DICOM body parts that a title or description names, in Chinese or by their code."""
    chinese = {part for _, code in _take_longest(text, _body_terms()) for part in covered(code)}
    words = [word for word in re.findall(r"[A-Z]+", plain(text)) if len(word) > 2]
    latin = {part for word in words for part in covered(word)}
    return frozenset(chinese | latin)


@lru_cache(maxsize=4096)
def body_words_in(text: str) -> frozenset[str]:
    """The body words of a title, longest first: 胸椎 and not 胸."""
    return frozenset(term for term, _ in _take_longest(text, _body_terms()))


def is_body_word(term: str) -> bool:
    """The term stands in the list of body words."""
    return any(term == known for known, _ in _body_terms())


def contrast_of_study(text: str) -> bool | None:
    """The same of a whole study for each of its series; ``None`` where it has both sorts."""
    said = contrast_in(text)
    return None if said and any(one in plain(text) for one in _PLAIN_TOO) else said


@lru_cache(maxsize=4096)
def contrast_in(text: str) -> bool | None:
    """Whether a title or description says with contrast, without, or nothing (``None``)."""
    said = {meaning for _, meaning in _take_longest(text, _contrast_terms())}
    if "yes" in said:
        return True
    return False if "no" in said else None
