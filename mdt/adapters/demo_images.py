"""Images for the demonstration data, made by code: nobody's body, but real files.

A chest CT as DICOM, a microscope picture of an adenocarcinoma, a scanned report. The same seed and
particulars give the same bytes.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from time import gmtime

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from mdt.adapters.phantoms.anatomy import FIELD_MM, HEIGHT_MM
from mdt.adapters.phantoms.chest import Chest
from mdt.adapters.phantoms.histology import adenocarcinoma
from mdt.adapters.phantoms.paper import paper_report

_IMPLEMENTATION_UID = "2.25.160482911837264591733046112094873325681"
_INTERCEPT = -1024


@dataclass(frozen=True)
class _Uids:
    """UIDs under the root 2.25, each from a hash of what it stands for."""

    seed: str

    def of(self, what: str) -> str:
        digest = hashlib.sha256(f"{self.seed}|{what}".encode()).digest()
        return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def synthetic_chest_ct(
    *,
    patient_name: str,
    patient_id: str,
    sex: str,
    birth_date: date | None,
    study_date: date,
    seed: int,
    hospital: str = "",
    lesion_mm: float = 24.0,
    slices: int = 64,
    size: int = 384,
) -> Iterator[bytes]:
    """Yield the slices of an enhanced chest CT as DICOM files, from the head down.

    ``sex`` is ``M``, ``F`` or ``O``; ``lesion_mm`` the diameter of the spiculated nodule in the
    right upper lobe; ``size`` rows and columns. CT Image Storage, Explicit VR Little Endian, text
    in GB18030, 320 mm from the lower neck to the upper abdomen.
    """
    uids = _Uids(f"{seed}|{patient_id}|{patient_name}|{study_date.isoformat()}")
    base = _study(uids, study_date, size)
    base.PatientName, base.PatientID, base.PatientSex = patient_name, patient_id, sex
    base.PatientBirthDate = birth_date.strftime("%Y%m%d") if birth_date else ""
    base.InstitutionName = hospital
    thickness = HEIGHT_MM / slices
    base.SliceThickness = base.SpacingBetweenSlices = round(thickness, 4)
    chest = Chest(size=size, seed=seed, lesion_mm=lesion_mm, female=sex == "F")
    for index in range(slices):
        z = (index + 0.5) * thickness
        base.SOPInstanceUID = uids.of(f"instance {index}")
        _place(base, index, z, size)
        yield _file(base, chest.slice_at(z, thickness))


def pathology_picture(*, seed: int, width: int = 1600, height: int = 1200) -> bytes:
    """Return a JPEG of an adenocarcinoma in haematoxylin and eosin, as through a microscope."""
    return _jpeg(adenocarcinoma(seed=seed, width=width, height=height), 90)


def scanned_report(
    lines: Sequence[str], *, seed: int = 1, as_pdf: bool = False, detail: float = 1.0
) -> bytes:
    """Return a JPEG (or a PDF of it) of a paper report as a flat-bed scanner sees it.

    A4 at 150 dpi, times ``detail``. The first line is the hospital, the second the title; ``---``
    is a rule.
    """
    page = paper_report(lines, seed=seed, detail=detail)
    if not as_pdf:
        return _jpeg(page, 86)
    stream = io.BytesIO()
    made = gmtime(0)  # the library would write the time of making
    image = Image.fromarray(page, "RGB")
    image.save(stream, "PDF", resolution=150, quality=86, creationDate=made, modDate=made)
    return stream.getvalue()


def _study(uids: _Uids, study_date: date, size: int) -> Dataset:
    day = study_date.strftime("%Y%m%d")
    number = int(uids.of("time").removeprefix("2.25.")) % 480
    hour = f"{8 + number // 60:02d}{number % 60:02d}30"
    dataset = Dataset()
    dataset.SpecificCharacterSet = "GB18030"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.SOPClassUID = CTImageStorage
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = day
    dataset.StudyTime = dataset.SeriesTime = dataset.AcquisitionTime = dataset.ContentTime = hour
    dataset.AccessionNumber = f"CT{day[2:]}{number:04d}"
    dataset.Modality = "CT"
    dataset.Manufacturer = "MDT PHANTOM"
    dataset.ManufacturerModelName = "SYNTHETIC CT"
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "胸部增强CT"
    dataset.SeriesDescription = "胸部增强 静脉期 5mm"
    dataset.ProtocolName = "胸部增强"
    dataset.ContrastBolusAgent = "碘海醇"
    dataset.BodyPartExamined = "CHEST"
    dataset.KVP = 120
    dataset.XRayTubeCurrent = 220
    dataset.PatientPosition = "HFS"
    dataset.ConvolutionKernel = "STANDARD"
    dataset.StudyInstanceUID = uids.of("study")
    dataset.SeriesInstanceUID = uids.of("series")
    dataset.FrameOfReferenceUID = uids.of("frame of reference")
    dataset.StudyID = "1"
    dataset.SeriesNumber = 2
    dataset.AcquisitionNumber = 1
    dataset.PositionReferenceIndicator = ""
    _describe_pixels(dataset, size)
    return dataset


def _describe_pixels(dataset: Dataset, size: int) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows = dataset.Columns = size
    dataset.PixelSpacing = [round(FIELD_MM / size, 6)] * 2
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = _INTERCEPT, 1, "HU"
    dataset.WindowCenter, dataset.WindowWidth = [40, -600], [400, 1500]
    dataset.WindowCenterWidthExplanation = ["纵隔窗", "肺窗"]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]


def _place(dataset: Dataset, index: int, z: float, size: int) -> None:
    """Set number and position; the patient coordinate z grows towards the head."""
    corner = round(-(FIELD_MM / size) * (size - 1) / 2, 4)
    height = round(-z, 4)
    dataset.InstanceNumber = index + 1
    dataset.ImagePositionPatient = [corner, corner, height]
    dataset.SliceLocation = height


def _file(dataset: Dataset, hounsfield: NDArray[np.int16]) -> bytes:
    dataset.PixelData = np.asarray(hounsfield - _INTERCEPT, "<u2").tobytes()
    dataset["PixelData"].VR = "OW"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(_IMPLEMENTATION_UID)
    dataset.file_meta = meta
    stream = io.BytesIO()
    dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def _jpeg(colour: NDArray[np.uint8], quality: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(colour, "RGB").save(stream, "JPEG", quality=quality)
    return stream.getvalue()
