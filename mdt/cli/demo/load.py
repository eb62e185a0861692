"""The order of loading, and the mark that it is done."""

from collections.abc import Callable
from datetime import datetime, timedelta

from mdt.cli.demo.demo import Demo
from mdt.cli.demo.history import write_history
from mdt.cli.demo.journeys import tell
from mdt.cli.demo.live import tell_live
from mdt.cli.demo.papers import Papers
from mdt.cli.demo.people import make_people
from mdt.cli.demo.places import make_places
from mdt.cli.demo.register import import_registers
from mdt.cli.demo.variants import tell_variants
from mdt.rules.calendar import local_date
from mdt.rules.demo_days import recent_cases, recent_variants
from mdt.services.demo import mark_demo_loaded

#: The demo world begins this long before the day of loading.
HISTORY = timedelta(days=560)


def load_demo(
    password: str, *, now: datetime, say: Callable[[str], object], detail: float = 1.0
) -> None:
    """Load everything and mark it as done at the very end, so that half a load is not ready.

    ``detail`` is that of the pictures, see ``Papers``.
    """
    today = local_date(now)
    cases = sorted(recent_cases(today), key=lambda one: str(one["sessions"][0]["date"]))
    variants = recent_variants(today)
    live = [story for story in variants if story["state"] == "live"]
    began = now - HISTORY
    with Papers(detail) as papers:
        papers.order(cases, today)
        papers.order_images(live)
        papers.order(variants, today)
        say("places and people")
        places = make_places(now=began)
        people = make_people(places, password, now=began)
        demo = Demo(places, people, papers, now)
        for story in cases:
            say(f"  case {story['id']}: {story['title_en']}")
            tell(demo, story)
        say("cases of every state")
        tell_variants(demo, [story for story in variants if story["state"] != "live"])
        say("the conference of today")
        tell_live(demo, live)
        say("registers of eight hospitals")
        import_registers(demo, [*cases, *variants])
        say("boards of the past quarters")
        write_history(demo, papers.consent_scans(places.hospitals))
    mark_demo_loaded(now=now)
