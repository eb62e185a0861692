"""How far a hospital is from the target while the quarter runs, and who could close the gap."""

from dataclasses import dataclass
from enum import StrEnum

from mdt.rules.coverage.report import Line


class Reach(StrEnum):
    """Whether the target can still be met by those who are listed as waiting."""

    IN_TIME = "in_time"
    LATE = "late"
    OUT_OF_REACH = "out_of_reach"
    MET = "met"
    NOTHING = "nothing"


_ORDER = tuple(Reach)


@dataclass(frozen=True, slots=True)
class Distance:
    """A hospital's line of the quarter, strict, and its tumours that could still be discussed.

    Both kinds are in the denominator, alive, neither treated nor discussed: ``waiting`` at most 30
    days after the diagnosis, ``overdue`` later. A board before the treatment counts for either.
    """

    line: Line
    waiting: int
    overdue: int

    @property
    def reach(self) -> Reach:
        """Whether the target is met, or who must be discussed for it."""
        if not self.line.denominator:
            return Reach.NOTHING
        if self.line.meets_target:
            return Reach.MET
        if self.line.short_by <= self.waiting:
            return Reach.IN_TIME
        if self.line.short_by <= self.waiting + self.overdue:
            return Reach.LATE
        return Reach.OUT_OF_REACH

    @property
    def rank(self) -> tuple[int, str]:
        """Where it stands in a list: first those where something can still be done."""
        return _ORDER.index(self.reach), self.line.code
