"""What is said of a PACS that sends images."""

from flask_babel import lazy_gettext as _

WORDS = {
    "ae_title_shape": _("AE 标题为 1 至 16 个英文字母、数字或符号，不含反斜杠。"),
    "peer_address_shape": _("请填写 IP 地址，如 10.20.0.5，或网段，如 10.20.0.0/16。"),
    "peer_twice": _("同一 AE 标题和地址已登记过。"),
}
