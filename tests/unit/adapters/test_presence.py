"""Presence in memory and in Redis answers alike; seats of a process that died fade."""

import json
import time

import pytest
import redis

from mdt.adapters.presence import MemoryPresence, RedisPresence

SEAT = {"user": 7, "name": "甲", "session": 3}


@pytest.fixture(params=["memory", "redis"])
def store(request):
    """An empty store of either kind."""
    if request.param == "memory":
        return MemoryPresence()
    url = request.getfixturevalue("redis_url")
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return RedisPresence(url)  # its thread is a daemon's and ends with the seats or the run


def sids(store, conference):
    return sorted(seat["sid"] for seat in store.seats(conference))


def test_sockets_come_and_go(store):
    store.enter(1, "a", SEAT)
    store.enter(1, "b", SEAT)
    store.enter(2, "a", SEAT)
    assert (sids(store, 1), sids(store, 2), sids(store, 3)) == (["a", "b"], ["a"], [])
    assert sorted(store.conferences()) == [1, 2]
    assert [(number, seat["sid"]) for number, seat in sorted(store.leave("a"))] == [
        (1, "a"),
        (2, "a"),
    ]
    assert (sids(store, 1), sids(store, 2)) == (["b"], [])
    assert store.leave("a") == []


def test_a_seat_is_found_by_its_socket(store):
    store.enter(1, "a", SEAT)
    assert store.seat(1, "a") == {**SEAT, "sid": "a"}
    assert store.seat(2, "a") is None
    assert store.seat(1, "b") is None


def test_entering_again_replaces_the_seat(store):
    store.enter(1, "a", SEAT)
    store.enter(1, "a", {**SEAT, "name": "乙"})
    assert [seat["name"] for seat in store.seats(1)] == ["乙"]


def test_the_viewport_is_kept_until_it_is_taken_away(store):
    assert store.viewports(1) == []
    store.keep_viewport(1, {"series": 4})
    assert (store.viewports(1), store.viewports(2)) == ([{"series": 4}], [])
    # Each pane has its own; of a smaller layout only those that are left.
    first, second = ({"series": 4, "pane": pane, "panes": 2} for pane in (0, 1))
    for one in (first, second, {**first, "series": 5}):
        store.keep_viewport(1, one)
    assert store.viewports(1) == [second, {**first, "series": 5}]
    store.keep_viewport(1, {"series": 6})
    assert store.viewports(1) == [{"series": 6}]
    store.keep_viewport(1, None)
    assert store.viewports(1) == []


def test_seats_of_a_process_that_died_fade(redis_url):
    alive = RedisPresence(redis_url)
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        long_ago = {**SEAT, "sid": "dead", "seen": time.time() - 3600}
        client.hset("mdt:presence:1", "dead", json.dumps(long_ago))
        client.sadd("mdt:presence", 1)
        alive.enter(1, "here", SEAT)
        assert sids(alive, 1) == ["here"]
        assert client.hkeys("mdt:presence:1") == [b"here"]
        alive.leave("here")


def test_a_living_process_renews_its_seats(redis_url):
    store = RedisPresence(redis_url, expiry=0.3)
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        store.enter(1, "a", SEAT)

        def seen():
            return json.loads(client.hget("mdt:presence:1", "a"))["seen"]

        first, give_up = seen(), time.monotonic() + 20
        while seen() == first:
            assert time.monotonic() < give_up
        assert sids(store, 1) == ["a"]
        store.leave("a")
        assert sids(store, 1) == []
