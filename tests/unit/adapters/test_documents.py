import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from mdt.adapters.documents import ViewingCopy, thumbnail, viewing_copy
from mdt.rules.attachments import FileRefused, Kind, Refusal


def pdf_with(change: Callable[[pikepdf.Pdf], None], **saving: object) -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 100))
    page.obj["/Contents"] = pdf.make_stream(b"BT (the diagnosis) Tj ET")
    pdf.add_blank_page(page_size=(200, 100))
    change(pdf)
    stream = io.BytesIO()
    pdf.save(stream, **saving)  # type: ignore[arg-type]
    return stream.getvalue()


def action(kind: str) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(kind), JS="CANARY", F="CANARY", URI="CANARY")


def open_action(pdf: pikepdf.Pdf) -> None:
    pdf.Root["/OpenAction"] = action("/JavaScript")


def page_actions(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/AA"] = pikepdf.Dictionary(O=action("/Launch"))


def named_scripts(pdf: pikepdf.Pdf) -> None:
    script = pdf.make_indirect(action("/JavaScript"))
    pdf.Root["/Names"] = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["x", script]))
    )


def launching_link(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/Annots"] = pikepdf.Array(
        [
            pdf.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Link,
                    Rect=[0, 0, 9, 9],
                    A=action("/Launch"),
                )
            )
        ]
    )


def chained_action(pdf: pikepdf.Pdf) -> None:
    launching_link(pdf)
    jump = pikepdf.Dictionary(S=pikepdf.Name.GoTo, Next=pikepdf.Array([action("/URI")]))
    pdf.pages[0].obj["/Annots"][0]["/A"] = jump


def embedded_file(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["CANARY.exe"] = pikepdf.AttachedFileSpec(pdf, b"CANARY", filename="CANARY.exe")


def attached_annotation(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/Annots"] = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Subtype=pikepdf.Name.FileAttachment,
                Rect=[0, 0, 9, 9],
                FS=pikepdf.Dictionary(EF=pikepdf.Dictionary(F=pdf.make_stream(b"CANARY"))),
            )
        ]
    )


def xfa_form(pdf: pikepdf.Pdf) -> None:
    field = pdf.make_indirect(pikepdf.Dictionary(T="field", AA=pikepdf.Dictionary(K=action("/X"))))
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(
        Fields=pikepdf.Array([field]), XFA=pdf.make_stream(b"<xdp>CANARY</xdp>")
    )


def metadata(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Author"] = "CANARY"
    pdf.Root["/Metadata"] = pdf.make_stream(b"<x>CANARY</x>")


@pytest.mark.parametrize(
    "change",
    [open_action, page_actions, named_scripts, launching_link, chained_action, embedded_file,
     attached_annotation, xfa_form, metadata],
)  # fmt: skip
def test_what_acts_or_tells_is_gone_and_the_pages_stay(
    change: Callable[[pikepdf.Pdf], None],
) -> None:
    plain = {"compress_streams": False}
    data = pdf_with(change, **plain)
    assert b"CANARY" in data or b"\xfe\xff" in data
    copy = viewing_copy(data, Kind.PDF)
    assert (copy.kind, copy.pages) == (Kind.PDF, 2)
    with pikepdf.open(io.BytesIO(copy.data)) as pdf:
        assert pdf.pages[0].obj.Contents.read_bytes() == b"BT (the diagnosis) Tj ET"
        stream = io.BytesIO()
        pdf.save(
            stream, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )  # fmt: skip
    for word in (b"CANARY", b"JavaScript", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"/XFA"):
        assert word not in stream.getvalue()


def test_jump_within_the_document_stays() -> None:
    def jump(pdf: pikepdf.Pdf) -> None:
        launching_link(pdf)
        pdf.pages[0].obj["/Annots"][0]["/A"] = pikepdf.Dictionary(
            S=pikepdf.Name.GoTo, D=pikepdf.Array([pdf.pages[1].obj, pikepdf.Name.Fit])
        )

    copy = viewing_copy(pdf_with(jump), Kind.PDF)
    with pikepdf.open(io.BytesIO(copy.data)) as pdf:
        assert str(pdf.pages[0].obj.Annots[0].A.S) == "/GoTo"


def nothing(pdf: pikepdf.Pdf) -> None:
    """Leave it as it is."""


def test_pdf_that_only_forbids_printing_is_read() -> None:
    locked = pdf_with(nothing, encryption=pikepdf.Encryption(owner="owner", user=""))
    copy = viewing_copy(locked, Kind.PDF)
    with pikepdf.open(io.BytesIO(copy.data)) as pdf:
        assert (len(pdf.pages), pdf.is_encrypted) == (2, False)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (pdf_with(nothing, encryption=pikepdf.Encryption(owner="o", user="u")),
         Refusal.PDF_ENCRYPTED),
        (b"%PDF-1.7\nnothing more", Refusal.PDF_BROKEN),
        (b"", Refusal.PDF_BROKEN),
    ],
)  # fmt: skip
def test_pdf_that_cannot_be_opened_is_refused(data: bytes, refusal: Refusal) -> None:
    with pytest.raises(FileRefused) as caught:
        viewing_copy(data, Kind.PDF)
    assert caught.value.refusal is refusal


def picture(fmt: str, mode: str = "RGB", **saving: object) -> bytes:
    image = Image.new(mode, (40, 20), "white")
    image.putpixel((0, 0), 0 if mode in {"L", "1", "I;16"} else (255, 0, 0))
    stream = io.BytesIO()
    image.save(stream, fmt, **saving)  # type: ignore[arg-type]
    return stream.getvalue()


def with_orientation(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CANARY"
    return picture("JPEG", exif=exif, comment=b"CANARY")


def test_photograph_is_turned_and_loses_its_metadata() -> None:
    data = with_orientation(6)
    assert b"CANARY" in data
    copy = viewing_copy(data, Kind.JPEG)
    assert (copy.kind, copy.pages, copy.width, copy.height) == (Kind.JPEG, 1, 20, 40)
    assert b"CANARY" not in copy.data
    with Image.open(io.BytesIO(copy.data)) as image:
        assert (image.size, dict(image.getexif())) == ((20, 40), {})


def test_png_keeps_its_pixels_and_loses_its_texts() -> None:
    copy = viewing_copy(picture("PNG", mode="RGB"), Kind.PNG)
    with Image.open(io.BytesIO(copy.data)) as image:
        assert (image.format, image.getpixel((0, 0)), image.info) == ("PNG", (255, 0, 0), {})


@pytest.mark.parametrize(
    ("fmt", "kind", "mode"),
    [
        *(("JPEG", Kind.JPEG, mode) for mode in ("RGB", "L", "CMYK", "1")),
        *(("PNG", Kind.PNG, mode) for mode in ("RGB", "L", "RGBA", "LA", "P", "1", "I;16")),
    ],
)
def test_every_kind_of_pixels_is_shown(fmt: str, kind: Kind, mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (40, 20)).save(stream, fmt)
    copy = viewing_copy(stream.getvalue(), kind)
    assert (copy.width, copy.height) == (40, 20)


def test_thumbnail_is_a_small_jpeg() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (3000, 1500)).save(stream, "PNG")
    with Image.open(io.BytesIO(thumbnail(stream.getvalue(), edge=100))) as image:
        assert (image.format, image.size) == ("JPEG", (100, 50))


def huge(width: int, height: int) -> bytes:
    """A PNG whose header declares a size, and whose pixels are not there."""
    good = picture("PNG")
    chunk = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + good[24:29]
    return good[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + good[33:]


@pytest.mark.parametrize(
    ("data", "kind", "refusal"),
    [
        (b"\xff\xd8\xff\xe0 nothing", Kind.JPEG, Refusal.IMAGE_BROKEN),
        (picture("PNG")[:60], Kind.PNG, Refusal.IMAGE_BROKEN),
        (picture("BMP"), Kind.JPEG, Refusal.IMAGE_BROKEN),
        (huge(60_000, 60_000), Kind.PNG, Refusal.IMAGE_TOO_MANY_PIXELS),
        (huge(10_000, 9_000), Kind.PNG, Refusal.IMAGE_TOO_MANY_PIXELS),
    ],
)
def test_picture_that_cannot_be_shown_is_refused(data: bytes, kind: Kind, refusal: Refusal) -> None:
    with pytest.raises(FileRefused) as caught:
        viewing_copy(data, kind)
    assert caught.value.refusal is refusal


@pytest.mark.parametrize("kind", [Kind.DICOM, Kind.ZIP])
def test_other_kinds_have_no_viewing_copy(kind: Kind) -> None:
    with pytest.raises(ValueError, match="no viewing copy"):
        viewing_copy(b"", kind)


def test_copy_of_a_pdf_has_no_size_in_pixels() -> None:
    copy = viewing_copy(pdf_with(nothing), Kind.PDF)
    assert copy == ViewingCopy(Kind.PDF, copy.data, 2)
