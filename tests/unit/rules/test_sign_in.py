"""Sign-in: what locks, what ends a session, what is a password; by both policies."""

from datetime import UTC, datetime, timedelta

import pytest

from mdt.rules.sign_in import (
    ASVS,
    GBT22239,
    Failures,
    browser_name,
    password_expired,
    password_problem,
    policy_named,
    session_alive,
    throttled,
)

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        (Failures(0, 0, 0), False),
        (Failures(4, 29, 39), False),
        (Failures(5, 5, 5), True),
        (Failures(0, 0, 40), True),
        (Failures(0, 30, 0), True),
        (Failures(0, 30, 0, known_address=True), False),
        (Failures(5, 30, 0, known_address=True), True),
    ],
)
def test_a_lock_falls_on_the_one_who_guesses(failures, expected):
    assert throttled(failures) is expected
    assert throttled(failures, GBT22239) is expected


@pytest.mark.parametrize(
    ("policy", "idle", "age", "expected"),
    [
        (ASVS, 30, 60, True),
        (ASVS, 31, 60, False),
        (ASVS, 1, 12 * 60, True),
        (ASVS, 1, 12 * 60 + 1, False),
        (GBT22239, 15, 60, True),
        (GBT22239, 16, 60, False),
    ],
)
def test_a_session_ends_idle_and_at_its_age(policy, idle, age, expected):
    alive = session_alive(
        created_at=NOW - timedelta(minutes=age),
        last_seen_at=NOW - timedelta(minutes=idle),
        now=NOW,
        policy=policy,
    )
    assert alive is expected


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("short", "password_short"),
        ("x" * 129, "password_long"),
        ("1234567890", "password_common"),
        ("qwertyuiop", "password_common"),
        ("1qaz2wsx3edc", "password_common"),
        ("aaaaaaaaaa", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("19880512198805", "password_common"),
        ("P@ssw0rd123", "password_common"),
        ("Woaini5201314", "password_common"),
        ("Yiyuan@2026", "password_common"),
        ("admin@12345", "password_common"),
        ("linyi chenli 7", "password_has_username"),
        ("赣江边的三棵老樟树", "password_short"),
        ("赣江边的三棵老樟树树下", None),
        ("four words are enough", None),
        ("x1 y" + "长" * 124, None),
        ("mdt-demo-2026", "password_common"),
    ],
)
def test_passwords_are_judged_by_length_and_habit(password, expected):
    assert password_problem(password, username="chenli") == expected


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("four words are enough", "password_classes"),
        ("Four words are enough", None),
        ("fourwords4enough", "password_classes"),
        ("fourwords-4-enough", None),
    ],
)
def test_the_other_policy_asks_for_three_kinds_of_characters(password, expected):
    assert password_problem(password, username="lin", policy=GBT22239) == expected
    assert password_problem(password, username="lin") is None


def test_passwords_expire_only_where_the_policy_says_so():
    old = NOW - timedelta(days=91)
    assert password_expired(old, now=NOW, policy=GBT22239)
    assert not password_expired(NOW - timedelta(days=90), now=NOW, policy=GBT22239)
    assert not password_expired(old, now=NOW, policy=ASVS)
    assert not password_expired(None, now=NOW, policy=GBT22239)


def test_demo_accounts_hold_several_sessions_and_never_expire():
    policy = policy_named("gbt22239", demo=True)
    assert (policy.one_session, policy.password_days) == (False, 0)
    assert policy.idle_limit == GBT22239.idle_limit
    assert policy_named("gbt22239") == GBT22239


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/90.0.4430.212 Safari/537.36",
            "Chrome 90 · Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
            "Edge 120 · Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
            "Safari 17 · iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
         "Firefox 128 · Linux"),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_few_words(user_agent, expected):
    assert browser_name(user_agent) == expected
