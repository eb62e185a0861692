"""What a request knows of who sends it, read in one question."""

import pytest

from mdt.extensions import db
from mdt.models.people import UserRole
from mdt.models.regions import Team, TeamSeat
from mdt.queries.people import find_token_viewer, find_user, viewer_of
from mdt.rules.access import Membership, Role, Seat
from mdt.services.accounts import create_token, token_hash
from tests.world import NOW, build_world


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_every_role_and_every_seat_is_told_once(request, database):
    """Roles and seats stand beside each other in the rows; a team that has ended gives no seat."""
    with request.getfixturevalue(database).app_context():
        world = build_world()
        user = find_user("clinician")
        ended = Team(hospital_id=world.hospitals["T"], name_zh="已停用", active=False)
        db.session.add(ended)
        db.session.flush()
        db.session.add_all(
            [
                UserRole(user_id=user.id, role="quality", region_code="360000"),
                TeamSeat(
                    team_id=world.team, user_id=user.id, role="expert", discipline="radiology"
                ),
                TeamSeat(team_id=world.team, user_id=user.id, role="recorder"),
                TeamSeat(team_id=ended.id, user_id=user.id, role="chair"),
            ]
        )
        db.session.commit()
        token = create_token(user, ("cases",), days=1, now=NOW)
        viewer = find_token_viewer(token_hash(token), now=NOW)
        assert viewer.memberships == (
            Membership(Role.CLINICIAN, world.hospitals["A"]),
            Membership(Role.QUALITY, region_code="360000"),
        )
        assert viewer.seats == (
            Seat(Role.EXPERT, world.team, "radiology"),
            Seat(Role.RECORDER, world.team),
        )
        assert (viewer.name, viewer.hospital_name_zh) == ("林县医", "安远示范医院（虚构）")
        assert (viewer.scopes, viewer_of(user, now=NOW).seats) == ({"cases"}, viewer.seats)
