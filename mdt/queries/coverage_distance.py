"""The distance of hospitals to the target in the quarter that runs."""

from dataclasses import dataclass
from datetime import date

from mdt.queries.coverage import Place, visible_places
from mdt.queries.coverage_figures import Asked, count_open
from mdt.rules.access import Viewer
from mdt.rules.coverage import STRICT, Distance, Line, quick_periods


@dataclass(frozen=True)
class HospitalDistance:
    """A hospital and how far it is from the target."""

    place: Place
    distance: Distance


def list_distances(
    viewer: Viewer, *, today: date, hospital: str = ""
) -> tuple[HospitalDistance, ...]:
    """This quarter's distance of each hospital whose register the viewer sees, or of one.

    By the strict definition, in two SELECTs; those first that can still meet the target.
    """
    places = {
        id_: place for id_, place in visible_places(viewer).items() if hospital in {"", place.code}
    }
    asked = Asked(places, quick_periods(today)["this_quarter"], STRICT, today)
    counted = count_open(asked)
    found = [_distance(place, counted.get(id_, {})) for id_, place in places.items()]
    return tuple(sorted(found, key=lambda one: one.distance.rank))


def _distance(place: Place, counts: dict[str, int]) -> HospitalDistance:
    line = Line(place.code, place.name_zh, STRICT.target, counts)
    return HospitalDistance(place, Distance(line, line.count("waiting"), line.count("overdue")))
