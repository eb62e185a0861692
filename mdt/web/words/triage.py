"""What the queue says: codes of a decision, and times that run."""

from datetime import datetime, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _

WORDS = {
    "due_day_past": _("日期不能早于今天。"),
    "due_day_required": _("请填写补正期限，对方会看到这个日期。"),
}

#: What each decision is called on its button, and what it does.
DECISIONS = {
    "accept": (_("受理"), _("病例进入待排期列表，并通知申请医师。")),
    "decline": (_("拒绝受理"), _("病例就此结束，申请医师会看到原因，不能再提交。")),
    "defer": (_("缓议"), _("病例留在列表中，条件具备后再受理。")),
    "return": (_("退回补正"), _("申请医师补齐后再次提交，原计时继续。")),
}
#: What is said after it.
DECIDED = {
    "accept": _("已受理 %(number)s，可以排入会议。"),
    "decline": _("已拒绝 %(number)s，原因已告知申请医师。"),
    "defer": _("%(number)s 已缓议，原因已告知申请医师。"),
    "return": _("%(number)s 已退回补正，原因和期限已告知申请医师。"),
}

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def time_left(due: datetime | None, now: datetime) -> str:
    """``还剩 5 小时``, ``超时 2 天``; empty without a limit."""
    if due is None:
        return ""
    late, span = now > due, abs(due - now)
    if span >= 2 * _DAY:
        days = span // _DAY
        return gettext("超时 %(n)s 天", n=days) if late else gettext("还剩 %(n)s 天", n=days)
    if span >= _HOUR:
        hours = span // _HOUR
        return gettext("超时 %(n)s 小时", n=hours) if late else gettext("还剩 %(n)s 小时", n=hours)
    minutes = span // timedelta(minutes=1)
    if late:
        return gettext("超时 %(n)s 分钟", n=minutes)
    return gettext("还剩 %(n)s 分钟", n=minutes)


def time_since(moment: datetime | None, now: datetime) -> str:
    """``已等 3 天``: whole days, hours or minutes."""
    if moment is None:
        return ""
    span = max(now - moment, timedelta())
    if span >= _DAY:
        return gettext("已等 %(n)s 天", n=span // _DAY)
    if span >= _HOUR:
        return gettext("已等 %(n)s 小时", n=span // _HOUR)
    return gettext("已等 %(n)s 分钟", n=span // timedelta(minutes=1))


def tone_of(due: datetime | None, now: datetime) -> str:
    """Colour beside the words: late or within a day, within three days, or neither."""
    if due is None:
        return "neutral"
    if due <= now + _DAY:
        return "stop"
    return "wait" if due <= now + 3 * _DAY else "neutral"
