"""What every part of the demo needs: who is who, which day it is, papers to attach."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from mdt.cli.demo.papers import Papers
from mdt.cli.demo.people import TEAMS, People
from mdt.cli.demo.places import Places
from mdt.rules.access import Viewer
from mdt.rules.calendar import from_local, local_date

Story = Mapping[str, Any]
"""An invented case, its days moved (``mdt.rules.demo_days``)."""

#: Who asks for each hospital.
DOCTORS = {
    "DEMO-JX-P1": "jx-clinician",
    "DEMO-JX-C1": "clinician",
    "DEMO-JX-C2": "clinician2",
    "DEMO-JX-C3": "clinician3",
    "DEMO-JL-P1": "jl-clinician",
    "DEMO-JL-C1": "jl-clinician1",
    "DEMO-JL-C2": "jl-clinician2",
    "DEMO-JL-C3": "jl-clinician3",
}
#: Who approves where the hospital asks for its own approval.
APPROVER = "approver"


@dataclass
class Demo:
    """The world that is being loaded, and the moment of loading."""

    places: Places
    people: People
    papers: Papers
    now: datetime
    viewers: dict[str, Viewer] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day of loading, in China."""
        return local_date(self.now)

    def day(self, ago: int) -> date:
        """The day so many days before today."""
        return self.today - timedelta(days=ago)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment on a Chinese clock; never after the moment of loading."""
        return self.past(from_local(datetime.combine(day, time(hour, minute))))

    def past(self, moment: datetime) -> datetime:
        """The moment, but not after that of loading."""
        return min(moment, self.now)

    def at_coming(self, days: int, hour: int) -> datetime:
        """A moment on the Chinese clock of a day to come."""
        return from_local(datetime.combine(self.today + timedelta(days=days), time(hour)))

    def viewer(self, username: str, now: datetime) -> Viewer:
        """A person as services know them at a moment; nobody's roles change while loading."""
        if username not in self.viewers:
            self.viewers[username] = self.people.viewer(username, now)
        return replace(self.viewers[username], as_of=now)

    def doctor(self, story: Story, now: datetime) -> Viewer:
        """The doctor who asks."""
        return self.viewer(DOCTORS[story["requesting_hospital"]], now)

    def team_of(self, story: Story) -> str:
        """The Chinese name of the team that is asked."""
        return next(
            zh
            for hospital, zh, _, types, _ in TEAMS
            if hospital == story["invited_hospital"] and story["tumour_type"] in types
        )

    def desk(self, story: Story, now: datetime) -> Viewer:
        """The coordinator of the team that is asked."""
        return self.viewer(COORDINATORS[story["invited_hospital"]], now)


#: Who coordinates and who takes down the minutes, by the consulting hospital.
COORDINATORS = {"DEMO-JX-P1": "coordinator", "DEMO-JL-P1": "jl-coordinator"}
RECORDERS = {"DEMO-JX-P1": "recorder", "DEMO-JL-P1": "jl-recorder"}
