"""What is said of files: why one is not taken, and what to do about it."""

from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from mdt.rules.attachments import Refusal, explain
from mdt.rules.header_identity import Comparison, IdentityField, Match
from mdt.rules.identity import mask_name
from mdt.rules.image_windows import WindowCode


def _explained(code: str) -> str:
    found = explain(code)
    return found.en if str(get_locale()) == "en" else found.zh


#: The sentences of refused files come with the rules, in both languages.
WORDS = {code.value: LazyString(_explained, code.value) for code in Refusal} | {
    "archive_nothing_taken": _(
        "压缩包里没有可接收的文件，原因见下。请确认压缩的是影像文件夹或报告文件。"
    ),
    "attachment_listed": _("病例已排上会议，文件不能再收回。如传错，请划除并写明原因。"),
    "attachment_not_struck": _("这份文件没有被划除。请刷新页面。"),
    "attachment_struck": _("这份文件此前已被划除，未再次接收。如属误划，请在下方资料列表中恢复。"),
    "attachments_locked": _("病例已签署或结束，不能再添加文件。补充资料请在随访中登记。"),
    "body_part_unknown": _("没有这个部位，请重新选择。"),
    "contrast_unknown": _("请选择平扫或增强。"),
    "dicom_uid_conflict": _(
        "本病例已有同一编号但内容不同的图像，未接收。请确认是否选错患者；确需替换时，"
        "先收回或划除原序列再上传。"
    ),
    "document_kind_unknown": _("没有这种资料类别，请重新选择。"),
    "duplicate": _("已存在，未重复保存。"),
    "identity_confirmed": _("已经确认过，无需再次确认。"),
    "identity_not_confirmed": _("还没有确认，无需撤销。请刷新页面。"),
    "identity_reason_required": _("请写明确认的依据。"),
    "no_files": _("没有收到文件。请重新选择后上传。"),
    "no_image": LazyString(_explained, Refusal.DICOM_NO_IMAGE.value),
    "picture_size_unknown": _("没有这种图像尺寸。"),
    "hospital_full": _("本院的文件已占满限额（%(limit)s GB），不能再上传。请联系系统管理员。"),
    "quarantined": _(
        "病毒检查服务暂不可用。文件已单独封存，服务恢复后自动检查并归入病例，此前谁也看不到。"
    ),
    "scanner_unavailable": _("病毒检查服务暂不可用，现在不能接收文件。请稍后再试。"),
    "slide_of_series": _("这张切片属于一个 DICOM 序列，请收回该序列。"),
    "study_here": _("本病例已有这次检查的图像，不再引用。"),
    "strike_reason_required": _("请写明划除的原因。"),
    "upload_busy": _("这个文件正在由另一个请求接收，稍后会自动继续。"),
    "upload_checksum": _("上传请求的校验值无法识别。请刷新页面后重新上传。"),
    "upload_checksum_mismatch": _("这一段在传输中出错，将自动重传。"),
    "upload_content_type": _("上传请求无法识别。请刷新页面后重新上传。"),
    "upload_length": _("上传请求没有写明文件大小。请刷新页面后重新上传。"),
    "upload_metadata": _("上传请求的说明无法识别。请刷新页面后重新上传。"),
    "upload_name": _("上传请求没有写明文件名。请刷新页面后重新上传。"),
    "upload_not_whole": _("文件还没有传完。请等上传完成，或重新选择同一文件继续上传。"),
    "upload_offset": _("续传的位置与已收到的不一致，将自动从已收到的位置继续。"),
    "upload_part_too_large": _("收到的内容超过了文件大小，未接收。请刷新页面后重新上传。"),
    "upload_quota": _("您未传完的文件太多。请先完成或放弃之前的上传。"),
    "upload_too_large": _(
        "文件过大，未接收。压缩包不超过 2 GB，数字切片不超过 4 GB，单个影像文件不超过 512 MB。"
    ),
    "upload_too_many": _("这个病例有太多未传完的文件。请先完成或放弃之前的上传。"),
    "upload_version": _("上传程序的版本不符。请刷新页面后重新上传。"),
    "window_unreadable": _("窗位或窗宽无法识别。"),
}

_SEXES = {"1": _("男"), "2": _("女")}


def header_warnings(study: Any) -> list[str]:
    """What to look at before a study (`StudyFiles`) is taken for this patient's.

    Names the person of the header: only for who sent the file.
    """
    found: list[str] = []
    for person in study.mismatches:
        wrong = [x for x in person.fields if x.match in {Match.DIFFERS, Match.OTHER_SCRIPT}]
        found.extend(_differing(one) for one in wrong)
    if study.years_early:
        found.append(gettext("检查早于确诊 %(n)d 年。", n=study.years_early))
    return list(dict.fromkeys(found))


def _differing(one: Comparison) -> str:
    if one.field is IdentityField.ID_NUMBER:
        return gettext("影像中的证件号码与本病例不一致。")
    if one.field is IdentityField.NAME:
        return gettext("影像中的姓名为 %(name)s，请核对是否为本患者。", name=mask_name(one.header))
    if one.field is IdentityField.SEX:
        return gettext("影像中的性别为%(sex)s，与本病例不一致。", sex=str(_SEXES[one.header]))
    return gettext("影像中的出生日期为 %(day)s，与本病例不一致。", day=one.header)


WINDOWS = {
    WindowCode.ABDOMEN: _("腹窗"),
    WindowCode.BONE: _("骨窗"),
    WindowCode.BRAIN: _("脑窗"),
    WindowCode.LIVER: _("肝窗"),
    WindowCode.LUNG: _("肺窗"),
    WindowCode.MEDIASTINUM: _("纵隔窗"),
}
