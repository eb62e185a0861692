"""Rules of signing in: throttling, time limits, passwords (OWASP ASVS 5.0, chapters 6 and 7)."""

from datetime import datetime, timedelta

FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 40
FAILURE_WINDOW = timedelta(minutes=15)
IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
REAUTHENTICATION_LIFETIME = timedelta(minutes=5)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128

#: What turns up in guessed passwords, Chinese habits among them.
COMMON_PASSWORDS = frozenset(
    {
        "1234567890", "0123456789", "12345678910", "0987654321", "1111111111", "0000000000",
        "qwertyuiop", "1qaz2wsx3edc", "password123", "password1234", "passw0rd123", "admin12345",
        "administrator", "woaini1314", "woaini520520", "5201314520", "qwerty12345", "abcd123456",
        "abc1234567", "a123456789", "123456789a", "zhongguo123", "yisheng123", "hospital123",
        "iloveyou123", "letmein12345", "q1w2e3r4t5", "1q2w3e4r5t", "88888888888", "66666666666",
    }
)  # fmt: skip


def throttled(*, account_failures: int, address_failures: int) -> bool:
    """Whether even the right password is refused for now.

    The window slides, so nobody is locked out for ever.
    """
    return account_failures >= FAILURES_PER_ACCOUNT or address_failures >= FAILURES_PER_ADDRESS


def session_alive(*, created_at: datetime, last_seen_at: datetime, now: datetime) -> bool:
    """Idle and absolute limits of a session (ASVS 7.3.1, 7.3.2)."""
    return now - last_seen_at <= IDLE_LIMIT and now - created_at <= ABSOLUTE_LIMIT


def password_problem(password: str, *, username: str) -> str | None:
    """Code of what is wrong with a new password, or nothing. No composition rule (ASVS 6.2.5)."""
    if len(password) < SHORTEST_PASSWORD:
        return "password_short"
    if len(password) > LONGEST_PASSWORD:
        return "password_long"
    folded = password.casefold()
    if folded in COMMON_PASSWORDS or len(set(folded)) <= 2:
        return "password_common"
    if username.casefold() in folded:
        return "password_has_username"
    return None
