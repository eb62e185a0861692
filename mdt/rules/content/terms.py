"""A code with its words in both languages: what every content list is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mdt.rules.errors import NotFound


@dataclass(frozen=True, slots=True)
class Term:
    """A code of a list and its two labels."""

    code: str
    label_zh: str
    label_en: str

    def label(self, locale: str) -> str:
        """The English label for ``en`` and its variants, the Chinese one for all else."""
        return self.label_en if str(locale).startswith("en") else self.label_zh


AnyTerm = TypeVar("AnyTerm", bound=Term)


def plain_terms(rows: Iterable[Mapping[str, Any]]) -> tuple[Term, ...]:
    """Rows of a file that hold nothing else than code and labels."""
    return tuple(Term(row["code"], row["label_zh"], row["label_en"]) for row in rows)


def by_code(terms: Iterable[AnyTerm], code: str, what: str) -> AnyTerm:
    """The term of a code; ``NotFound`` with ``unknown_code`` where the list has none."""
    for term in terms:
        if term.code == code:
            return term
    raise NotFound("unknown_code", list=what, value=code)
