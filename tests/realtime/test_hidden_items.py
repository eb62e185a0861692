"""A presenter of one county gets nothing but ``hidden`` while another county's case is on."""


def open_case_a(sit):
    chair = sit("chair")
    assert chair.act("start")["ok"] is True
    return chair


def test_second_countys_presenter_gets_only_hidden_while_the_firsts_case_is_on(sit, board):
    chair, presenter_a, presenter_b = open_case_a(sit), sit("clinician"), sit("clinician2")
    assert chair.act("advance", item=board.items["A"])["ok"] is True
    assert presenter_a.act("say", text="右上肺结节两个月")["ok"] is True
    chair.act("vote", choice="for")
    chair.send("signal", kind="viewport", data={"series": 1, "index": 3})
    presenter_a.send("signal", kind="pointer", data={"x": 0.5, "y": 0.5})

    assert [e["kind"] for e in presenter_a.heard()] == ["advance", "message", "vote"]
    received = presenter_b.socket.get_received("/live")
    events = [r["args"][0] for r in received if r["name"] == "event"]
    first = events[0]["seq"]
    assert events == [
        {"conference": board.conference, "seq": first + n, "kind": "hidden"} for n in range(3)
    ]
    assert [r["args"][0]["kind"] for r in received if r["name"] == "signal"] == []


def test_replay_hides_the_same_events(sit, board):
    chair = open_case_a(sit)
    chair.act("advance", item=board.items["A"])
    chair.act("say", text="一号病例")
    late = sit("clinician2", join=False)
    replay = late.send("join", since=0)
    assert [e["kind"] for e in replay["events"]] == ["state", "hidden", "hidden"]
    assert [set(e) for e in replay["events"][1:]] == [{"conference", "seq", "kind"}] * 2
    assert (replay["seq"], replay["more"]) == (3, False)


def test_snapshot_shows_own_item_whole_and_the_others_length_only(sit, board):
    chair = open_case_a(sit)
    chair.act("advance", item=board.items["A"])
    seen = sit("clinician2", join=False).send("join")["snapshot"]
    hidden, own = seen["items"]
    assert hidden == {"hidden": True, "position": 1, "minutes": 20}
    assert own["id"] == board.items["B"]
    assert (seen["current"], seen["presenter"], seen["viewport"]) == (None, None, None)
    assert seen["messages"] == []


def test_presence_does_not_name_the_other_county(sit):
    sit("clinician")
    seen = sit("clinician2", join=False).send("join")["snapshot"]
    assert [p["name"] for p in seen["people"]] == ["吴县医"]
    panel = sit("chair", join=False).send("join")["snapshot"]
    assert [p["name"] for p in panel["people"]] == ["林县医", "吴县医", "陈主席"]


def test_a_message_to_a_hidden_item_is_not_found(sit, board):
    own = sit("clinician2")
    answer = own.act("say", item=board.items["A"], text="试探")
    assert (answer["ok"], answer["error"]["code"]) == (False, "not_found")
    assert own.act("say", item=board.items["B"], text="本院病例")["ok"] is True


def test_leaving_a_case_reaches_its_own_county(sit, board):
    chair, presenter_a = open_case_a(sit), sit("clinician")
    chair.act("advance", item=board.items["A"])
    presenter_a.drain()
    chair.act("advance", item=board.items["B"], outcome="concluded")
    assert [e["kind"] for e in presenter_a.heard()] == ["item", "hidden"]


def test_a_person_who_is_not_invited_has_no_seat(sit):
    for stranger in ("colleague", "quality", "observer"):
        answer = sit(stranger, join=False).send("join")
        assert (stranger, answer["error"]["code"]) in {
            ("colleague", "not_found"),
            ("quality", "forbidden"),
            ("observer", "not_found"),
        }


def test_what_a_presenter_says_without_naming_a_case_is_about_the_own_one(sit, board):
    chair, presenter_a, presenter_b = open_case_a(sit), sit("clinician"), sit("clinician2")
    chair.act("advance", item=board.items["A"])
    presenter_a.drain()
    chair.drain()
    assert presenter_b.act("say", text="我院患者62岁")["ok"] is True
    assert presenter_b.act("hand", up=True)["ok"] is True
    assert [e["kind"] for e in presenter_a.heard()] == ["hidden", "hidden"]
    assert [(e["kind"], e["item"]) for e in chair.heard()] == [
        ("message", board.items["B"]),
        ("hand", board.items["B"]),
    ]


def test_guests_see_a_case_by_its_number_and_its_own_hospital_by_masked_name(sit):
    names = {
        who: [item["case"]["patient"] for item in items if not item["hidden"]]
        for who in ("clinician", "chair", "oncologist")
        for items in [sit(who, join=False).send("join")["snapshot"]["items"]]
    }
    assert names == {
        "clinician": ["张**"],
        "chair": ["张**", "张**"],
        "oncologist": ["MDT2026-900001", "MDT2026-900002"],
    }


def test_nobody_votes_before_the_conference_is_open(sit, board):
    expert = sit("oncologist")
    before = expert.act("vote", item=board.items["A"], choice="for")
    open_case_a(sit).act("advance", item=board.items["A"])
    after = expert.act("vote", item=board.items["A"], choice="for")
    assert (before["error"]["code"], after["ok"]) == ("room_not_live", True)
