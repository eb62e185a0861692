"""Which files a case takes, why one is refused, and when one can be taken back.

A refusal is a code here; what the person reads stands beside it in both languages: what happened,
then what to do about it. Devices that look at files raise `FileRefused` with one of these codes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from mdt.rules.errors import Refused

MEBIBYTE = 1024 * 1024


class Kind(StrEnum):
    """What a file is, by its content and by its extension."""

    DICOM = "dicom"
    JPEG = "jpeg"
    PDF = "pdf"
    PNG = "png"
    ZIP = "zip"


MEDIA_TYPES: dict[Kind, str] = {
    Kind.DICOM: "application/dicom",
    Kind.JPEG: "image/jpeg",
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.ZIP: "application/zip",
}
KINDS_BY_MEDIA_TYPE = {media: kind for kind, media in MEDIA_TYPES.items()}

# Largest size in bytes of one uploaded file.
SIZE_LIMITS: dict[Kind, int] = {
    Kind.DICOM: 512 * MEBIBYTE,
    Kind.JPEG: 40 * MEBIBYTE,
    Kind.PDF: 60 * MEBIBYTE,
    Kind.PNG: 40 * MEBIBYTE,
    Kind.ZIP: 2048 * MEBIBYTE,
}


class Refusal(StrEnum):
    """Why a file was not taken."""

    ARCHIVE_BROKEN = "archive_broken"
    ARCHIVE_ENCRYPTED = "archive_encrypted"
    ARCHIVE_OTHER_FORMAT = "archive_other_format"
    ARCHIVE_TOO_BIG = "archive_too_big"
    ARCHIVE_TOO_MANY_FILES = "archive_too_many_files"
    ARCHIVE_UNSAFE_NAMES = "archive_unsafe_names"
    ARCHIVE_WITHIN_ARCHIVE = "archive_within_archive"
    DICOM_CODEC_UNKNOWN = "dicom_codec_unknown"
    DICOM_DIRECTORY = "dicom_directory"
    DICOM_NO_IMAGE = "dicom_no_image"
    DICOM_NO_UIDS = "dicom_no_uids"
    DICOM_NOT_BLACKENED = "dicom_not_blackened"
    DICOM_OTHER_STUDY = "dicom_other_study"
    DICOM_PIXELS_MISSING = "dicom_pixels_missing"
    DICOM_TOO_DEEP = "dicom_too_deep"
    DICOM_TOO_MANY_PIXELS = "dicom_too_many_pixels"
    DICOM_UNREADABLE = "dicom_unreadable"
    DISC_VIEWER = "disc_viewer"
    EMPTY = "empty"
    EXECUTABLE = "executable"
    EXTENSION_MISMATCH = "extension_mismatch"
    HTML = "html"
    IMAGE_BROKEN = "image_broken"
    IMAGE_OTHER_FORMAT = "image_other_format"
    IMAGE_TOO_MANY_PIXELS = "image_too_many_pixels"
    OFFICE_DOCUMENT = "office_document"
    PDF_BROKEN = "pdf_broken"
    PDF_ENCRYPTED = "pdf_encrypted"
    READING_CRASHED = "reading_crashed"
    READING_TOO_BIG = "reading_too_big"
    READING_TOO_SLOW = "reading_too_slow"
    SLIDE = "slide"
    SLIDE_NO_LEVELS = "slide_no_levels"
    SLIDE_NOT_CONVERTED = "slide_not_converted"
    SLIDE_TOO_LARGE = "slide_too_large"
    SLIDE_UNREADABLE = "slide_unreadable"
    SLIDE_VENDOR = "slide_vendor"
    SVG = "svg"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    VIDEO = "video"
    VIRUS = "virus"
    VIRUS_CHECK_TOO_BIG = "virus_check_too_big"
    WRONG_KIND_FOR_TYPE = "wrong_kind_for_type"


#: Refusals that may be the machine's: too much to do, or a reader that was killed.
PASSING = frozenset({Refusal.READING_CRASHED, Refusal.READING_TOO_SLOW})


class FileRefused(Refused):
    """This file is not taken; ``refusal`` says why."""

    def __init__(self, refusal: Refusal, **details: object) -> None:
        super().__init__(refusal.value, **details)
        self.refusal = refusal


@dataclass(frozen=True)
class Explanation:
    """What happened and what to do, for the person who attached the file."""

    zh: str
    en: str


EXPLANATIONS: dict[Refusal, Explanation] = {
    Refusal.ARCHIVE_BROKEN: Explanation(
        "压缩包已损坏或未传完整。请在本机确认能正常解压后重新压缩并上传。",
        "The ZIP file is damaged or incomplete. Check that it unpacks on your computer, "
        "make it again and upload it.",
    ),
    Refusal.ARCHIVE_ENCRYPTED: Explanation(
        "压缩包设有密码，系统无法打开。请去掉密码后重新压缩并上传。",
        "The ZIP file has a password and cannot be opened. Make it again without a password.",
    ),
    Refusal.ARCHIVE_OTHER_FORMAT: Explanation(
        "不支持 RAR、7z 等压缩格式。请改用 ZIP 格式压缩，或解压后直接上传文件夹。",
        "RAR, 7z and similar archives are not supported. Use ZIP, or unpack it and upload "
        "the folder.",
    ),
    Refusal.ARCHIVE_TOO_BIG: Explanation(
        "压缩包解压后的内容超过限制。请按检查序列拆成几个较小的压缩包分别上传。",
        "The unpacked content of the ZIP file is over the limit. Split it by series into "
        "smaller ZIP files.",
    ),
    Refusal.ARCHIVE_TOO_MANY_FILES: Explanation(
        "压缩包内文件数量超过限制。请只保留本次讨论需要的检查，或拆成几个压缩包上传。",
        "The ZIP file holds too many files. Keep only the studies needed, or split it.",
    ),
    Refusal.ARCHIVE_UNSAFE_NAMES: Explanation(
        "压缩包内含有不安全的文件路径或链接。请把影像文件夹重新压缩成新的 ZIP 后上传。",
        "The ZIP file holds unsafe paths or links. Make a new ZIP of the image folder.",
    ),
    Refusal.ARCHIVE_WITHIN_ARCHIVE: Explanation(
        "压缩包里还有压缩包，内层不会被读取。请先解压内层压缩包，再上传其中的文件。",
        "There is an archive inside the archive; it is not read. Unpack the inner one first "
        "and upload its files.",
    ),
    Refusal.DICOM_CODEC_UNKNOWN: Explanation(
        "影像采用了系统不认识的压缩方式，无法显示。请在 PACS 中以“未压缩”或 JPEG 2000 "
        "格式重新导出后上传。",
        "The image is compressed in a way that cannot be shown. Export it again from the PACS, "
        "uncompressed or as JPEG 2000.",
    ),
    Refusal.DICOM_DIRECTORY: Explanation(
        "这是光盘的目录文件（DICOMDIR），不含影像，无需上传。请上传影像文件所在的文件夹。",
        "This is the directory of a disc (DICOMDIR) and holds no image. "
        "Upload the folder with the images.",
    ),
    Refusal.DICOM_NO_IMAGE: Explanation(
        "该 DICOM 文件不含可显示的图像（如结构化报告、放疗计划），已作为附件保存，"
        "可下载后用专用软件查看。",
        "This DICOM object holds no image to show (such as a structured report or a radiotherapy "
        "plan). It is kept and can be downloaded.",
    ),
    Refusal.DICOM_NO_UIDS: Explanation(
        "该 DICOM 文件缺少检查、序列或影像的唯一标识，无法归档。请从 PACS 重新导出完整的 "
        "DICOM 文件后上传。",
        "This DICOM file lacks the identifiers of its study, series or image. "
        "Export it again from the PACS as complete DICOM.",
    ),
    Refusal.DICOM_NOT_BLACKENED: Explanation(
        "这种图像（单色位图、浮点数值等）不能在系统中遮挡。请划除该序列，在设备上遮挡后重新上传。",
        "Images of this kind (single bits, floating point) cannot be blacked out here. Strike the "
        "series out, black it out at its machine and upload it again.",
    ),
    Refusal.DICOM_OTHER_STUDY: Explanation(
        "图像不属于所指定的检查，未接收。请核对后发送到正确的检查。",
        "The image does not belong to the study that was named. Send it to the right one.",
    ),
    Refusal.DICOM_PIXELS_MISSING: Explanation(
        "影像数据不完整，可能在拷贝或下载时中断。请从 PACS 重新导出后上传。",
        "The image data are incomplete, probably cut off while copying. "
        "Export the file again from the PACS.",
    ),
    Refusal.DICOM_TOO_DEEP: Explanation(
        "该 DICOM 文件结构异常（嵌套层数过多），为安全起见未予接收。请从 PACS 重新导出后上传。",
        "The structure of this DICOM file is abnormal (nested too deeply), so it was refused "
        "for safety. Export it again from the PACS.",
    ),
    Refusal.DICOM_TOO_MANY_PIXELS: Explanation(
        "影像声明的像素数量超过限制，未予接收。若为数字病理切片，请导出代表区域的图片上传；"
        "否则请从 PACS 重新导出。",
        "The image declares more pixels than the limit. For a digital slide, export a picture of "
        "a representative area; otherwise export the image again from the PACS.",
    ),
    Refusal.DICOM_UNREADABLE: Explanation(
        "文件不是有效的 DICOM，或已损坏。请在本机用看片软件确认能打开，或从 PACS 重新导出后上传。",
        "The file is not valid DICOM or is damaged. Check that a viewer opens it, or export it "
        "again from the PACS.",
    ),
    Refusal.DISC_VIEWER: Explanation(
        "这是光盘自带的浏览软件，不是检查资料，未保存。确实需要的，请单独选择该文件上传。",
        "This belongs to the viewer on the disc and was left out. If you need it, choose this file "
        "by itself.",
    ),
    Refusal.EMPTY: Explanation(
        "文件是空的（0 字节）。请检查原文件，重新导出或扫描后上传。",
        "The file is empty (0 bytes). Check the original, then export or scan it again.",
    ),
    Refusal.EXECUTABLE: Explanation(
        "这是程序或脚本文件，为安全起见不予接收。请只上传影像、PDF 或图片；"
        "光盘自带的看片软件无需上传。",
        "This is a program or a script and is refused for safety. Upload images, PDF or pictures "
        "only; the viewer that comes with a disc is not needed.",
    ),
    Refusal.EXTENSION_MISMATCH: Explanation(
        "文件内容与扩展名不一致。请确认选对了文件，并用正确的扩展名（.dcm、.pdf、.jpg、.png、"
        ".zip）重新保存后上传。",
        "The content of the file does not match its extension. Check that it is the right file "
        "and save it with the right one (.dcm, .pdf, .jpg, .png, .zip).",
    ),
    Refusal.HTML: Explanation(
        "不接收网页文件。请在浏览器中用“打印”功能存为 PDF 后上传。",
        "Web pages are not taken. Print the page to PDF in your browser and upload that.",
    ),
    Refusal.IMAGE_BROKEN: Explanation(
        "图片已损坏或未传完整，无法打开。请重新拍摄、扫描或导出后上传。",
        "The picture is damaged or incomplete. Take, scan or export it again.",
    ),
    Refusal.IMAGE_OTHER_FORMAT: Explanation(
        "只接收 JPEG 和 PNG 图片。请将该图片（TIFF、BMP、GIF、HEIC、WebP 等）另存为 JPEG 后上传；"
        "苹果手机可在“设置-相机-格式”中选择“兼容性最佳”。",
        "Only JPEG and PNG pictures are taken. Save this one (TIFF, BMP, GIF, HEIC, WebP ...) as "
        "JPEG; on an iPhone choose Settings, Camera, Formats, Most Compatible.",
    ),
    Refusal.IMAGE_TOO_MANY_PIXELS: Explanation(
        "图片像素过多，超过限制（8000 万像素）。请缩小尺寸或降低扫描分辨率（300 DPI 即可）后上传。",
        "The picture has more pixels than the limit (80 million). Make it smaller or scan at a "
        "lower resolution (300 dpi is enough).",
    ),
    Refusal.OFFICE_DOCUMENT: Explanation(
        "不接收 Word、Excel、WPS 等文档。请在软件中“另存为 PDF”后上传。",
        "Word, Excel and WPS documents are not taken. Save it as PDF and upload that.",
    ),
    Refusal.PDF_BROKEN: Explanation(
        "PDF 已损坏，无法打开。请重新导出，或打印后扫描成 PDF 上传。",
        "The PDF is damaged and cannot be opened. Export it again, or print and scan it.",
    ),
    Refusal.PDF_ENCRYPTED: Explanation(
        "PDF 设有打开密码。请去掉密码，或用“打印”功能另存为新的 PDF 后上传。",
        "The PDF needs a password. Remove it, or print the document to a new PDF.",
    ),
    Refusal.READING_CRASHED: Explanation(
        "读取该文件时出错，文件可能已损坏或结构异常。请从原系统重新导出后上传；"
        "如仍失败，请联系系统管理员。",
        "Reading this file failed; it may be damaged or abnormal. Export it again from where it "
        "comes from; if it fails again, ask the system administrator.",
    ),
    Refusal.READING_TOO_BIG: Explanation(
        "读取该文件需要的内存超过限制，未予接收。请从原系统以较小的尺寸或单帧方式重新导出后上传。",
        "Reading this file takes more memory than the limit. Export it again at a smaller size "
        "or as single frames.",
    ),
    Refusal.READING_TOO_SLOW: Explanation(
        "读取该文件超过时间限制，文件结构可能异常。请从原系统重新导出后上传。",
        "Reading this file took longer than the limit; its structure may be abnormal. "
        "Export it again from where it comes from.",
    ),
    Refusal.SLIDE: Explanation(
        "数字切片请作为单独的文件上传（SVS、NDPI、SCN、BIF 或金字塔 TIFF）；MRXS 请把 .mrxs 文件"
        "连同其同名文件夹打成一个 ZIP。若仍出现此提示，文件可能已损坏，请重新拷贝。",
        "Upload a digital slide as a file of its own (SVS, NDPI, SCN, BIF or pyramidal TIFF); of "
        "MRXS, the .mrxs file with the folder of the same name as one ZIP. If it is one, it may "
        "be damaged: copy it again.",
    ),
    Refusal.SLIDE_NO_LEVELS: Explanation(
        "该切片文件没有分层（金字塔），无法流畅浏览。请在切片软件中导出为 SVS 或"
        "金字塔 TIFF 后上传。",
        "This slide has no levels (no pyramid) and cannot be browsed. Export it as a pyramidal "
        "TIFF or SVS.",
    ),
    Refusal.SLIDE_NOT_CONVERTED: Explanation(
        "该厂商格式的切片没有转换成功。请在厂商的看片软件中导出为 SVS 或 TIFF 后上传。",
        "This vendor's slide could not be converted. Export it as SVS or TIFF from the vendor's "
        "viewer and upload that.",
    ),
    Refusal.SLIDE_TOO_LARGE: Explanation(
        "切片的像素数量超过限制。请在切片软件中以较低倍率导出，或只导出病灶所在区域。",
        "The slide has more pixels than the limit. Export it at a lower magnification, or only "
        "the region that matters.",
    ),
    Refusal.SLIDE_UNREADABLE: Explanation(
        "切片文件无法读取，可能已损坏或未拷贝完整。请确认厂商看片软件能打开，重新拷贝或导出为 "
        "SVS、金字塔 TIFF 后上传。",
        "The slide cannot be read; it may be damaged or incomplete. Check that the vendor's viewer "
        "opens it, copy it again, or export it as SVS or pyramidal TIFF.",
    ),
    Refusal.SLIDE_VENDOR: Explanation(
        "KFB、TMAP、SDPC 是厂商专有格式，系统不能读取。请在厂商的看片软件中导出为 SVS 或 TIFF "
        "后上传。",
        "KFB, TMAP and SDPC are vendors' own formats and cannot be read. Export the slide as SVS "
        "or TIFF from the vendor's viewer and upload that.",
    ),
    Refusal.SVG: Explanation(
        "不接收 SVG 图片（其中可能含有脚本）。请另存为 PNG 或 PDF 后上传。",
        "SVG pictures are not taken, as they may hold scripts. Save it as PNG or PDF.",
    ),
    Refusal.TOO_LARGE: Explanation(
        "文件大小超过限制。影像请按序列分开上传；扫描件请降低分辨率（300 DPI 即可）后重新保存。",
        "The file is over the size limit. Upload images series by series; scan documents at a "
        "lower resolution (300 dpi is enough).",
    ),
    Refusal.UNKNOWN_FORMAT: Explanation(
        "无法识别该文件的格式。可上传的有：DICOM 影像（单个文件、文件夹或 ZIP）、PDF、JPEG、PNG、"
        "数字切片（SVS、NDPI 等）。",
        "The format of this file is not recognised. What can be uploaded: DICOM images (files, a "
        "folder or a ZIP), PDF, JPEG, PNG, digital slides (SVS, NDPI and others).",
    ),
    Refusal.VIDEO: Explanation(
        "暂不接收视频。请截取关键画面存为 JPEG 后上传。",
        "Videos are not taken yet. Save the key pictures as JPEG and upload them.",
    ),
    Refusal.VIRUS: Explanation(
        "该文件未通过病毒检查，未予接收。请在本机查杀后，从原系统重新导出再上传；"
        "如怀疑误报，请联系系统管理员。",
        "The virus check found something in this file, and it was not taken. Clean your computer, "
        "export the file again and upload it; if you think the check is wrong, ask the system "
        "administrator.",
    ),
    Refusal.VIRUS_CHECK_TOO_BIG: Explanation(
        "该文件超过病毒检查能处理的大小，未予接收。请联系系统管理员调高病毒检查的文件大小限制。",
        "This file is larger than the virus check takes, and it was not taken. Ask the system "
        "administrator to raise the check's size limit.",
    ),
    Refusal.WRONG_KIND_FOR_TYPE: Explanation(
        "该资料类别不接收这种文件。影像原始数据请选 DICOM 或 ZIP；报告和文书请选 PDF、JPEG 或 "
        "PNG。",
        "This document type does not take that kind of file. Choose DICOM or ZIP for original "
        "images; PDF, JPEG or PNG for reports and records.",
    ),
}

# `typical_format` of a document type -> what is taken for it. A report may always come as a scan
# or a photograph; slides come as pictures of fields until slide files are read.
_PAPER = frozenset({Kind.PDF, Kind.JPEG, Kind.PNG})
_PICTURES = frozenset({Kind.JPEG, Kind.PNG})
_KINDS_OF_FORMAT: dict[str, frozenset[Kind]] = {
    "csv": _PAPER,
    "dicom": frozenset({Kind.DICOM, Kind.ZIP}),
    "image": _PAPER,
    "pdf": _PAPER,
    "svs": _PICTURES,
    "text": _PAPER,
    "tiff": _PICTURES,
    "video": _PICTURES,
}

# From scheduling on others have prepared on it: the file stays and is struck out.
_NOT_LISTED_YET = frozenset({"draft", "submitted", "reviewing", "returned", "accepted", "deferred"})


def explain(code: str) -> Explanation:
    """Return the sentences for a refusal's code; an unknown code gets the general ones."""
    if code in set(Refusal):
        return EXPLANATIONS[Refusal(code)]
    return EXPLANATIONS[Refusal.READING_CRASHED]


def accepted_kinds(formats: Collection[str]) -> frozenset[Kind]:
    """Return the kinds that a document type takes, from its ``typical_format`` codes."""
    found = [_KINDS_OF_FORMAT[name] for name in formats if name in _KINDS_OF_FORMAT]
    return frozenset().union(*found) if found else _PAPER


def check_size(kind: Kind, size: int) -> None:
    """Raise `FileRefused` when ``size`` bytes are too many (or none) for ``kind``."""
    if size == 0:
        raise FileRefused(Refusal.EMPTY)
    if size > SIZE_LIMITS[kind]:
        raise FileRefused(Refusal.TOO_LARGE, size=size, limit=SIZE_LIMITS[kind])


def may_take_back(case_state: str) -> bool:
    """Whether an attachment may still vanish; later it can only be struck out."""
    return case_state in _NOT_LISTED_YET


def extension_of(file_name: str) -> str:
    """The extension of a sender's file name, lower case, without the dot."""
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return PurePosixPath(name).suffix.removeprefix(".").lower()
