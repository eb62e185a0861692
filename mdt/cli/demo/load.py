"""The order of loading, and the mark that it is done."""

from collections.abc import Callable
from datetime import datetime, timedelta

from mdt.cli.demo.people import make_people
from mdt.cli.demo.places import make_places
from mdt.services.demo import mark_demo_loaded

#: The demo world begins this long before the day of loading.
HISTORY = timedelta(days=560)


def load_demo(password: str, *, now: datetime, say: Callable[[str], object]) -> None:
    """Load everything and mark it as done at the very end, so that half a load is not ready."""
    began = now - HISTORY
    say("places and people")
    places = make_places(now=began)
    make_people(places, password, now=began)
    mark_demo_loaded(now=now)
