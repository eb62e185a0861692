"""The distance of hospitals to the target in the quarter that runs."""

from dataclasses import dataclass
from datetime import date

from mdt.queries.coverage import Place, visible_places
from mdt.queries.coverage_definitions import known_definitions
from mdt.queries.coverage_figures import Asked, count_open
from mdt.rules.access import Viewer
from mdt.rules.coverage import Definition, Distance, Line, quick_periods


@dataclass(frozen=True)
class HospitalDistance:
    """A hospital and how far it is from the target."""

    place: Place
    distance: Distance


def list_distances(
    viewer: Viewer, *, today: date, hospital: str = ""
) -> tuple[HospitalDistance, ...]:
    """This quarter's distance of each hospital whose register the viewer sees, or of one.

    By the strict definition that is in force for the quarter, in a constant number of SELECTs;
    those first that can still meet the target.
    """
    places = {
        id_: place for id_, place in visible_places(viewer).items() if hospital in {"", place.code}
    }
    definition = strict_now(viewer, today=today)
    counted = count_open(Asked(places, quick_periods(today)["this_quarter"], definition, today))
    found = [_distance(place, counted.get(id_, {}), definition) for id_, place in places.items()]
    return tuple(sorted(found, key=lambda one: one.distance.rank))


def strict_now(viewer: Viewer, *, today: date) -> Definition:
    """The strict definition by which the viewer's province counts the quarter that runs."""
    first = quick_periods(today)["this_quarter"].first
    return known_definitions(viewer).in_force("strict", first)


def _distance(place: Place, counts: dict[str, int], definition: Definition) -> HospitalDistance:
    line = Line(place.code, place.name_zh, definition.target, counts)
    return HospitalDistance(place, Distance(line, line.count("waiting"), line.count("overdue")))
