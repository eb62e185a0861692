"""Events applied to an old snapshot by the browser's own reducer equal a fresh snapshot."""

import json
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from mdt.extensions import db
from mdt.models.attachments import Instance, Series, Study
from mdt.rules.calendar import utc_now
from mdt.rules.events import LiveEventKind
from mdt.services.key_images import NewKeyImage, add_key_image
from mdt.services.marks import NewMark, OnPicture, add_mark, strike_mark
from tests.world import NOW
from tools.toolchain import node_folder

REPLAY = Path(__file__).with_name("replay.mjs")
WATCHING = ("chair", "oncologist", "clinician", "clinician2")


def replay(asked: list[dict[str, Any]]) -> dict[str, Any]:
    """What the reducer makes of snapshots and events."""
    folder = node_folder()
    assert folder, "make test-fast finds or installs Node.js"
    answer = subprocess.run(
        [folder / "node", REPLAY],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)


@pytest.fixture
def series(app, board, world):
    """A series of case A, for the stage."""
    with app.app_context():
        study = Study(
            case_id=board.cases["A"],
            study_uid="2.25.1",
            sealed_patient=b"",
            by_user_id=world.users["clinician"],
            at=NOW,
        )
        db.session.add(study)
        db.session.flush()
        row = Series(case_id=board.cases["A"], study_id=study.id, series_uid="2.25.2")
        db.session.add(row)
        db.session.flush()
        picture = Instance(
            case_id=row.case_id, series_id=row.id, sop_uid="2.25.3", sop_class_uid="2.25.4",
            first_image=0, rows=8, columns=8, storage_key="", sha256="", size=0, at=NOW,
        )  # fmt: skip
        db.session.add(picture)
        db.session.commit()
        return row.id


class Recorder:
    """Follows several seats: their snapshots after each step, and the events between."""

    def __init__(self, seats: dict[str, Any]) -> None:
        self.seats = seats
        self.snapshots: dict[str, list[dict[str, Any]]] = {name: [] for name in seats}
        self.take()

    def take(self) -> None:
        """Ask for a fresh snapshot in each seat."""
        for name, seat in self.seats.items():
            answer = seat.send("join")
            assert answer["ok"] is True
            self.snapshots[name].append({key: answer[key] for key in ("seq", "snapshot")})

    def step(self, seat: Any, event: str, **payload: Any) -> None:
        """Do something, then look again."""
        answer = seat.act(event, **payload)
        assert answer["ok"] is True, (event, answer)
        self.take()


def mark_and_strike(app, world, case_id: int, series: int) -> None:
    """An expert measures something in the viewer, which is no socket's, and thinks again."""
    with app.app_context():
        viewer, now = world.viewer("oncologist"), utc_now()
        points = [[1, 1, 0], [4, 5, 0]]
        wish = NewMark("k1", OnPicture(series, index=0), "length", points)
        made = add_mark(viewer, case_id, wish, now=now)
        strike_mark(viewer, case_id, made.id, "", now=now)
        chosen = NewKeyImage("k1", OnPicture(series, index=0), {})
        add_key_image(viewer, case_id, chosen, now=now)


def comparable(state: dict[str, Any]) -> dict[str, Any]:
    """A state without what signals and checks bring, and the mark that it will be read anew."""
    return {k: v for k, v in state.items() if k not in {"people", "stale", "quorum", "elsewhere"}}


def test_old_snapshot_and_events_equal_a_fresh_snapshot(app, sit, board, series, world):
    seats = {name: sit(name) for name in WATCHING}
    chair, expert, doctor = seats["chair"], seats["oncologist"], seats["clinician"]
    item_a, item_b = board.items["A"], board.items["B"]
    record = Recorder(seats)
    record.step(chair, "say", text="请各位准备", item=None)
    record.step(chair, "start")
    record.step(expert, "hand", up=True)
    record.step(chair, "advance", item=item_a)
    record.step(doctor, "show", series=series, index=3)
    mark_and_strike(app, world, board.cases["A"], series)
    record.take()
    record.step(expert, "hand", up=True)
    record.step(doctor, "hand", up=True)
    record.step(doctor, "hand", up=False)
    record.step(expert, "say", text="能否手术？")
    record.step(chair, "present", user=world.users["oncologist"])
    assert record.snapshots["clinician"][-1]["snapshot"]["hands"] == []
    version = 0
    for text in ("建议先行EBUS", "建议先行EBUS，再定手术"):
        fields = {"answer": text, "intent": "curative"}
        answer = expert.act("plan", item=item_a, fields=fields, version=version)
        assert answer["ok"] is True, answer
        version = answer["version"]
        record.take()
    record.step(expert, "vote", choice="against", item=item_a)
    record.step(expert, "vote", choice="for", item=item_a)
    record.step(chair, "advance", item=item_b, outcome="concluded", leaving=item_a)
    record.step(seats["clinician2"], "say", text="本院病例")
    record.step(chair, "advance", item=None, outcome="waiting", leaving=item_b)
    replayed = {name: seat.send("join", since=0)["events"] for name, seat in seats.items()}
    assert {e["kind"] for e in replayed["chair"]} == {kind.value for kind in LiveEventKind}
    assert "hidden" in {e["kind"] for e in replayed["clinician"]}
    assert "hidden" in {e["kind"] for e in replayed["clinician2"]}

    pairs = [
        (name, first, last)
        for name, snapshots in record.snapshots.items()
        for first, last in combinations(snapshots, 2)
    ]
    asked = [
        {"before": first, "events": [e for e in replayed[name] if e["seq"] <= last["seq"]]}
        for name, first, last in pairs
    ]
    outcome = replay(asked)
    assert outcome["handlers"] == [kind.value for kind in LiveEventKind]
    for (name, first, last), state in zip(pairs, outcome["states"], strict=True):
        fresh = comparable({**last["snapshot"], "seq": last["seq"]})
        assert comparable(state) == fresh, (name, first["seq"], last["seq"])


@pytest.mark.parametrize("username", ["chair", "clinician"])
def test_the_end_of_a_conference_makes_browsers_read_anew(sit, board, username):
    chair, seat = sit("chair"), sit(username)
    chair.act("start")
    chair.act("advance", item=board.items["A"])
    before = {key: value for key, value in seat.send("join").items() if key != "ok"}
    assert chair.act("close")["ok"] is True
    events = seat.send("join", since=before["seq"])["events"]
    [state] = replay([{"before": before, "events": events}])["states"]
    fresh = seat.send("join")["snapshot"]
    assert (state["stale"], state["conference"]["state"], state["current"]) == (
        True,
        "closed",
        None,
    )
    assert (fresh["conference"]["state"], fresh["current"]) == ("closed", None)
