"""What was acknowledged is there: keys, numbers, replay."""


def test_numbers_are_gapless_and_each_seat_hears_each_event_once(sit, board):
    chair, expert = sit("chair"), sit("radiologist")
    chair.act("start")
    chair.act("advance", item=board.items["A"])
    for n in range(5):
        chair.act("say", text=f"第{n}句")
    for seat in (chair, expert):
        assert [e["seq"] for e in seat.heard()] == [1, 2, 3, 4, 5, 6, 7]


def test_the_same_key_gives_the_same_number_and_posts_nothing(sit, board):
    chair = sit("chair")
    first = chair.act("say", text="一次", key="k1", item=board.items["A"])
    again = chair.act("say", text="一次", key="k1", item=board.items["A"])
    assert first == again == {"ok": True, "seq": 1}
    assert [e["data"] for e in chair.heard()] == [{"text": "一次"}]


def test_replay_gives_what_was_missed_in_pages(sit, board):
    chair = sit("chair")
    for n in range(12):
        chair.act("say", text=str(n), item=board.items["A"])
    late = sit("oncologist", join=False)
    answer = late.send("join", since=10)
    assert [e["data"]["text"] for e in answer["events"]] == ["10", "11"]
    assert (answer["seq"], answer["more"]) == (12, False)


def test_a_second_tab_of_one_person_hears_each_event_once(sit, board):
    chair = sit("chair")
    one, two = sit("oncologist"), sit("oncologist")
    chair.act("say", text="都听到", item=board.items["A"])
    assert len(one.heard()) == len(two.heard()) == 1


def test_events_over_http_are_the_rooms_events(sit, board, person):
    chair = sit("chair")
    chair.act("say", text="同样的记录", item=board.items["A"])
    page = person("clinician").get(f"/conferences/{board.conference}/events.json?since=0").json
    hidden = person("clinician2").get(f"/conferences/{board.conference}/events.json?since=0").json
    assert page["events"] == chair.heard()
    assert [e["kind"] for e in hidden["events"]] == ["hidden"]
    assert (
        person("colleague").get(f"/conferences/{board.conference}/events.json").status_code == 404
    )
