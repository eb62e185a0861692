"""What is said where the files' storage cannot do what it should."""

from flask_babel import lazy_gettext as _

WORDS = {
    "blob_damaged": _(
        "这份文件在服务器上已损坏，不能显示。错误已记录，请联系系统管理员从备份恢复。"
    ),
    "blob_missing": _("这份文件在服务器上找不到。错误已记录，请联系系统管理员从备份恢复。"),
    "storage_full": _(
        "服务器存储空间不足，刚才的内容没有保存；此前已保存的不受影响。请联系系统管理员。"
    ),
    "storage_unavailable": _(
        "文件存储暂时连不上，影像和文件现在不能查看或上传；已保存的没有丢失，请稍后再试。"
    ),
}
