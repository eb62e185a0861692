"""Stages as people write them, read by rule: full-width, Chinese, prefixed, with or without TNM."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mdt.rules.staging.shapes import numeral_of

# A WHO or histological grade is never a stage, whatever numeral it has.
_DEGREE = r"(?:\d|(?:IV|I{1,3})(?![IV])|[一二三四])"
_GRADE = re.compile(rf"WHO[^期]{{0,8}}?{_DEGREE}\s*级?|{_DEGREE}\s*级")
_EDITION = re.compile(
    r"第?\s*[5-9五六七八九]\s*版|(?<=AJCC)\s*[5-9](?!\d)|(?<=UICC)\s*[5-9](?!\d)|(?<=FIGO)\s*20\d\d"
)
_SYSTEM = re.compile(
    r"AJCC|UICC|FIGO|CNLC|BCLC|ANN[\s_-]*ARBOR|LUGANO|COTSWOLDS?|VALS?G|R2?-?ISS|\bISS\b|\bRAI\b|"
    r"BINET|INRGSS|INSS|MASAOKA(?:-KOGA)?|DURIE[\s-]*SALMON|"
    r"TNM\s*(?:分期)?|分期组?|期别|解剖学?|预后|\bSTAGE\b|\bGROUP\b"
)
_WORD_PREFIXES = (("新辅助", "yp"), ("复发", "r"), ("尸检", "a"), ("病理", "p"), ("临床", "c"))
_WORDS = re.compile(r"新辅助(?:治疗)?后?|复发|尸检|术后|病理学?|临床")
_CHINESE_NUMERAL = re.compile(r"第?([零〇一二三四])(?=(?:[A-E]\d?)?\s*期)")
_ARABIC_NUMERAL = re.compile(r"(?<![\dA-Z.])第?([0-4])(?=(?:[A-E]\d?)?\s*期)")
_ROMAN = {"零": "0", "〇": "0", "一": "I", "二": "II", "三": "III", "四": "IV"} | {
    str(number): roman for number, roman in enumerate(("0", "I", "II", "III", "IV"))
}

_PREFIX = r"(?:YC|YP|Y|R|A|C|P)"
_DIAGNOSIS = re.compile(r"^[^非除排疑未不无隐A-Z0-9]*[癌瘤]")
_TNM = re.compile(
    rf"(?<![A-Z0-9])(?:(?P<tp>{_PREFIX})?T(?P<t>X|IS|A|[0-4](?:MI|[A-E]\d?)?)(?P<tr>\([^)]*\))?)?"
    rf"[\s,;/]*(?:(?P<np>{_PREFIX})?N(?P<n>X|[0-3](?:MI|[A-E]\d?)?)(?P<nr>\([^)]*\))?)?"
    rf"[\s,;/]*(?:(?P<mp>{_PREFIX})?M(?P<m>X|[01](?:[A-E]\d?)?)(?P<mr>\([^)]*\))?)?(?![A-Z0-9])"
)
_GROUP = re.compile(
    rf"(?P<prefix>{_PREFIX}(?=[0IV]))?(?P<numeral>(?:IV|I{{1,3}})(?![IV])|0)期?-?"
    r"(?P<suffix>BULKY|IS|[A-C]?\d?M-?(?:P53ABN|POLEMUT|MMRD|NSMP)|[ABCDESX+]{1,4}\d{0,2}|\d)?"
    r"期?(?P<tail>\([^)]*\))?期?"
)
_RANGE = re.compile(r"(IV|I{1,3}|0)[A-E]?期?(?:-|~|至|到|或|/)(IV|I{1,3}|0)[A-E]?期?")
_LETTER = re.compile(r"-?([A-D]|L[12]|MS|M|V)期?")
_LIMITED = re.compile(r".*局限.*|(?:LIMITED|LD|LS)(?:STAGE|DISEASE|-?SCLC)?期?")
_EXTENSIVE = re.compile(r".*广泛.*|(?:EXTENSIVE|ED|ES)(?:STAGE|DISEASE|-?SCLC)?期?")
_OCCULT = re.compile(r".*隐匿.*|OCCULT.*")
_BULKY = re.compile(r"伴?大包块|伴?大肿块")
_NOISE = re.compile(r"[\s:：,，;；。、_=]+")
_PLAIN_GROUP = re.compile(r"(0|IV|I{1,3})期?([A-Ea-e]\d{0,2}|is)?期?")
_IN_SITU = frozenset({"(AIS)", "(DCIS)", "(SCIS)"})
_SMALL = {"0A": "0a", "0IS": "0is"}


@dataclass(frozen=True, slots=True)
class StageText:
    """What could be read of a stage's text; ``raw`` is kept as it came.

    ``prefix`` is ``c``, ``p``, ``yp`` (a bare y too), ``yc``, ``r``, ``a`` or nothing. ``group`` is
    upper-case (``IIIA``, ``IIIC1``, ``C``), or ``limited``, ``extensive``, ``occult``, or a range
    (``II-III``); ``numeral`` is ``0`` to ``IV``, or nothing where no single one was read.
    """

    raw: str
    prefix: str = ""
    t: str = ""
    n: str = ""
    m: str = ""
    group: str = ""
    numeral: str = ""


@lru_cache(maxsize=4096)
def read_stage_text(raw: str) -> StageText:
    """Read a stage from text; what cannot be read stays empty.

    Arabic and Chinese numerals count only before 期, a WHO or differentiation grade never.
    """
    text = _GRADE.sub(" ", unicodedata.normalize("NFKC", raw).upper())
    word_prefix = next((prefix for word, prefix in _WORD_PREFIXES if word in text), "")
    text = _SYSTEM.sub(" ", _EDITION.sub(" ", _WORDS.sub(" ", text)))
    text = _BULKY.sub("BULKY", _DIAGNOSIS.sub(" ", text.replace("非小细胞", "").strip()))
    text = _CHINESE_NUMERAL.sub(_to_roman, text)
    text = _ARABIC_NUMERAL.sub(_to_roman, text)
    found = next((match for match in _TNM.finditer(text) if match.lastgroup), None)
    if found:
        text = f"{text[: found.start()]} {text[found.end() :]}"
    letter, group = _read_group(text, alone=found is None)
    tnm = {axis: _category(found, axis) for axis in "tnm"} if found else {}
    written = [found[f"{axis}p"] for axis in "tnm" if found[f"{axis}p"]] if found else []
    prefix = _strongest([*written, letter]) or word_prefix
    return StageText(raw, prefix, **tnm, group=group, numeral=_numeral(group))


def _to_roman(match: re.Match[str]) -> str:
    return _ROMAN[match.group(1)]


def _category(found: re.Match[str], axis: str) -> str:
    core, rest = found[axis], found[f"{axis}r"] or ""
    if not core:
        return ""
    small = core if core == "X" else core.lower()
    return f"{axis.upper()}{small}{rest if rest in _IN_SITU else rest.lower()}"


def _strongest(prefixes: list[str]) -> str:
    """Choose among the prefixes of T, N, M and group: one that bars the stage goes first."""
    names = ["yp" if prefix == "Y" else prefix.lower() for prefix in prefixes if prefix]
    return min(names, key=lambda name: name in {"c", "p"}, default="")


def _read_group(text: str, *, alone: bool) -> tuple[str, str]:
    """Return prefix and group, from the whole text or else from the one part of it that has one."""
    whole = _group_of(_NOISE.sub("", text))
    if whole[1]:
        return whole
    parts = {
        _group_of(part.strip("()")) for part in _NOISE.split(text) if not alone or "期" in part
    }
    read = {part for part in parts if part[1]}
    return read.pop() if len(read) == 1 else ("", "")


def _group_of(text: str) -> tuple[str, str]:
    text = text.strip("()") if text.startswith("(") else text
    if found := _GROUP.fullmatch(text):
        return found["prefix"] or "", _label(found)
    if found := _RANGE.fullmatch(text):
        return "", found[1] if found[1] == found[2] else f"{found[1]}-{found[2]}"
    if found := _LETTER.fullmatch(text):
        return "", found[1]
    words = ((_LIMITED, "limited"), (_EXTENSIVE, "extensive"), (_OCCULT, "occult"))
    named = [label for pattern, label in words if pattern.fullmatch(text)]
    return "", named[0] if len(named) == 1 else ""


def _label(found: re.Match[str]) -> str:
    numeral, suffix, tail = found["numeral"], found["suffix"] or "", found["tail"] or ""
    if suffix == "BULKY":
        return f"{numeral} bulky"
    label = numeral + suffix
    roman_part = tail.lower() if re.fullmatch(r"\([IV]+\)", tail) else ""
    return _SMALL.get(label, label) + roman_part


def _numeral(group: str) -> str:
    """Return the group's numeral; a range has none."""
    return "" if _RANGE.fullmatch(group) else numeral_of(group)


def printed_group(raw: str, system: str = "") -> str:
    """Write a group as the tables print it: ``IIIB`` of ``ⅢB``; anything else stays as written.

    A small letter is another group in some systems (``IIIa`` of CNLC), so only TNM gets a capital.
    """
    found = _PLAIN_GROUP.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", raw)))
    if not found:
        return raw
    numeral, letter = found[1], found[2] or ""
    return numeral + (letter.upper() if system == "TNM" and numeral != "0" else letter)


def printed_categories(*written: str, prefix: str = "") -> str:
    """Write categories in one line: ``cT2b N1 M0``, without the blanks inside that people leave."""
    parts = [re.sub(r"\s", "", unicodedata.normalize("NFKC", one)) for one in written]
    line = " ".join(part for part in parts if part)
    return f"{prefix}{line}" if line else ""
