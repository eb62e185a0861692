"""Lesions followed over time: the change of each, and the sum of diameters.

Source: RECIST 1.1 (Eisenhauer EA et al., Eur J Cancer 2009;45:228-247), 4.3: the sum of diameters
is that of all target lesions, the longest diameter of each, of lymph nodes the short axis, at most
five lesions in all and two in an organ. Whoever measures chooses the lesions and the axis. A
category of response is not derived: it needs the smallest sum since treatment began, non-target
lesions and new ones, which are not in this table.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mdt.rules.errors import Invalid
from mdt.rules.sent_values import one_line

LONGEST_NAME = 60
MOST_LESIONS = 20
_DIGITS = 1


@dataclass(frozen=True, slots=True)
class Diameters:
    """Of one lesion in mm, now and before; ``prior`` is empty where it was not measured then."""

    current: float
    prior: float | None = None

    @property
    def change(self) -> float | None:
        """Percent of the prior diameter; nothing without one."""
        return percent_change(self.prior, self.current)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of the diameters in mm of the ``count`` lesions that were measured both times."""

    count: int
    current: float
    prior: float

    @property
    def change(self) -> float | None:
        """Percent of the prior sum."""
        return percent_change(self.prior, self.current)


def percent_change(prior: float | None, current: float) -> float | None:
    """How much larger (or, below 0, smaller), in percent of ``prior`` to a tenth."""
    if not prior:
        return None
    return round((current - prior) / prior * 100, _DIGITS)


def sum_up(lesions: Iterable[Diameters]) -> Sums:
    """Add up the lesions that were measured both times: other sums could not be compared."""
    both = [(one.current, one.prior) for one in lesions if one.prior is not None]
    return Sums(
        len(both),
        round(sum(current for current, _ in both), _DIGITS),
        round(sum(prior for _, prior in both), _DIGITS),
    )


def read_name(raw: object) -> str:
    """A lesion's name, tidied; raises `Invalid`."""
    name = one_line(raw, "name")
    if not name:
        raise Invalid({"name": "lesion_name_required"})
    if len(name) > LONGEST_NAME:
        raise Invalid({"name": "text_too_long"})
    return name
