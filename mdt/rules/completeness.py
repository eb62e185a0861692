"""Whether slices of a series are missing or there twice, by where they lie.

What is cut off at an end leaves no gap and is not found.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# Places that differ by less are one: positions are kept to a hundredth of a millimetre.
_SAME_PLACE = 0.05
_FEWEST_PLACES = 3
# From this on a distance holds more than one step.
_HOLE = 1.5
# Distances for each step of the machine's numbers that agree so well are the true spacing.
_EVEN = 0.05
# A series runs through its places several times (phases) where nearly all of them say so.
_NEARLY_ALL = 0.8
#: With a larger part missing, what is left stands for no examination.
TOLERABLE_LOSS = 0.1


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many slices there are, are missing in between, and lie where another one lies."""

    slices: int
    missing: int = 0
    doubled: int = 0

    @property
    def torn(self) -> bool:
        """So many are missing that the rest stands for no examination."""
        return self.missing > TOLERABLE_LOSS * (self.slices + self.missing)


def completeness(slices: Iterable[tuple[float, int | None]]) -> Completeness | None:
    """Judge parallel slices, each by its place in mm along the normal and the machine's number.

    ``None`` for fewer than three places: nothing can be said of the distance between slices.
    """
    places = _places(sorted(slices, key=lambda one: one[0]))
    if len(places) < _FEWEST_PLACES:
        return None
    counts = [len(one) for one in places]
    passes = _passes(counts)
    spacing = _spacing(places)
    gaps = [after[0][0] - before[0][0] for before, after in pairwise(places)]
    holes = sum(round(gap / spacing) - 1 for gap in gaps if gap > _HOLE * spacing)
    return Completeness(
        slices=sum(counts),
        missing=holes * passes + sum(max(passes - count, 0) for count in counts),
        doubled=sum(max(count - passes, 0) for count in counts),
    )


Place = Sequence[tuple[float, int | None]]


def _places(slices: Sequence[tuple[float, int | None]]) -> Sequence[Place]:
    places: list[list[tuple[float, int | None]]] = []
    for one in slices:
        if places and one[0] - places[-1][0][0] < _SAME_PLACE:
            places[-1].append(one)
        else:
            places.append([one])
    return places


def _passes(counts: Sequence[int]) -> int:
    usual, often = Counter(counts).most_common(1)[0]
    return usual if often >= _NEARLY_ALL * len(counts) else min(counts)


def _spacing(places: Sequence[Place]) -> float:
    """The distance of neighbours: by the machine's numbers where they agree, else the usual one."""
    by_number = [
        (after[0][0] - before[0][0]) / abs(step)
        for before, after in pairwise(places)
        if (step := _step(before, after))
    ]
    if len(by_number) == len(places) - 1:
        middle = median(by_number)
        if all(abs(one - middle) <= _EVEN * middle for one in by_number):
            return middle
    gaps = Counter(round(after[0][0] - before[0][0], 1) for before, after in pairwise(places))
    return min(gaps, key=lambda gap: (-gaps[gap], gap))


def _step(before: Place, after: Place) -> int:
    """How far the machine counted from one place to the next; 0 where that is not known."""
    first = [number for _, number in before if number is not None]
    second = [number for _, number in after if number is not None]
    return min(second) - min(first) if first and second else 0
