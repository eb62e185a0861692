"""What a seat may have of an event, and how many it may send."""

from datetime import UTC, datetime

from mdt.rules.events import Actor, Bucket, Event, event_json, json_for

EVENT = Event(
    conference=3,
    seq=9,
    kind="message",
    item=5,
    actor=Actor(1, "甲", "甲医院", "A Hospital", "pathology"),
    at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
    data={"text": "可以手术"},
)


def test_a_seat_that_sees_the_item_has_it_whole():
    assert json_for(EVENT, {5}) == event_json(EVENT)
    assert json_for(EVENT, {5})["data"] == {"text": "可以手术"}


def test_another_seat_has_the_number_alone():
    assert json_for(EVENT, {4}) == {"conference": 3, "seq": 9, "kind": "hidden"}


def test_twenty_a_second_go_on_and_on():
    bucket = Bucket()
    assert all(bucket.take(number / 20) for number in range(2000))


def test_a_burst_of_sixty_is_let_through():
    bucket = Bucket()
    assert all(bucket.take(0.0) for _ in range(60))


def test_a_flood_is_cut_to_the_rate_and_recovers():
    bucket = Bucket(at=0.0)
    taken = sum(bucket.take(number / 1000) for number in range(10_000))
    assert 10 * 25 <= taken <= 10 * 25 + 81
    bucket.take(10.0)
    assert [bucket.take(10.0), bucket.take(10.1)] == [False, True]
