"""The definitions of coverage, as data: those that ship, and a province's later versions.

A province supersedes a definition by a new version that is valid from a day on; a report names the
version that it was made by. What was published is never changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from mdt.rules.codes import Label
from mdt.rules.coverage.definition_fields import DefinitionFields
from mdt.rules.coverage.definition_text import write_text

LABELS: Mapping[str, Label] = MappingProxyType(
    {"strict": Label("严格口径", "Strict"), "lenient": Label("宽松口径", "Lenient")}
)
"""The kinds of definitions, by code."""
#: The version that ships, the same in every province.
FIRST_VERSION = "1"

#: Version 1 words what counts as a board itself, as it is published.
_SHIPPED_NUMERATORS = {
    "strict": Label(
        "分子（严格）：在首次治疗当日及以前（尚未治疗的不限时间）经本系统达到法定人数的会议讨论、且意见书已签署；"
        "确诊前的讨论也计入；缓议、取消、未签署及未开会而签署的意见不计。",
        "Numerator (strict): discussed in a conference of this system with quorum, the opinion "
        "signed, on the day of the first treatment or before, or at any time where there is no "
        "treatment yet; a board before the diagnosis counts. Deferred, cancelled, unsigned, or "
        "signed with no meeting: never.",
    ),
    "lenient": Label(
        "分子（宽松）：符合严格口径；或治疗虽已开始，但在确诊后 30 天内经上述会议讨论；"
        "或本系统以外的多学科讨论（院内MDT日期）符合上述任一时间条件。",
        "Numerator (lenient): strict, or such a board within 30 days after the diagnosis even if "
        "treatment had begun, or a board outside this system that meets either condition of time.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(DefinitionFields):
    """One version of a definition. A draft has the version ``""``.

    It is in force for periods that begin on ``valid_from`` or later; ``None`` for all.
    """

    code: str
    version: str
    valid_from: date | None = None

    @property
    def label(self) -> Label:
        """The words of its kind."""
        return LABELS[self.code]

    @property
    def name(self) -> str:
        """How an address names exactly this version: ``strict@2``."""
        return f"{self.code}@{self.version}"

    @property
    def text(self) -> Label:
        """The words that stand on every report made by it."""
        shipped = _SHIPPED_NUMERATORS[self.code] if self.version == FIRST_VERSION else None
        return write_text(self, self.label, shipped)


STRICT = Definition(code="strict", version=FIRST_VERSION)
LENIENT = Definition(code="lenient", version=FIRST_VERSION, grace_days=30, outside_boards=True)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {definition.code: definition for definition in (STRICT, LENIENT)}
)
"""The definitions that ship, by code."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a province can ask by: the versions that ship and those that it has published."""

    published: tuple[Definition, ...] = ()

    @property
    def all(self) -> tuple[Definition, ...]:
        """Every version, by code and number."""
        return tuple(
            one
            for code, shipped in DEFINITIONS.items()
            for one in (shipped, *sorted(self._of(code), key=version_number))
        )

    def _of(self, code: str) -> Iterable[Definition]:
        return (one for one in self.published if one.code == code)

    def in_force(self, code: str, on: date) -> Definition:
        """The version for periods that begin on a day: the newest of those valid by then."""
        valid = [one for one in self._of(code) if one.valid_from and one.valid_from <= on]
        return max(valid, key=version_number, default=DEFINITIONS[code])

    def find(self, named: str, on: date) -> Definition | None:
        """The version that is named (``strict@2``), or is in force (``strict``); else ``None``."""
        if named in DEFINITIONS:
            return self.in_force(named, on)
        return next((one for one in self.all if one.name == named), None)


SHIPPED = Definitions()
"""What is known where no province has published anything."""


def version_number(definition: Definition) -> int:
    """The number of a published version; later ones are greater."""
    return int(definition.version)
