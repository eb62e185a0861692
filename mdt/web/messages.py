"""The words for the codes of rules and services: what happened and what to do."""

from flask_babel import gettext, lazy_gettext

from mdt.rules.errors import MdtError
from mdt.web.words import (
    admin,
    attachments,
    audit,
    cases,
    conferences,
    definitions,
    dicomweb,
    followup,
    freezes,
    live,
    marks,
    matches,
    pacs,
    phone,
    plans,
    reading,
    registry,
    release,
    sign_in,
    storage,
    triage,
)

#: One sentence for each code; ``message_for`` looks here.
MESSAGES = {
    "csrf": lazy_gettext("页面已过期。请返回上一页，刷新后重试，已填写的内容请先复制。"),
    "http_400": lazy_gettext("请求无法读取。请返回上一页重试。"),
    "http_401": lazy_gettext("请先登录。"),
    "http_403": lazy_gettext("您没有做这一步的权限。"),
    "http_404": lazy_gettext("没有找到这个页面。"),
    "http_405": lazy_gettext("这个地址不能这样使用。"),
    "http_413": lazy_gettext("内容过大，服务器未接收。请分批上传。"),
    "http_429": lazy_gettext("操作过于频繁，请稍后再试。"),
    "http_500": lazy_gettext("系统出错，已记录。请稍后重试；如仍不行，请把编号告诉管理员。"),
    "http_503": lazy_gettext("服务暂时不可用，很快恢复。"),
    "reason_required": lazy_gettext("请选择原因。"),
    "reason_text_required": lazy_gettext("这个原因需要用文字说明。"),
    "forbidden": lazy_gettext("您没有做这一步的权限。如需要，请联系医务科或系统管理员。"),
    "illegal_transition": lazy_gettext("当前状态下不能这样做。请刷新页面，查看最新状态。"),
    "invalid": lazy_gettext("有内容需要改正，请看标出的项目。"),
    "not_found": lazy_gettext("没有找到。可能已删除，或不属于您的范围。"),
    "required": lazy_gettext("请填写此项。"),
    "stale": lazy_gettext("别人刚刚改过这里。请核对最新内容后再保存，您填写的内容没有丢失。"),
}

for feature in (
    admin,
    attachments,
    audit,
    cases,
    conferences,
    definitions,
    dicomweb,
    followup,
    freezes,
    live,
    marks,
    matches,
    pacs,
    phone,
    plans,
    reading,
    registry,
    release,
    sign_in,
    storage,
    triage,
):
    MESSAGES.update(feature.WORDS)


def register(messages: dict[str, object]) -> None:
    """Add the sentences of a feature (``mdt.blueprints.<feature>.messages``)."""
    MESSAGES.update(messages)


def sentence(code: str) -> str:
    """The sentence for a code; the code itself only where a sentence is owed."""
    found = MESSAGES.get(code)
    return str(found) if found is not None else gettext("操作没有完成（%(code)s）。", code=code)


def message_for(error: MdtError) -> str:
    """The sentence for an error, with its details filled in; by state where there are such."""
    by_state = f"{error.code}.{error.details.get('state', '')}"
    text = sentence(by_state if by_state in MESSAGES else error.code)
    try:
        return text % error.details if "%(" in text else text
    except (KeyError, ValueError):
        return text


def fields_for(fields: dict[str, str]) -> dict[str, str]:
    """Sentences for the fields of an `Invalid`."""
    return {name: sentence(code) for name, code in fields.items()}
