"""Viewing copies of PDF and pictures: what a browser gets to see, without what could act or tell.

The original is kept beside, with its hash; nobody's browser renders it.
"""

import io
from collections.abc import Iterable

import pikepdf
from PIL import Image, ImageOps, UnidentifiedImageError

from mdt.adapters.sandbox_wire import Plain
from mdt.rules.attachments import FileRefused, Refusal

PIXEL_LIMIT = 80_000_000

_ACTING_KEYS = ("/AA", "/JS", "/EF", "/RF", "/RichMediaContent", "/OpenAction")
_DROPPED_ANNOTATIONS = frozenset(
    {"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound"}
)
_DEPTH_LIMIT = 60

# Pillow's own guard, for the case that a header lies after our check.
Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT


def view_pdf(data: bytes) -> Plain:
    """Return ``{"data", "pages"}``: the PDF without scripts, actions, forms and files inside."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            pages = len(pdf.pages)
            if pages == 0:
                raise FileRefused(Refusal.PDF_BROKEN)
            _clean_catalogue(pdf)
            for page in pdf.pages:
                _clean_annotations(page.obj)
            for thing in pdf.objects:
                _clean_object(thing)
            if "/Info" in pdf.trailer:
                del pdf.trailer["/Info"]
            stream = io.BytesIO()
            # A user's permissions are encryption too: the copy has none.
            pdf.save(stream, encryption=False, fix_metadata_version=False)
    except pikepdf.PasswordError as error:
        raise FileRefused(Refusal.PDF_ENCRYPTED) from error
    except pikepdf.PdfError as error:
        raise FileRefused(Refusal.PDF_BROKEN) from error
    return {"data": stream.getvalue(), "pages": pages}


def view_image(
    data: bytes, edge: int | None, fmt: str, black: list[list[int]] | None = None
) -> Plain:
    """Return ``{"data", "width", "height"}``: the picture drawn anew, upright, with no metadata.

    ``edge`` is the longest side of a thumbnail; ``fmt`` is ``jpeg`` or ``png``. ``black`` are
    rectangles of the upright picture (left, top, width, height) that are blacked out.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as source:
            if source.width * source.height > PIXEL_LIMIT:
                raise FileRefused(Refusal.IMAGE_TOO_MANY_PIXELS)
            if edge is not None:
                source.draft("RGB", (edge, edge))
            picture = _upright(source)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefused(Refusal.IMAGE_TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise FileRefused(Refusal.IMAGE_BROKEN) from error
    for left, top, width, height in black or ():
        picture.paste(0, (left, top, left + width, top + height))
    if edge is not None:
        picture.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    return {"data": _encoded(picture, fmt), "width": picture.width, "height": picture.height}


def _upright(source: Image.Image) -> Image.Image:
    """Turn as the camera's note says, and reduce to colours that every browser shows."""
    picture = ImageOps.exif_transpose(source)
    if picture.mode.startswith("I;16") or picture.mode == "I":
        # 16-bit grey: Pillow would clip and not scale.
        return picture.convert("I").point(lambda value: value / 257).convert("L")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        flat = Image.new("RGB", picture.size, "white")
        layer = picture.convert("RGBA")
        flat.paste(layer, mask=layer.getchannel("A"))
        return flat
    return picture.convert("L" if picture.mode in {"L", "1"} else "RGB")


def _encoded(picture: Image.Image, fmt: str) -> bytes:
    stream = io.BytesIO()
    # A copy has no `info`, in which comments and profiles would travel along.
    clean = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if fmt == "png":
        clean.save(stream, "PNG")
    else:
        clean.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def _clean_catalogue(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    _drop(root, ("/OpenAction", "/AA", "/AF", "/Collection", "/Metadata", "/PieceInfo"))
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        _drop(names, ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations", "/Renditions"))
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        _drop(form, ("/XFA",))


def _clean_annotations(page: pikepdf.Object) -> None:
    """Drop the annotations that carry files or media."""
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return
    page["/Annots"] = pikepdf.Array(
        [
            annotation
            for annotation in annotations.as_list()
            if isinstance(annotation, pikepdf.Dictionary)
            and str(annotation.get("/Subtype")) not in _DROPPED_ANNOTATIONS
        ]
    )


def _clean_object(thing: object, depth: int = 0) -> None:
    """Remove actions and files from an object and from what is written inside it.

    What it refers to is an object of its own, and cleaned as such.
    """
    if depth > _DEPTH_LIMIT:
        raise FileRefused(Refusal.PDF_BROKEN)
    # Numbers and booleans come out as Python's own.
    inner: list[object]
    if isinstance(thing, pikepdf.Array):
        inner = list(thing.as_list())
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        _drop(thing, _ACTING_KEYS)
        _drop(thing, [key for key in ("/A", "/Dest", "/Next") if _acts(thing.get(key))])
        inner = [thing[key] for key in thing.keys()]  # noqa: SIM118 - not a mapping
    else:
        return
    for item in inner:
        if isinstance(item, pikepdf.Object) and not item.is_indirect:
            _clean_object(item, depth + 1)


def _acts(value: object) -> bool:
    """Whether this is an action other than a jump within the document."""
    if isinstance(value, pikepdf.Array):
        return any(_acts(item) for item in value.as_list())
    if not isinstance(value, pikepdf.Dictionary) or "/S" not in value:
        return False
    # The structure tree uses the same key for attributes, which have an owner and no action.
    return "/O" not in value and str(value["/S"]) != "/GoTo"


def _drop(thing: pikepdf.Object, keys: Iterable[str]) -> None:
    for key in keys:
        if key in thing:
            del thing[key]
