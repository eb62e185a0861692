"""What is said to DICOMweb clients that ask for what cannot be given."""

from flask_babel import lazy_gettext as _

WORDS = {
    "dicomweb_attribute": _("没有这个 DICOM 属性。"),
    "dicomweb_body": _("请求内容不是完整的 multipart/related 格式。"),
    "dicomweb_no_frames": _("这个对象没有可以逐帧读取的图像。"),
    "dicomweb_not_acceptable": _("不能以所要求的格式或传输语法提供。"),
    "dicomweb_number": _("参数无法识别。"),
}
