"""Conferences of the demo: planned, answered, held case by case, their opinions signed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from mdt.cli.demo.cases import CaseFile
from mdt.cli.demo.demo import COORDINATORS, RECORDERS, Demo, Story
from mdt.cli.demo.people import TEAMS, core_disciplines
from mdt.queries.case_standing import listing_blocks
from mdt.queries.cases import get_case
from mdt.rules.access import Role, Viewer
from mdt.rules.calendar import local_date
from mdt.rules.conference import InvitationAnswer, ItemState
from mdt.rules.content import disciplines
from mdt.rules.quorum import Attendance, QuorumRule, quorum, required_signers
from mdt.rules.scheduling import ConferencePlan
from mdt.services import agenda, conferences, discussion, invitations, live_room, live_seats
from mdt.services.case_moves import Reason
from mdt.services.plan_signing import open_for_signing, sign_as_known
from mdt.services.plans import edit_plan

#: Reason of a listing in spite of red lights: the board is to say whether the test is needed.
_LISTED_ANYWAY = Reason("other", "所缺检查是否补做，请会议讨论")
_FEWEST = 4
_numbers = count(1)


def _key() -> str:
    return f"demo-{next(_numbers)}"


@dataclass
class Board:
    """A conference: its team, who is asked, which cases are on."""

    demo: Demo
    team: str
    starts_at: datetime
    disciplines: Sequence[str]
    id: int = 0
    items: dict[int, int] = field(default_factory=dict)
    stories: dict[int, Story] = field(default_factory=dict)

    @property
    def hospital(self) -> str:
        """Code of the consulting hospital."""
        return next(hospital for hospital, zh, *_ in TEAMS if zh == self.team)

    @property
    def chair(self) -> str:
        """The account that chairs the team."""
        return self.demo.people.chair_of(self.hospital)

    @property
    def panel(self) -> list[str]:
        """Accounts of the chair and the experts who are asked."""
        people = self.demo.people.experts
        asked = [people[self.hospital, code] for code in self.disciplines]
        return list(dict.fromkeys([self.chair, *asked]))

    def plan(self, now: datetime, title: str = "", minutes: int = 60, place: str = "") -> None:
        """The coordinator sets it up and asks the panel and the recorder."""
        users = self.demo.people.users
        recorder = RECORDERS[self.hospital]
        plan = ConferencePlan(
            team_id=self.demo.people.teams[self.team],
            starts_at=self.starts_at,
            minutes=minutes,
            chair_id=users[self.chair],
            title=title,
            place=place or "远程会诊中心一号会议室",
        )
        asked = [users[name] for name in (*self.panel, recorder)]
        planned = conferences.Planned(plan, asked)
        self.id = conferences.plan_conference(self.desk(now), planned, now=now).id

    def desk(self, now: datetime) -> Viewer:
        """The coordinator."""
        return self.demo.viewer(COORDINATORS[self.hospital], now)

    def list_case(self, case: CaseFile, now: datetime, minutes: int = 15) -> int:
        """Put a case on the agenda, with a reason where its checklist has red lights."""
        desk = self.desk(now)
        blocked = listing_blocks(get_case(desk, case.id), today=local_date(now))
        override = _reason_of(case.story) if blocked else Reason()
        listing = agenda.Listing(case.id, minutes, override)
        item_id = agenda.add_item(desk, self.id, listing, now=now).id
        self.items[case.id], self.stories[case.id] = item_id, case.story
        return item_id

    def answer(
        self, usernames: Iterable[str], now: datetime, said: str = InvitationAnswer.ACCEPTED
    ) -> None:
        """People say whether they come."""
        for username in usernames:
            invitations.answer(self.demo.viewer(username, now), self.id, said, now=now)

    def everybody_comes(self, now: datetime) -> None:
        """Panel, recorder and the doctors who present accept."""
        doctors = [self.demo.doctor(story, now).username for story in self.stories.values()]
        self.answer(dict.fromkeys([*self.panel, RECORDERS[self.hospital], *doctors]), now)

    def start(self, now: datetime) -> None:
        """The chair opens the room, and the panel comes in."""
        live_room.start_conference(self.demo.viewer(self.chair, now), self.id, _key(), now=now)

    def take_up(self, case_id: int, now: datetime) -> None:
        """Begin with a case; those who are here for it are noted."""
        chair = self.demo.viewer(self.chair, now)
        live_room.advance(chair, self.id, self.items[case_id], live_room.Leaving(), _key(), now=now)
        story = self.stories[case_id]
        doctor = self.demo.doctor(story, now).username
        for username in (*self.panel, RECORDERS[self.hospital], doctor):
            seat = f"demo-{self.id}-{username}"
            live_seats.enter_room(self.demo.viewer(username, now), self.id, seat, now=now)

    def say(self, username: str, case_id: int, text: str, now: datetime) -> None:
        """Post a message."""
        speaker = self.demo.viewer(username, now)
        discussion.say(speaker, self.id, self.items[case_id], text, _key(), now=now)

    def discuss(self, case_id: int, session: Story, now: datetime) -> datetime:
        """Post what the experts said, two minutes apart; gives the moment after."""
        people = self.demo.people.experts
        for moment, opinion in zip(_minutes(now), session["opinions"], strict=False):
            speaker = people[self.hospital, opinion["discipline"]]
            self.say(speaker, case_id, opinion["text_zh"], moment)
            now = moment
        return now + timedelta(minutes=1)

    def write_plan(self, case_id: int, fields: dict[str, Any], now: datetime) -> int:
        """The recorder writes the opinion; gives its revision."""
        recorder = self.demo.viewer(RECORDERS[self.hospital], now)
        edit = edit_plan(recorder, self.items[case_id], fields, base_version=0, key=_key(), now=now)
        if edit.errors:
            raise ValueError(f"{self.stories[case_id]['id']}: {dict(edit.errors)}")
        return edit.revision_id

    def leave(self, now: datetime, state: ItemState = ItemState.CONCLUDED) -> None:
        """End the case that is on."""
        chair = self.demo.viewer(self.chair, now)
        live_room.advance(chair, self.id, None, live_room.Leaving(state), _key(), now=now)

    def everybody_leaves(self) -> None:
        """No seat is held by somebody who is not there."""
        for username in self.demo.people.users:
            live_seats.forget(f"demo-{self.id}-{username}")

    def close(self, now: datetime) -> None:
        """End the conference."""
        live_room.close_conference(self.demo.viewer(self.chair, now), self.id, _key(), now=now)
        self.everybody_leaves()

    def open_for_signing(self, case_id: int, revision_id: int, now: datetime) -> None:
        """The recorder sends the opinion out."""
        recorder = self.demo.viewer(RECORDERS[self.hospital], now)
        open_for_signing(recorder, case_id, revision_id, now=now)

    def sign(
        self, case_id: int, revision_id: int, now: datetime, only: Sequence[str] | None = None
    ) -> None:
        """Chair and core disciplines sign, a few minutes apart."""
        names = {number: name for name, number in self.demo.people.users.items()}
        signers = dict.fromkeys(
            names[min(need.user_ids)] for need in required_signers(self._attendance(), self._rule())
        )
        for moment, username in zip(_minutes(now), signers, strict=False):
            if only is None or username in only:
                signer = self.demo.viewer(username, self.demo.past(moment))
                sign_as_known(signer, case_id, revision_id, now=signer.as_of)

    def _rule(self) -> QuorumRule:
        return quorum_rule_of(self.team)

    def _attendance(self) -> list[Attendance]:
        return attendance_of(self.demo, self.hospital, self.disciplines)


def quorum_rule_of(team: str) -> QuorumRule:
    """What the team asks for."""
    fillers = {one.code: frozenset(one.may_be_filled_by) for one in disciplines()}
    return QuorumRule(core_disciplines(team), _FEWEST, fillers)


def attendance_of(demo: Demo, hospital: str, codes: Iterable[str]) -> list[Attendance]:
    """The chair and the experts of these disciplines, as the rule of quorum takes them."""
    people, chair = demo.people, demo.people.chair_of(hospital)
    own = demo.people.chair_discipline(hospital)
    seats = {chair: Attendance(people.users[chair], 0, own, Role.CHAIR.value)}
    for code in codes:
        name = people.experts[hospital, code]
        seats.setdefault(name, Attendance(people.users[name], 0, code, Role.EXPERT.value))
    return list(seats.values())


def with_quorum(demo: Demo, team: str, hospital: str, codes: Iterable[str]) -> list[str]:
    """These disciplines, and as many of the team's core ones as its quorum still needs."""
    found = list(dict.fromkeys(codes))
    rule = quorum_rule_of(team)
    for core in rule.core_disciplines:
        if quorum(attendance_of(demo, hospital, found), rule).met:
            break
        if core not in found:
            found.append(core)
    return found


def _reason_of(story: Story) -> Reason:
    given = next((e for e in story["events"] if e["list"] == "override_reasons"), None)
    return Reason(given["reason"], given["text_zh"]) if given else _LISTED_ANYWAY


def _minutes(start: datetime) -> Iterator[datetime]:
    return (start + timedelta(minutes=2 * number) for number in count())
