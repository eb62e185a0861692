"""Rules of signing in: throttling, time limits, passwords.

Two policies: OWASP ASVS 5.0 (chapters 6 and 7), the default, and the habits of GB/T 22239 level 3.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

REAUTHENTICATION_LIFETIME = timedelta(minutes=5)
LONGEST_PASSWORD = 128


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """How strict sign-in is.

    ``failures`` counts one account from one address within ``window``; ``account_failures`` counts
    an account from everywhere, ``address_failures`` an address over all accounts.
    ``password_classes`` is how many of lower case, upper case, digits and other characters a
    password needs; ``password_days`` how long it lasts, 0 for ever.
    """

    failures: int = 5
    account_failures: int = 30
    address_failures: int = 40
    window: timedelta = timedelta(minutes=15)
    idle_limit: timedelta = timedelta(minutes=30)
    absolute_limit: timedelta = timedelta(hours=12)
    shortest_password: int = 10
    password_classes: int = 0
    password_days: int = 0
    one_session: bool = False


ASVS = LoginPolicy()
GBT22239 = LoginPolicy(
    window=timedelta(minutes=30),
    idle_limit=timedelta(minutes=15),
    password_classes=3,
    password_days=90,
    one_session=True,
)
POLICIES = {"asvs": ASVS, "gbt22239": GBT22239}


def policy_named(name: str, *, demo: bool = False) -> LoginPolicy:
    """The policy of ``MDT_LOGIN_POLICY``.

    Demo accounts are shared by whoever tries the system: they hold several sessions and their
    password does not expire.
    """
    policy = POLICIES[name]
    if not demo:
        return policy
    return LoginPolicy(
        window=policy.window,
        idle_limit=policy.idle_limit,
        password_classes=policy.password_classes,
    )


@dataclass(frozen=True, slots=True)
class Failures:
    """Refused attempts within the policy's window.

    ``known_address``: the account has signed in from this address before.
    """

    pair: int
    account: int
    address: int
    known_address: bool = False


def throttled(failures: Failures, policy: LoginPolicy = ASVS) -> bool:
    """Whether even the right password is refused for now.

    The window slides and refused attempts during a lock don't lengthen it. Guessing from many
    addresses locks an account only for addresses it was never used from, so that nobody can keep
    a doctor out from elsewhere.
    """
    everywhere = failures.account >= policy.account_failures and not failures.known_address
    return (
        failures.pair >= policy.failures
        or failures.address >= policy.address_failures
        or everywhere
    )


def session_alive(
    *, created_at: datetime, last_seen_at: datetime, now: datetime, policy: LoginPolicy = ASVS
) -> bool:
    """Idle and absolute limits of a session (ASVS 7.3.1, 7.3.2)."""
    idle = now - last_seen_at
    return idle <= policy.idle_limit and now - created_at <= policy.absolute_limit


def password_expired(changed_at: datetime | None, *, now: datetime, policy: LoginPolicy) -> bool:
    """Whether a password must be changed for its age; one that nobody has chosen yet has none."""
    if not policy.password_days or changed_at is None:
        return False
    return now - changed_at > timedelta(days=policy.password_days)


def password_problem(password: str, *, username: str, policy: LoginPolicy = ASVS) -> str | None:
    """Code of what is wrong with a new password, or nothing."""
    if len(password) < policy.shortest_password:
        return "password_short"
    if len(password) > LONGEST_PASSWORD:
        return "password_long"
    folded = password.casefold()
    if _is_common(folded):
        return "password_common"
    if username.casefold() in folded:
        return "password_has_username"
    if sum(bool(re.search(one, password)) for one in _CLASSES) < policy.password_classes:
        return "password_classes"
    return None


_CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z\d]")

#: Rows of the keyboard and the alphabet, by which people make long passwords out of nothing.
_RUNS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "q1w2e3r4t5y6u7i8o9p0",
)
#: What guessed passwords are built around, Chinese habits among them; digits and signs are added.
_COMMON_WORDS = frozenset(
    {
        "abc", "abcd", "admin", "administrator", "aini", "asdf", "baobao", "changeme", "china",
        "demo", "doctor", "dragon", "guanli", "guanliyuan", "hello", "hospital", "huanying",
        "iloveyou", "letmein", "login", "master", "mdt", "mdtdemo", "mima", "monkey", "nihao",
        "pass", "passw", "passwd", "password", "princess", "qwe", "qweasd", "qweasdzxc", "qwer",
        "qwert", "qwerty", "root", "secret", "sunshine", "superman", "system", "taobao", "test",
        "user", "wangluo", "welcome", "woaini", "woainima", "woaiwojia", "xiaoming", "xitong",
        "yisheng", "yiyuan", "zaq", "zhang", "zhongguo", "zhongliu", "zxcvbn", "zxcvbnm",
    }
)  # fmt: skip
_LOOK_ALIKES = str.maketrans("013457@$!", "oieastasi")


def _is_common(folded: str) -> bool:
    """Few different characters, a run, one piece repeated, a birthday, or a usual word and digits.

    A rule in place of a list of thousands: it refuses what such lists hold at this length.
    """
    if len(set(folded)) <= 3 or any(folded in run for run in _RUNS):
        return True
    if folded.isdigit() or (folded + folded).find(folded, 1) < len(folded):
        return True
    word = re.sub(r"[\d\W_]+", "", folded)
    spelt = re.sub(r"[\W\d_]+", "", folded.rstrip("0123456789!@#$%^&*.").translate(_LOOK_ALIKES))
    return word in _COMMON_WORDS or spelt in _COMMON_WORDS


_BROWSERS = (
    ("Edg", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Headless)?(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari"),
)
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")


def browser_name(user_agent: str) -> str:
    """What a browser calls itself, short enough to be recognised: ``Chrome 90 · Windows``."""
    browser = next(
        (
            f"{'Edge' if name == 'Edg' else name} {found.group(1)}"
            for name, pattern in _BROWSERS
            if (found := re.search(pattern, user_agent))
        ),
        user_agent[:40],
    )
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    return f"{browser} · {system}" if system else browser
