"""ICD-10 codes of neoplasms as Chinese records write them.

The national clinical and insurance versions lengthen the code of WHO: ``C34.100x001`` is C34.1,
``C20.x00`` is C20, which has no subdivision. What was written is kept, beside what it stands for.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mdt.rules.codes import Label, SiteRange, icd10_names, icd10_superseded, site_ranges

_ANY_CODE = re.compile(r"[A-Z]\d{2}(\.[0-9x](\d{2}(x\d{3})?)?)?", re.ASCII)

#: What nearly every name says; nobody types it.
_COMMON = ("malignant neoplasm of", "malignant neoplasm", "的恶性肿瘤", "恶性肿瘤")
#: So much of what was typed stands in a name that is offered.
_NEAR = 0.5

NO_GROUP = SiteRange("", "", "", "other", Label("其他", "Other"), 999)


@dataclass(frozen=True, slots=True)
class Icd10:
    """A readable code: as kept (``C34.100x001``), category (``C34``), subcategory (``C34.1``).

    ``code4`` is the category where the code has no subdivision.
    """

    code: str
    category3: str
    code4: str


@lru_cache(maxsize=5_000)
def parse_icd10(text: str) -> Icd10 | None:
    """Read a code of any chapter; ``None`` where the text is no ICD-10 code."""
    plain = unicodedata.normalize("NFKC", text).strip()
    code = plain[:1].upper() + plain[1:].lower()
    if not _ANY_CODE.fullmatch(code):
        return None
    divided = len(code) > 3 and code[4] != "x"
    return Icd10(code, code[:3], code[:5] if divided else code[:3])


def looks_like_code(text: str) -> bool:
    """A letter and a figure begin a code; anything else is somebody's words."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return re.match(r"[A-Za-z]?\d", plain) is not None


def find_icd10(text: str) -> str:
    """The code whose name this is, or whose name alone holds it; empty where none or several do."""
    wanted = _words(text)
    names = _names_in_words()
    for found in (
        [code for code, words in names.items() if wanted in words],
        [code for code, words in names.items() if any(wanted in word for word in words)],
    ):
        # One character names nothing by itself, unless it is the whole name.
        if found and (len(wanted) > 1 or wanted in names[found[0]]):
            return found[0] if len(found) == 1 else ""
    return ""


def nearest_icd10(text: str, most: int = 5) -> tuple[str, ...]:
    """Codes whose names come near to what was typed, the nearest first; of those the primary."""
    wanted = _parts(re.sub("[左右侧癌]", "", _plain(text)))
    near = {
        code: max((_share(wanted, _parts(_plain(name))), -len(name)) for name in (one.zh, one.en))
        for code, one in icd10_names().items()
    }

    def key(code: str) -> tuple[float, bool, int]:
        share, shortness = near[code]
        return share, is_malignant(code) and not is_metastasis(code), shortness

    found = [code for code, (share, _) in near.items() if share >= _NEAR]
    return tuple(sorted(found, key=key, reverse=True)[:most])


def _parts(text: str) -> frozenset[str]:
    """What a name is made of: Latin words, and each Chinese character."""
    return frozenset(re.findall(r"[a-z]{3,}|[^\W\da-z_]", text))


def _share(wanted: frozenset[str], parts: frozenset[str]) -> float:
    return len(wanted & parts) / len(wanted) if wanted else 0.0


def _plain(text: str) -> str:
    """A name without the words that all names share; the list says 乳房 where doctors say 乳腺."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for common in _COMMON:
        plain = plain.replace(common, "")
    return plain.replace("乳腺", "乳房")


def _words(text: str) -> str:
    """The same without blanks and signs."""
    return re.sub(r"[\W_]", "", _plain(text))


@lru_cache(maxsize=1)
def _names_in_words() -> dict[str, tuple[str, ...]]:
    return {code: (_words(one.zh), _words(one.en)) for code, one in icd10_names().items()}


def _category(code: str) -> str:
    return code[:3].upper()


def is_malignant(code: str) -> bool:
    """C00 to C97."""
    return "C00" <= _category(code) <= "C97"


def is_in_situ(code: str) -> bool:
    """D00 to D09."""
    return "D00" <= _category(code) <= "D09"


def is_metastasis(code: str) -> bool:
    """C77 to C79: where a tumour went, never where it came from."""
    return "C77" <= _category(code) <= "C79"


def is_neoplasm(code: str) -> bool:
    """Chapter II: C00 to C97 and D00 to D48."""
    return is_malignant(code) or "D00" <= _category(code) <= "D48"


def neoplasms() -> tuple[str, ...]:
    """Every category of chapter II."""
    return tuple(f"C{n:02}" for n in range(98)) + tuple(f"D{n:02}" for n in range(49))


def icd10_label(code: str) -> Label | None:
    """Name the subcategory, else its category; ``None`` where neither is listed."""
    parsed = parse_icd10(code)
    if parsed is None:
        return None
    names = icd10_names()
    if parsed.code4 in names:
        return names[parsed.code4]
    dropped = icd10_superseded().get(parsed.code4)
    return dropped.label if dropped else names.get(parsed.category3)


def site_group(icd10: str, scheme: str = "app") -> SiteRange:
    """Find the group of sites of a code; ``NO_GROUP`` where the scheme has none."""
    return _group_of_category(_category(icd10), scheme)


@lru_cache(maxsize=1024)
def _group_of_category(category: str, scheme: str) -> SiteRange:
    for part in site_ranges():
        if part.scheme == scheme and part.first <= category <= part.last:
            return part
    return NO_GROUP
